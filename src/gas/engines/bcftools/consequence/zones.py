"""Stretches of a transcript in which all single bases fare alike, and their prepared text.

A zone is found when the first variant in it is met. Within it the terms and most fields stay
the same (in the CDS: but for what the codon tells), and positions count up or down with the
genome. Where that is not so (first and last codon, selenocysteine), the zone is GENERAL.
"""

from __future__ import annotations

from gas.engines.bcftools.consequence import hgvs
from gas.engines.bcftools.consequence.layout import Layout
from gas.engines.bcftools.consequence.sheet import Sheet
from gas.engines.bcftools.consequence.small import (
    exon_numbers,
    intron_numbers,
    splice_and_place,
)
from gas.engines.bcftools.consequence.terms import impact, joined, rank

FLANK, INTRON, EXON, CODING, GENERAL = range(5)
REACH = 17
"""From here on an intron is just an intron: behind the tract, the last of the splice terms."""


class Zone:
    """Positions first..last of the genome; the rest depends on the kind."""

    __slots__ = (
        "base", "cdna_base", "deep", "first", "head", "heads", "intron", "kind", "last", "layout",
        "number", "prefix", "rank", "sheet", "step", "terms",
    )  # fmt: skip

    first: int
    last: int
    kind: int
    layout: Layout
    sheet: Sheet
    terms: str
    """All of them; in CODING, those that do not depend on the codon."""
    rank: int
    intron: str
    """Its number, or ''."""
    head: str
    """Of an entry, from behind Allele up to DISTANCE (FLANK) or up to the number in HGVSc."""
    prefix: str
    """In HGVSc, what stands before the number: 'ENST00000352957.10:c.100+'."""
    number: str
    """Of it, what belongs to the coordinate: '100+'."""
    step: int
    base: int
    """The number of a position is step * (position - base): distance, HGVSc or CDS."""
    cdna_base: int
    """The same for the position in the cDNA."""
    deep: bool
    """In an intron, out of reach of its ends: insertions and deletions fare like single bases."""
    heads: dict[str, tuple[str, int, str]]
    """CODING: by coding term, the head up to HGVSc's number, the rank, and all terms."""

    def __init__(self, layout: Layout, sheet: Sheet, kind: int, first: int, last: int) -> None:
        self.layout, self.sheet, self.kind = layout, sheet, kind
        self.first, self.last = first, last
        self.terms, self.rank, self.deep, self.heads = "", 0, False, {}

    def coding_head(self, term: str) -> tuple[str, int, str]:
        """For a coding term that comes to the zone's own."""
        found = self.heads.get(term)
        if found is None:
            terms = joined(frozenset({term, *filter(None, self.terms.split("&"))}))
            found = (f"|{terms}|{impact(terms)}{self.head}", rank(terms), terms)
            self.heads[term] = found
        return found


def zone_at(layout: Layout, sheet: Sheet, position: int, flank_bases: int) -> Zone:
    transcript = layout.transcript
    if position < transcript.start:
        first, last = transcript.start - flank_bases, transcript.start - 1
        return _flank(layout, sheet, (first, last), step=-1, base=transcript.start)
    if position > transcript.end:
        first, last = transcript.end + 1, transcript.end + flank_bases
        return _flank(layout, sheet, (first, last), step=1, base=transcript.end)
    exon = layout.exon_at(position)
    if exon >= 0:
        return _exon(layout, sheet, position, exon)
    return _intron(layout, sheet, position)


def _flank(layout: Layout, sheet: Sheet, span: tuple[int, int], *, step: int, base: int) -> Zone:
    zone = Zone(layout, sheet, FLANK, *span)
    side = "upstream" if step * layout.strand < 0 else "downstream"
    zone.terms = f"{side}_gene_variant"
    zone.head = f"|{zone.terms}|{impact(zone.terms)}{sheet.name}" + "|" * 9
    zone.rank, zone.step, zone.base = rank(zone.terms), step, base
    return zone


def _around(position: int, edges: list[int]) -> tuple[int, int]:
    """The stretch between two edges; an edge is the first position of a stretch."""
    return (
        max(edge for edge in edges if edge <= position),
        min(edge for edge in edges if edge > position) - 1,
    )


def _splice_edges(layout: Layout, low: int, high: int) -> list[int]:
    """Where what is said of the ends of introns changes; those of short ones reach over."""
    edges = []
    for intron in layout.introns_near(low, high, REACH):
        edges += [intron.start + by for by in (-3, 0, 2, 4, 5, 6, 8, REACH)]
        edges += [intron.end + 1 - by for by in (-3, 0, 2, 4, 5, 6, 8, REACH)]
    return edges


