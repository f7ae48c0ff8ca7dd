"""Makes the files of a reference, in the child."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gas.engines.bcftools.fasta import copy_fasta
from gas.engines.bcftools.genes.installation import InstalledGenes, install_genes
from gas.engines.bcftools.references import ABOUT_NAME, GENES_FOLDER, GENOME_NAME

Emit = Callable[[dict[str, Any]], None]


def build_reference(told: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    """`told`: folder (empty), fasta, gff, title, installed_at."""
    from pysam.version import __version__ as pysam_version

    folder = Path(told["folder"])
    fasta_sum = hashlib.sha256()
    emit({"note": "Reading the genome."})
    bases = copy_fasta(Path(told["fasta"]), folder / GENOME_NAME, fasta_sum)
    emit({"note": f"{len(bases):,} contigs, {sum(bases.values()):,} bases."})
    emit({"note": "Reading the genes."})
    genes = install_genes(Path(told["gff"]), folder / GENES_FOLDER, bases)
    for note in _notes(genes):
        emit({"note": note})
    about = {
        "title": told["title"],
        "contigs": [
            {
                "name": name,
                "bases": length,
                "aliases": sorted(set(genes.aliases.get(name, ())) - set(bases)),
                "genes": genes.for_csq.get(name, ""),
                "transcripts": genes.transcripts.get(name, ""),
            }
            for name, length in bases.items()
        ],
        "checksums": {"fasta": fasta_sum.hexdigest(), "genes": genes.checksum},
        "transcripts": {key: genes.counts[key] for key in ("all", "coding", "mane")},
        "installed_at": told["installed_at"],
        "notes": "",
        "made_with": f"pysam {pysam_version}",
    }
    (folder / ABOUT_NAME).write_text(json.dumps(about, indent=1) + "\n")
    return {}


def _notes(genes: InstalledGenes) -> Iterator[str]:
    if genes.unmatched:
        yield f"{len(genes.unmatched):,} contigs of the genes are not in the genome."
    for why, count in genes.left_out.items():
        yield f"{count:,} transcripts are left out: {why}."
    counts = genes.counts
    yield f"{counts['all']:,} transcripts, {counts['coding']:,} of them coding."
    yield f"Genes on {len(genes.transcripts):,} contigs."
