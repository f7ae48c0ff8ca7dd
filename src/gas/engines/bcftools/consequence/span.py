"""A variant as a transcript sees it: cDNA, CDS and protein positions of its two ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gas.engines.bcftools.consequence.layout import Layout


class Placed(Protocol):
    """Anything with a place: an insertion ends one before it starts."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def inserted(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class CodingSpan:
    """Positions from 1 in the direction of the transcript; None for an end that is not there.

    An insertion ends one before it starts, also here.
    """

    cdna_start: int | None
    cdna_end: int | None
    cds_start: int | None
    cds_end: int | None
    in_cds: bool
    """Some part of it lies in the CDS."""

    @property
    def protein_start(self) -> int | None:
        return None if self.cds_start is None else (self.cds_start + 2) // 3

    @property
    def protein_end(self) -> int | None:
        return None if self.cds_end is None else (self.cds_end + 2) // 3


def coding_span(layout: Layout, variant: Placed) -> CodingSpan:
    if variant.inserted:
        return _inserted(layout, variant)
    first, last = variant.start, variant.end
    if layout.strand < 0:
        first, last = last, first
    return CodingSpan(
        layout.cdna(first),
        layout.cdna(last),
        layout.cds(first),
        layout.cds(last),
        _touches_cds(layout, variant.start, variant.end),
    )


def _inserted(layout: Layout, variant: Placed) -> CodingSpan:
    """Placed behind the base before it, or else before the base after it, if that is in an exon."""
    before, after = variant.end, variant.start
    if layout.strand < 0:
        before, after = after, before
    cdna_before, cdna_after = layout.cdna(before), layout.cdna(after)
    if cdna_before is None and cdna_after is None:
        return CodingSpan(None, None, None, None, False)
    cdna = cdna_before if cdna_before is not None else (cdna_after or 0) - 1
    cds = None
    if layout.coding and layout.cdna_coding_start <= cdna < layout.cdna_coding_end:
        cds = layout.cds(before)
        if cds is None:
            next_cds = layout.cds(after)
            cds = None if next_cds is None else next_cds - 1
    if cds is None:
        return CodingSpan(cdna + 1, cdna, None, None, False)
    return CodingSpan(cdna + 1, cdna, cds + 1, cds, True)


def _touches_cds(layout: Layout, start: int, end: int) -> bool:
    return any(low <= end and high >= start for low, high in layout.transcript.cds)


def shown(start: int | None, end: int | None) -> str:
    """'12', '12-15', '?-15', '12-?' or ''; an insertion is shown by the bases around it."""
    if start is None and end is None:
        return ""
    if start is None or end is None:
        return f"{'?' if start is None else start}-{'?' if end is None else end}"
    if start == end:
        return str(start)
    return f"{end}-{start}" if start > end else f"{start}-{end}"
