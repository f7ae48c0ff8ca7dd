"""The stages of one run, from the spool of clean records to the results."""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from gas.engines.bcftools.deliver import deliver_stage
from gas.engines.bcftools.headers import (
    HAPLOTYPES,
    RECORD,
    info_change,
    quality_line,
    reserved_fields,
    results_header,
)
from gas.engines.bcftools.outputs.finish import finish_outputs
from gas.engines.bcftools.outputs.origin import Origin, header_lines
from gas.engines.bcftools.outputs.summary import Taking
from gas.engines.bcftools.prepare import lay_out_genes
from gas.engines.bcftools.record import DeliverSpec
from gas.engines.bcftools.references import GENES_FOLDER, Installed
from gas.engines.bcftools.results import output_paths
from gas.engines.bcftools.shelf.use import Used, known_stages, known_uses
from gas.engines.bcftools.spec import RunSpec
from gas.engines.bcftools.stages import Stage, bcftools
from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Taken

FEW_RECORDS = 100_000
"""Up to so many, known variants may be looked up by position."""
LEFT_ALONE = 'N_ALT=1 && ALT~"^<"'
"""What `norm` takes as it is: it would move a deletion whose length is not told to position 1."""
CSQ = "csq"
"""The stage that calls haplotypes."""
MANY_RECORDS = 10_000
"""From so many on, it pays to have several processes write."""


class Line:
    def __init__(
        self,
        spec: RunSpec,
        installed: Installed,
        names: ContigNames,
        taken: Taken,
        fed: mmap.mmap,
        *,
        quality_key: str,
    ) -> None:
        """`fed`: eight bytes in which the feeding process says how far it is."""
        self._spec = spec
        self._installed = installed
        self._names = names
        self._taken = taken
        self._fed = fed
        self._quality_key = quality_key
        self._change = info_change(taken.header, spec.chosen)
        self._header_path = spec.scratch("results.header")

    def write_headers(self, origin: Origin) -> None:
        """That of the results; the one that the tools get lies beside it."""
        lengths = self._names.lengths
        contigs = {name: lengths[contig] for name, contig in self._taken.contig_by_name.items()}
        known = [line for used in self._known() for line in used.headers()]
        self._header_path.write_text(
            results_header(
                self._taken.header,
                self._change,
                contigs,
                known=known,
                used=header_lines(origin),
                options=self._spec.chosen,
            )
        )
        carried = {
            contig: lengths[contig] for contig in dict.fromkeys(self._taken.contig_by_name.values())
        }
        self._spec.scratch("tools.header").write_text(
            self._taken.header.carrier_text(carried, (quality_line(self._quality_key),))
        )

    def _known(self) -> list[Used]:
        return known_uses(self._installed.known, reserved_fields(self._taken.header, self._change))

    def stages(self, folder: Path, *, sort: bool) -> list[Stage]:
        """From the spool to the results. `folder`: where the pipes of the tables were laid."""
        spec = self._spec
        plain = ["--no-version", "-Ou", "-o", "-"]
        line = [Stage("feed", self._feed)]
        if self._change.gone:
            gone = ",".join(f"INFO/{name}" for name in sorted(self._change.gone))
            line.append(Stage("strip", bcftools("annotate", "-x", gone, *plain, "-")))
        norm = ["-m", "-any", "-c", "w", "--force", "--old-rec-tag", RECORD]
        norm += ["-e", LEFT_ALONE, "-f", str(self._installed.genome_path)]
        line.append(Stage("norm", bcftools("norm", *norm, *plain, "-")))
        if sort:
            sorting = ["-m", "256M", "-T", str(spec.scratch("sort")), "-Ou", "-o", "-", "-"]
            line.append(Stage("sort", bcftools("sort", *sorting)))
        few = folder / "few" if self._taken.kept_alleles <= FEW_RECORDS else None
        reserved = reserved_fields(self._taken.header, self._change)
        line += known_stages(self._installed.known, sparse_regions_path=few, reserved=reserved)
        line += self._haplotypes(plain)
        line.append(Stage("text", bcftools("view", "--no-version", "-H", "-Ov", "-o", "-", "-")))
        processes = spec.processes if self._taken.kept_alleles >= MANY_RECORDS else 1
        return [*line, deliver_stage(self._deliver_spec(folder), processes)]

    def _haplotypes(self, plain: Sequence[str]) -> list[Stage]:
        genes = self._spec.scratch("genes.gff3")
        if not self._spec.chosen.haplotypes:
            return []
        if len(self._taken.header.columns) < 10:
            return []  # without genotypes there are none
        if not lay_out_genes(self._installed, self._taken.contig_by_name.values(), genes):
            return []
        options = ["-p", "s", "-c", HAPLOTYPES, "-n", "64", "--force", "-v", "0"]
        paths = ["-f", str(self._installed.genome_path), "-g", str(genes)]
        return [Stage(CSQ, bcftools("csq", *options, *paths, *plain, "-"))]

    def _deliver_spec(self, folder: Path) -> DeliverSpec:
        known = self._known()
        genes = self._installed.path / GENES_FOLDER
        return DeliverSpec(
            target_path=self._spec.path(".annot.vcf.gz"),
            header_path=self._header_path,
            feed_folder=folder,
            genome_path=self._installed.genome_path,
            transcripts_paths={
                contig: genes / name for contig, name in self._installed.transcripts.items()
            },
            name_by_contig=self._taken.name_by_contig,
            renamed=self._change.renamed,
            id_fields=tuple(name for used in known for name in used.id_fields),
            known={used.known.name: [one.name for one in used.fields] for used in known},
            ann=self._spec.chosen.ann,
            quality_key=self._quality_key,
        )

    def tables(self, folder: Path) -> Stage:
        """Beside the line; it ends when the line has."""
        spec = self._spec
        taking = Taking(spec.input_name, spec.reference, self._taken.kept, self._taken.rejected)
        return Stage("tables", lambda: finish_outputs(folder, output_paths(spec), taking))

    def _feed(self) -> None:
        with os.fdopen(os.dup(1), "wb") as target:
            target.write(self._spec.scratch("tools.header").read_bytes())
            with self._spec.scratch("records.gz").open("rb") as spool:
                unpacker = zlib.decompressobj(wbits=31)
                while chunk := spool.read(1 << 16):
                    target.write(unpacker.decompress(chunk))
                    struct.pack_into("q", self._fed, 0, spool.tell())
                target.write(unpacker.flush())
