"""Genes of circular contigs: what crosses the origin, and which codes organelles have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from gas.engines.bcftools.consequence.transcript import Span, Transcript
from gas.engines.bcftools.genes.feature import Feature
from gas.vcf.accessions import MITOCHONDRION

CODE_BY_NAME = dict.fromkeys(MITOCHONDRION, 2) | {
    "Mito": 3,
    "MtDNA": 5,
    "mitochondrion_genome": 5,
    "dmel_mitochondrion_genome": 5,
    "Pt": 11,
    "chrPt": 11,
    "chloroplast": 11,
    "Pltd": 11,
}
"""NCBI genetic code by the name that Ensembl and UCSC give the contig: vertebrates, yeast, worm,
fly, plants. Files of NCBI tell the code with each CDS."""
STANDARD = 1


def code_of(names: Iterable[str]) -> int:
    """The genetic code of a contig known under these names."""
    return next((CODE_BY_NAME[name] for name in names if name in CODE_BY_NAME), STANDARD)


def joined_at_origin(lines: Sequence[Feature], bases: int) -> Sequence[Feature]:
    """Lines that begin at 1 and end at the last base are one transcript across the origin: those
    before the widest gap are moved behind the end, where a GFF3 should have them."""
    ordered = sorted(lines, key=lambda line: line.start)
    if len(ordered) < 2 or ordered[0].start != 1 or max(x.end for x in ordered) != bases:
        return lines
    gaps = [(two.start - one.end, two.start) for one, two in pairwise(ordered)]
    _, behind = max(gaps)
    return [
        line
        if line.start >= behind
        else line._replace(start=line.start + bases, end=line.end + bases)
        for line in lines
    ]


def laps(whole: Transcript, bases: int) -> list[Transcript]:
    """Where it is met on a ring of so many bases: once, or twice if it crosses the origin."""
    first = _moved(whole, -(whole.start - 1) // bases * bases) if whole.start > bases else whole
    if first.end <= bases:
        return [first]
    return [first, _moved(first, -bases)]


def _moved(whole: Transcript, by: int) -> Transcript:
    def moved(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple((start + by, end + by) for start, end in spans)

    return replace(
        whole,
        start=whole.start + by,
        end=whole.end + by,
        exons=moved(whole.exons),
        cds=moved(whole.cds),
        selenocysteines=tuple(at + by for at in whole.selenocysteines),
    )
