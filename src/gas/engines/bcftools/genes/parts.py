"""Exons, CDS and the like of one transcript, from the lines that tell of them.

All places count from 1, ends included, and ascend on both strands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gas.engines.bcftools.consequence.transcript import Span
from gas.engines.bcftools.genes.feature import CDS, EXON, SEC, STOP, UTR, Feature

SLIP_BASES = 5
"""Ribosomes step back by one or two bases; parts of a CDS that overlap by more are an error."""


@dataclass(frozen=True, slots=True)
class Parts:
    exons: tuple[Span, ...]
    cds: tuple[Span, ...]
    phase: int
    """Bases before the first whole codon."""
    selenocysteines: tuple[int, ...]


def strand_of(parts: Iterable[Feature]) -> int | None:
    """1 or -1; 0 where no line tells; None where they tell both (trans-splicing)."""
    told = {part.strand for part in parts} & {"+", "-"}
    if len(told) > 1:
        return None
    return {"+": 1, "-": -1}[told.pop()] if told else 0


def parts_of(lines: Sequence[Feature], strand: int) -> Parts:
    spans: dict[str, list[Span]] = {}
    for line in lines:
        spans.setdefault(line.kind, []).append((line.start, line.end))
    cds = _cds(spans.get(CDS, []), spans.get(STOP, []))
    exons = _exons(spans.get(EXON, []), cds, spans.get(UTR, []))
    coding = [line for line in lines if line.kind == CDS]
    return Parts(exons, cds, _phase(coding, strand), codons(spans.get(SEC, [])))


def codons(spans: Iterable[Span]) -> tuple[int, ...]:
    """Lowest base of each codon; one across a splice site comes as two or three spans."""
    found: list[int] = []
    bases = 3
    for start, end in sorted(set(spans)):
        if bases >= 3:
            found.append(start)
            bases = 0
        bases += end - start + 1
    return tuple(found)


def _cds(told: list[Span], stops: list[Span]) -> tuple[Span, ...]:
    cds = sorted(set(told))
    if not cds:
        return ()
    parts = [cds[0]]
    for start, end in cds[1:]:
        before = parts[-1]
        if start > before[1] - SLIP_BASES and end > before[1] and start > before[0]:
            parts.append((start, end))
        else:
            parts[-1] = (before[0], max(before[1], end))
    for stop in sorted(set(stops)):
        parts = _with_stop(parts, stop)
    return tuple(parts)


def _with_stop(cds: list[Span], stop: Span) -> list[Span]:
    """GTF leaves the stop codon out of the CDS; here it is in, as in GFF3."""
    start, end = stop
    if any(first <= start and end <= last for first, last in cds):
        return cds
    if start <= cds[-1][1] + 1 and end > cds[-1][1]:
        return [*cds[:-1], (cds[-1][0], end)]
    if end >= cds[0][0] - 1 and start < cds[0][0]:
        return [(start, cds[0][1]), *cds[1:]]
    return sorted([*cds, stop])


def _exons(told: list[Span], cds: Sequence[Span], utrs: list[Span]) -> tuple[Span, ...]:
    """As told, and wide enough for the CDS; from CDS and UTRs where the file has no exons.

    Exons that abut stay two: their ranks are what a reader counts.
    """
    if not told:
        return _merged([*cds, *utrs], touching=True)
    exons = _merged(told, touching=False)
    covered = _merged(told, touching=True)
    outside = [
        (start, end)
        for start, end in cds
        if not any(first <= start and end <= last for first, last in covered)
    ]
    return _merged([*exons, *outside], touching=False) if outside else exons


def _merged(spans: Iterable[Span], *, touching: bool) -> tuple[Span, ...]:
    found: list[Span] = []
    for start, end in sorted(set(spans)):
        if found and start <= found[-1][1] + touching:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def _phase(coding: Sequence[Feature], strand: int) -> int:
    """Of the first part in the order of transcription; whole codons where the file is silent."""
    if not coding:
        return 0
    first = (
        min(coding, key=lambda part: part.start)
        if strand > 0
        else max(coding, key=lambda part: part.end)
    )
    return int(first.phase) if first.phase in ("0", "1", "2") else 0
