"""Around a position, the positions at which no transcript changes its zone.

Most variants are single bases in stretches whose terms are fixed: then what is said of them
differs in numbers only, and is written for many at once, transcript by transcript.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gas.engines.bcftools.consequence.fields import NOTHING
from gas.engines.bcftools.consequence.sheet import tails, verdict_on
from gas.engines.bcftools.consequence.writing import COMPLEMENT, Row, row_of
from gas.engines.bcftools.consequence.zones import CODING, EXON, FLANK, Zone


class Change(NamedTuple):
    """One base for another."""

    ref: str
    alt: str
    forward: str
    """As HGVS has it: 'A>G'."""
    reverse: str
    """The same on the other strand: 'T>C'."""


CHANGES = {
    (ref.encode(), alt.encode()): Change(
        ref, alt, f"{ref}>{alt}", f"{COMPLEMENT[ref]}>{COMPLEMENT[alt]}"
    )
    for ref in "ACGT"
    for alt in "ACGT"
    if ref != alt
}


class Stretch:
    __slots__ = ("deep", "first", "fixed", "last", "rows", "verdict", "zones")

    def __init__(self, first: int, last: int, zones: Sequence[Zone]) -> None:
        self.first, self.last = first, last
        self.zones = zones
        self.fixed = all(zone.kind < CODING for zone in zones)
        """No zone depends on the codon, so that terms and pick stay the same throughout."""
        self.deep = all(zone.deep or zone.kind == FLANK for zone in zones)
        self.rows: Sequence[Row] = ()
        self.verdict = NOTHING.verdict
        if self.fixed and zones:
            sheets, terms = [zone.sheet for zone in zones], [zone.terms for zone in zones]
            chosen = tails(sheets, terms)
            self.rows = [
                row_of(zone, zone.sheet.tails[tail])
                for zone, tail in zip(zones, chosen, strict=True)
            ]
            self.verdict = verdict_on(sheets, terms, chosen)


def columns(
    rows: Iterable[Row],
    positions: Sequence[int],
    changes: Sequence[Change],
    existing: Sequence[str],
    genomics: Sequence[str],
) -> list[list[str]]:
    """Entries of zones whose terms are fixed: by zone, then by variant. What `plain_texts` gives
    for each of the variants."""
    alts = [change.alt for change in changes]
    forward = [change.forward for change in changes]
    reverse = [change.reverse for change in changes]
    found = []
    for kind, head, step, base, cdna_base, strand, middle, tail in rows:
        if kind == FLANK:
            each = zip(alts, existing, positions, genomics, strict=True)
            column = [f"{a}{head}{x}|{step * (p - base)}{middle}{g}{tail}" for a, x, p, g in each]
            found.append(column)
            continue
        hgvs = forward if strand > 0 else reverse
        all_ = zip(alts, positions, hgvs, existing, genomics, strict=True)
        if kind == EXON:
            column = [
                f"{a}{head}{step * (p - base)}{c}||{step * (p - cdna_base)}|||||{x}|"
                f"{middle}{g}{tail}"
                for a, p, c, x, g in all_
            ]
        else:
            column = [
                f"{a}{head}{step * (p - base)}{c}|||||||{x}|{middle}{g}{tail}"
                for a, p, c, x, g in all_
            ]
        found.append(column)
    return found
