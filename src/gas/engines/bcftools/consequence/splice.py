"""What a change does at the ends of introns.

The terms follow Ensembl's definitions: donor and acceptor are the two bases at the ends of an
intron; the 5th base, the donor region (bases 3 to 6), the polypyrimidine tract (3 to 17 before
the acceptor's exon) and the splice region (3 to 8 in the intron, 3 in the exon) lie around them.
Only bases that differ count, not the whole span; the splice region gives way to every other term
but the tract.
"""

from __future__ import annotations

from dataclasses import dataclass

from gas.engines.bcftools.consequence.layout import Intron, Layout

EXON_REACH = 3
DONOR_REACH = 7
TRACT_FIRST, TRACT_LAST = 16, 2


@dataclass(slots=True)
class IntronEffects:
    """Flags by the lower and the upper end of introns; strand comes in with `terms`."""

    intronic: bool = False
    in_short_intron: bool = False
    low_site: bool = False
    high_site: bool = False
    low_fifth: bool = False
    high_fifth: bool = False
    low_donor_region: bool = False
    high_donor_region: bool = False
    low_tract: bool = False
    high_tract: bool = False
    region: bool = False

    def terms(self, strand: int, *, in_exon: bool) -> set[str]:
        """Splice terms; `in_exon`: the variant touches an exon, which rules out the tract."""
        forward = strand > 0
        found = set()
        if self.low_site if forward else self.high_site:
            found.add("splice_donor_variant")
        if self.high_site if forward else self.low_site:
            found.add("splice_acceptor_variant")
        if self.low_fifth if forward else self.high_fifth:
            found.add("splice_donor_5th_base_variant")
        elif self.low_donor_region if forward else self.high_donor_region:
            found.add("splice_donor_region_variant")
        if self.region and not found:
            found.add("splice_region_variant")
        if (self.high_tract if forward else self.low_tract) and not in_exon:
            found.add("splice_polypyrimidine_tract_variant")
        return found


def intron_effects(
    layout: Layout, low: int, high: int, differing: list[tuple[int, int]]
) -> IntronEffects:
    """Of a variant from `low` to `high` (both flanks, if inserted) that differs in some spans.

    Which introns matter is told by the whole variant; what happens, by the spans that differ. An
    insertion is a span that ends one before it starts.
    """
    effects = IntronEffects()
    introns = layout.introns_near(low, high, DONOR_REACH)  # a very short one ends before that
    for span in differing:
        for intron in introns:
            if intron.start - EXON_REACH <= high and low <= intron.end + EXON_REACH:
                _within(effects, intron, span)
            if _at_boundary(intron, low, high):
                _boundary(effects, intron, span)
    return effects


def overlap(start: int, end: int, first: int, last: int) -> bool:
    """An insertion (end before start) overlaps only what has bases on both sides of it."""
    return end >= first and start <= last


def _at_boundary(intron: Intron, low: int, high: int) -> bool:
    start, end = intron.start, intron.end
    return (start - EXON_REACH <= high and low <= start + DONOR_REACH) or (
        end - DONOR_REACH <= high and low <= end + EXON_REACH
    )


def _within(effects: IntronEffects, intron: Intron, span: tuple[int, int]) -> None:
    first, last = span
    start, end = intron.start, intron.end
    if intron.short and overlap(first, last, start, end):
        effects.in_short_intron = True
        return
    inserted = last < first
    if overlap(first, last, start + 2, end - 2) or (
        inserted and (first == start + 2 or last == end - 2)
    ):
        effects.intronic = True
    low, high = min(span), max(span)  # an insertion right at the edge of a tract lengthens it
    if overlap(low, high, end - TRACT_FIRST, end - TRACT_LAST):
        effects.high_tract = True
    if overlap(low, high, start + TRACT_LAST, start + TRACT_FIRST):
        effects.low_tract = True


def _boundary(effects: IntronEffects, intron: Intron, span: tuple[int, int]) -> None:
    first, last = span
    start, end = intron.start, intron.end
    if intron.short and overlap(first, last, start, end):
        return
    effects.low_site |= overlap(first, last, start, start + 1)
    effects.high_site |= overlap(first, last, end - 1, end)
    effects.low_fifth |= overlap(first, last, start + 4, start + 4)
    effects.high_fifth |= overlap(first, last, end - 4, end - 4)
    effects.low_donor_region |= overlap(first, last, start + 2, start + 5)
    effects.high_donor_region |= overlap(first, last, end - 5, end - 2)
    if not (effects.low_site or effects.high_site):
        # The last intron and span decide, which is how Ensembl's own answer comes about.
        effects.region = _in_region(intron, span)


def _in_region(intron: Intron, span: tuple[int, int]) -> bool:
    first, last = span
    start, end = intron.start, intron.end
    if (
        overlap(first, last, start + 2, start + DONOR_REACH)
        or overlap(first, last, end - DONOR_REACH, end - 2)
        or overlap(first, last, start - EXON_REACH, start - 1)
        or overlap(first, last, end + 1, end + EXON_REACH)
    ):
        return True
    inserted = last < first
    edges = first in (start, start + 2) or last in (end, end - 2)
    return inserted and edges
