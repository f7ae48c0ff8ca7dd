"""A small reference with known variants, and runs of the stages that use them."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pysam

from engines.mirror import genes_of, small_genome
from gas.engines.bcftools import InstalledReferences, add_reference
from gas.engines.bcftools.references import Installed
from gas.engines.bcftools.shelf.added import annotate_with
from gas.engines.bcftools.shelf.known import Known
from gas.engines.bcftools.shelf.naming import parse_fields
from gas.engines.bcftools.shelf.report import Event, Note

NOW = "2026-01-02T03:04:05+00:00"
SOURCE = str(Path(__file__).parents[2] / "src")
PROGRAM = """
import json, os, sys
from pathlib import Path
from gas.engines.bcftools import stages
from gas.engines.bcftools.shelf import lookup
from gas.engines.bcftools.shelf.known import from_plain
from gas.engines.bcftools.shelf.use import known_stages
from gas.engines.bcftools.stages import Stage, bcftools
genome, source, target, work, sparse, reserved, known = json.loads(sys.stdin.read())
lookup.ROWS_FOR_A_LOOK_UP = -1  # however small the tables of a test are
norm = ["-m", "-any", "-c", "w", "-f", genome, "-Ou", "--no-version", "-o", "-", source]
line = [Stage("norm", bcftools("norm", *norm))]
line += known_stages([from_plain(one) for one in known], reserved=reserved,
                     sparse_regions_path=Path(work, "places") if sparse else None)
line.append(Stage("text", bcftools("view", "--no-version", "-Ov", "-o", target, "-")))
started = stages.start(line, Path(work))
while stages.poll(started):
    pass
for stage in started:
    if stage.status:
        print(stage.name, stage.status, stage.errors_path.read_text(), file=sys.stderr)
sys.exit(any(stage.status for stage in started))
"""


@dataclass(frozen=True)
class Annotated:
    header: list[str]
    rows: list[list[str]]

    def info(self, row: int) -> dict[str, str]:
        return info_of(self.rows[row])


def info_of(row: list[str]) -> dict[str, str]:
    return {} if row[7] == "." else dict(x.partition("=")[::2] for x in row[7].split(";"))


@dataclass
class KnownBench:
    """`references/NAME` and a folder to work in."""

    path: Path
    name: str
    said: list[Event]

    @property
    def installed(self) -> Installed:
        found = InstalledReferences(self.path / "references").find(self.name)
        assert found is not None
        return found

    def add(self, file: Path, source: str, fields: str = "", release: str = "") -> Known:
        return annotate_with(
            self.path / "references",
            self.name,
            file,
            source=source,
            now=NOW,
            fields=parse_fields(fields),
            release=release,
            report=self.said.append,
        )

    def add_text(
        self, text: str, source: str = "lab", fields: str = "", name: str = "lab.vcf"
    ) -> Known:
        file = self.path / name
        file.write_text(text)
        return self.add(file, source, fields)

    def annotate(
        self, source: Path, *, sparse: bool = False, reserved: Collection[str] = ()
    ) -> Annotated:
        """norm | known stages, in a process of its own, as a run does it."""
        work = self.path / f"work{len(list(self.path.glob('work*')))}"
        work.mkdir()
        known = [one.plain() for one in self.installed.known]
        target = work / "out.vcf"
        told = [self.installed.genome_path, source, target, work]
        text = json.dumps([*map(str, told), sparse, list(reserved), known])
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=text,
            env={"PYTHONPATH": SOURCE},
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert run.returncode == 0, run.stderr
        lines = target.read_text().splitlines()
        header = [line for line in lines if line.startswith("#")]
        return Annotated(header, [line.split("\t") for line in lines[len(header) :]])

    def annotate_rows(
        self,
        rows: Sequence[str],
        *,
        header: Sequence[str] = (),
        sparse: bool = False,
        reserved: Collection[str] = (),
    ) -> Annotated:
        """Rows with spaces for tabs: contig, position, ID, REF, ALT, INFO."""
        contigs = self.installed.reference.contigs
        lines = ["##fileformat=VCFv4.2", *header]
        lines += [f"##contig=<ID={name},length={bases}>" for name, bases in contigs.items()]
        lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
        for row in rows:
            *place, info = row.split()
            lines.append("\t".join([*place, ".", ".", info]))
        source = self.path / "in.vcf"
        source.write_text("\n".join(lines) + "\n")
        return self.annotate(source, sparse=sparse, reserved=reserved)


def known_bench(path: Path, name: str, fasta: Path, gff: Path) -> KnownBench:
    add_reference(path / "references", name, fasta=fasta, gff=gff)
    return KnownBench(path, name, [])


DEPTH = '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">'
# In contig 1 of the small genome, from 1-based 1001: planted, so that alignment has work to do.
PLANTED = "GATTACACACACAGGTCAAAAAAGTC"
HEAD = """##fileformat=VCFv4.2
##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency in the lab">
##INFO=<ID=NOTE,Number=.,Type=String,Description="Some "quoted" words">
##INFO=<ID=SEEN,Number=0,Type=Flag,Description="Seen">
##INFO=<ID=COUNT,Number=1,Type=Integer,Description="How often">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""


def small_bench(path: Path) -> KnownBench:
    genome = small_genome()
    genome["1"] = genome["1"][:1000] + PLANTED + genome["1"][1000 + len(PLANTED) :]
    fasta, gff = path / "g.fa", path / "g.gff3"
    fasta.write_text("".join(f">{name}\n{bases}\n" for name, bases in genome.items()))
    gff.write_text(genes_of(genome))
    return known_bench(path, "small", fasta, gff)


def rows(*lines: str) -> str:
    """A VCF of the lab: rows with spaces for tabs."""
    return HEAD + "".join("\t".join(line.split()) + "\n" for line in lines)


def table(bench: KnownBench) -> list[list[str]]:
    """The rows that were made, of the only source."""
    (known,) = bench.installed.all_known
    text = gzip.decompress(known.table_path.read_bytes()).decode()
    return [line.split("\t") for line in text.splitlines()]


def notes(bench: KnownBench) -> str:
    return "\n".join(event.text for event in bench.said if isinstance(event, Note))


def bench_base(bench: KnownBench, contig: str, position: int) -> str:
    with pysam.FastaFile(str(bench.installed.genome_path)) as genome:
        return str(genome.fetch(contig, position - 1, position))
