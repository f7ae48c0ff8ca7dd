"""Lays a reference out for one run, under the names that the input uses.

An index of a FASTA may give one sequence several names, and genes are copied per contig: so
neither records nor results ever have to be renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gas.engines.bcftools.spec import RunSpec

PLACEHOLDER = b"@"
"""The first column of the installed genes, to be replaced by the contig's name."""


def lay_out(spec: RunSpec, contig_by_name: Mapping[str, str]) -> tuple[Path, Path | None]:
    """The FASTA and the genes, both in the run's scratch folder; None without any genes."""
    genome_path = spec.scratch("genome.fa.gz")
    source = Path(spec.genome_path)
    for ending in ("", ".gzi"):
        Path(f"{genome_path}{ending}").symlink_to(f"{source}{ending}")
    rows = Path(f"{source}.fai").read_text().splitlines()
    row_by_contig = dict(row.split("\t", 1) for row in rows)
    names = {**{name: name for name in row_by_contig}, **contig_by_name}
    index = "".join(f"{name}\t{row_by_contig[contig]}\n" for name, contig in names.items())
    Path(f"{genome_path}.fai").write_text(index)
    genes_path = spec.scratch("genes.gff3")
    used = [name for name, contig in contig_by_name.items() if contig in spec.genes_paths]
    if not used:
        return genome_path, None
    with genes_path.open("wb") as target:
        for name in used:
            genes = Path(spec.genes_paths[contig_by_name[name]]).read_bytes()
            target.write(genes.replace(b"\n" + PLACEHOLDER, b"\n" + name.encode()))
    return genome_path, genes_path
