"""HGVS of nucleotides: g., m., c. and n., as Ensembl writes them.

Insertions and deletions are moved as far towards 3' as they go, on the strand of the transcript
(forward for g.); an insertion of what is there already is a duplication.
"""

from __future__ import annotations

from typing import NamedTuple

from gas.engines.bcftools.consequence.codons import reverse_complement
from gas.engines.bcftools.consequence.layout import Layout
from gas.engines.bcftools.consequence.variant import Variant

MITOCHONDRIA = frozenset({"MT", "M", "chrM", "chrMT", "NC_012920.1"})
"""Contigs whose positions are told as 'm.', not 'g.'."""


class Described(NamedTuple):
    """What happened, on one strand. For an insertion, the bases to its left and right."""

    kind: str
    """'>', 'del', 'ins', 'dup', 'inv', 'delins', or '[3]' for so many copies."""
    first: int
    last: int
    """Positions of the genome in the order of the strand."""
    ref: str
    alt: str

    def text(self, first: str, last: str) -> str:
        """Behind 'g.' or 'c.', with coordinates as these name them."""
        if self.kind == ">":
            return f"{first}{self.ref}>{self.alt}"
        where = first if first == last else f"{first}_{last}"
        return f"{where}{self.kind}{self.alt if self.kind in ('ins', 'delins') else ''}"


def described(variant: Variant, strand: int, low: int, high: int) -> Described | None:
    """None if nothing changes or the alleles are not plain bases.

    Positions below `low` or above `high` are not looked at when a duplication is sought.
    """
    if not variant.plain:
        return None
    moved = variant.shifted(strand)
    alt = moved.alt if strand > 0 else reverse_complement(moved.alt)
    if moved.inserted:
        return _insertion(moved, strand, alt, low, high)
    ref = variant.genome.fetch(variant.contig, moved.start, moved.end)
    ref = ref if strand > 0 else reverse_complement(ref)
    first, last = (moved.start, moved.end) if strand > 0 else (moved.end, moved.start)
    if ref == alt:
        return None
    if not alt:
        return Described("del", first, last, ref, alt)
    if len(ref) == len(alt):
        kind = ">" if len(ref) == 1 else "inv" if alt == reverse_complement(ref) else "delins"
    else:
        copies, rest = divmod(len(alt), len(ref))
        repeats = rest == 0 and alt == ref * copies
        if repeats and copies == 2:
            return Described("dup", first, last, ref, alt)
        kind = f"[{copies}]" if repeats else "delins"
    return _clipped(variant, strand, Described(kind, first, last, ref, alt), low, high)


def genomic(found: Described | None, prefix: str) -> str:
    """Behind `prefix` ('21:g.'), of what is described on the forward strand; '' if nothing is."""
    return prefix + found.text(str(found.first), str(found.last)) if found is not None else ""


def coding(layout: Layout, variant: Variant, prefix: str) -> str:
    """Behind `prefix` ('ENST00000352957.10:c.'); '' if it is not wholly within the transcript."""
    transcript = layout.transcript
    if variant.low < transcript.start or variant.high > transcript.end or not variant.plain:
        return ""
    end = variant.shifted(layout.strand)
    last = end.end if layout.strand > 0 else end.start
    if not transcript.start <= last <= transcript.end:
        return ""
    found = described(variant, layout.strand, transcript.start, transcript.end)
    if found is None:
        return ""
    if variant.snv:
        position = layout.cds(variant.start) if layout.coding else None
        if position is not None:
            return prefix + found.text(str(position), str(position))
    first, second = coordinate(layout, found.first), coordinate(layout, found.last)
    if not first or not second:
        return ""
    return prefix + found.text(first, second)


def coordinate(layout: Layout, position: int) -> str:
    """'12', '-12', '*12', '12+5', '13-5'; '' outside of the transcript.

    In an intron, of the nearer exon; in its middle, of the one before.
    """
    at = layout.gap_after(position)
    if at < 0:
        return ""
    end = layout.exons[at][1]
    if position <= end:
        return _numbered(layout, at, position)
    if at + 1 == len(layout.exons):
        return ""
    following = layout.exons[at + 1][0]
    if left_is_nearer(layout, position - end, following - position):
        sign = "+" if layout.strand > 0 else "-"
        return f"{_numbered(layout, at, end)}{sign}{position - end}"
    sign = "-" if layout.strand > 0 else "+"
    return f"{_numbered(layout, at + 1, following)}{sign}{following - position}"


def left_is_nearer(layout: Layout, left: int, right: int) -> bool:
    """In an intron, with so many bases to the exons at both sides."""
    return left < right or (left == right and layout.strand > 0)


def _numbered(layout: Layout, exon: int, position: int) -> str:
    """Of a position in an exon, told from the start or stop codon if there are any."""
    cdna = layout.cdna_in(exon, position)
    if not layout.coding:
        return str(cdna)
    if cdna < layout.cdna_coding_start:
        return str(cdna - layout.cdna_coding_start)
    if cdna > layout.cdna_coding_end:
        return f"*{cdna - layout.cdna_coding_end}"
    cds = layout.cds(position)
    return str(cdna - layout.cdna_coding_start + 1 if cds is None else cds - layout.pad)


def _insertion(moved: Variant, strand: int, alt: str, low: int, high: int) -> Described:
    """`alt` on the strand; `moved` lies between the bases before and after it."""
    before, after = (moved.end, moved.start) if strand > 0 else (moved.start, moved.end)
    size = len(alt)
    for first, last in (
        (after, after + strand * (size - 1)),
        (before - strand * (size - 1), before),
    ):
        start, end = min(first, last), max(first, last)
        if start < low or end > high:
            continue
        bases = moved.genome.fetch(moved.contig, start, end)
        if (bases if strand > 0 else reverse_complement(bases)) == alt:
            return Described("dup", first, last, alt, alt)
    return Described("ins", before, after, "", alt)


def _clipped(variant: Variant, strand: int, found: Described, low: int, high: int) -> Described:
    """Without the bases that both alleles share at their ends."""
    kind, first, last, ref, alt = found
    while ref and alt and ref[0] == alt[0]:
        ref, alt, first = ref[1:], alt[1:], first + strand
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt, last = ref[:-1], alt[:-1], last - strand
    if not ref:
        start = first if strand > 0 else last
        bare = alt if strand > 0 else reverse_complement(alt)
        inserted = Variant(variant.genome, variant.contig, start, "", bare)
        return _insertion(inserted, strand, alt, low, high)
    if not alt:
        kind = "del"
    elif len(ref) == len(alt) == 1:
        kind = ">"
    return Described(kind, first, last, ref, alt)