def _intron(layout: Layout, sheet: Sheet, position: int) -> Zone:
    at = layout.gap_after(position)
    start, end = layout.exons[at][1] + 1, layout.exons[at + 1][0] - 1
    middle = (start + end) // 2 + (1 if layout.strand > 0 or (start + end) % 2 else 0)
    edges = [start, end + 1, middle, *_splice_edges(layout, start, end)]
    if layout.stretch:
        edges += [start + layout.stretch, end - layout.stretch + 1]
    edges = [edge for edge in edges if start <= edge <= end + 1]
    zone = Zone(layout, sheet, INTRON, *_around(position, edges))
    terms = splice_and_place(layout, position)
    _named(zone, terms, "", intron_numbers(layout, position, position))
    zone.deep = start + REACH <= position <= end - REACH
    coordinate = hgvs.coordinate(layout, position)
    sign = max(coordinate.rfind("+"), coordinate.rfind("-"))
    distance = int(coordinate[sign + 1 :])
    left, right = position - start + 1, end + 1 - position
    zone.step = 1 if hgvs.left_is_nearer(layout, left, right) else -1
    zone.base = position - zone.step * distance
    _numbered(zone, coordinate[: sign + 1])
    if "intron_variant" not in terms:
        zone.kind = GENERAL if layout.coding and _short(start, end) else INTRON
    return zone


def _short(start: int, end: int) -> bool:
    """It is taken for a frameshift, so that codons may be told of it."""
    return end - start <= 12


def _exon(layout: Layout, sheet: Sheet, position: int, exon: int) -> Zone:
    start, end = layout.exons[exon]
    edges = [start, end + 1, *_splice_edges(layout, start, end)]
    cds = layout.cds(position)
    if layout.coding:
        edges += [layout.coding_start, layout.coding_end + 1]
        edges += _codon_edges(layout, position, cds)
    edges = [edge for edge in edges if start <= edge <= end + 1]
    zone = Zone(layout, sheet, EXON, *_around(position, edges))
    _named(zone, splice_and_place(layout, position), exon_numbers(layout, position, position), "")
    cdna = layout.cdna_in(exon, position)
    zone.step = layout.strand
    zone.cdna_base = position - zone.step * cdna
    if cds is None:
        number = _untranslated(layout, cdna)
        zone.base = position - zone.step * number
        _numbered(zone, "*" if layout.coding and cdna > layout.cdna_coding_end else "")
        return zone
    once = len(layout.readings(position)) == 1
    zone.kind = CODING if once and _regular(layout, cds) else GENERAL
    zone.base = position - zone.step * cds
    _numbered(zone, "")
    return zone


def _untranslated(layout: Layout, cdna: int) -> int:
    """The number in HGVSc."""
    if not layout.coding:
        return cdna
    first, last = layout.cdna_coding_start, layout.cdna_coding_end
    return cdna - last if cdna > last else cdna - first if cdna < first else cdna - first + 1


def _regular(layout: Layout, cds: int) -> bool:
    """A whole codon that is neither the first nor read as selenocysteine."""
    codon = (cds + 2) // 3
    whole = codon * 3 <= len(layout.translatable)
    return codon > 1 and whole and codon not in layout.selenocysteines


def _codon_edges(layout: Layout, position: int, cds: int | None) -> list[int]:
    """Where the regular codons around a position of the CDS end, if that is in reach."""
    edges = [edge for start, end in layout.transcript.cds for edge in (start, end + 1)]
    if cds is None:
        return edges
    last_whole = len(layout.translatable) // 3 * 3
    borders = [3, last_whole]
    borders += [border for at in layout.selenocysteines for border in (at * 3 - 3, at * 3)]
    for border in borders:  # between this base of the CDS and the next
        step = (border - cds) * layout.strand
        edges.append(position + step + (1 if layout.strand > 0 else 0))
    return edges


def _named(zone: Zone, terms: set[str], exon: str, intron: str) -> None:
    zone.terms = joined(frozenset(terms))
    zone.rank = rank(zone.terms)
    zone.intron = intron
    zone.head = f"{zone.sheet.name}{exon}|{intron}|"


def _numbered(zone: Zone, number: str) -> None:
    """Completes the head: with the terms outside of the CDS, without them inside."""
    zone.number = number
    zone.prefix = zone.sheet.coding_prefix + number
    zone.head += zone.prefix
    if zone.kind != CODING:
        zone.head = f"|{zone.terms}|{impact(zone.terms)}{zone.head}"
