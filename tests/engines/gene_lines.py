"""Files of genes written in tests: columns between spaces, attributes last."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.genes.models import ContigShape, Models, models_of
from gas.engines.bcftools.genes.reading import contigs_of
from gas.engines.bcftools.genes.rings import code_of


def tabbed(text: str) -> str:
    """Comments stay as they are; the eight columns before the attributes get their tabs."""
    lines = (line.strip() for line in text.strip().splitlines())
    return "".join(
        (line if line.startswith("#") else "\t".join(line.split(None, 8))) + "\n"
        for line in lines
        if line
    )


def read(folder: Path, text: str, bases: int = 100_000) -> Models:
    """Of a file with one contig."""
    path = folder / "genes"
    path.write_text(tabbed(text))
    (contig,) = contigs_of(path, hashlib.sha256())
    code = code_of((contig.name, *contig.aliases))
    return models_of(contig.features, ContigShape(bases, circular=contig.circular, code=code))


def one(folder: Path, text: str, bases: int = 100_000) -> Transcript:
    (transcript,) = read(folder, text, bases).transcripts
    return transcript
