"""The genes of one run as csq takes them: one file, of the contigs that the input has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gas.engines.bcftools.references import GENES_FOLDER, Installed

PLACEHOLDER = b"@"
"""The first column of the installed genes, to be replaced by the contig's name."""


def lay_out_genes(installed: Installed, contigs: Iterable[str], target_path: Path) -> bool:
    """False, and nothing is written, if none of the contigs has genes."""
    used = [contig for contig in contigs if contig in installed.genes]
    if not used:
        return False
    with target_path.open("wb") as target:
        for contig in used:
            genes = (installed.path / GENES_FOLDER / installed.genes[contig]).read_bytes()
            target.write(genes.replace(b"\n" + PLACEHOLDER, b"\n" + contig.encode()))
    return True
