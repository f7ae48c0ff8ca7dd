"""A variant in Ensembl's terms: bare alleles on the forward strand, and where they lie.

Positions count from 1, ends included. An insertion lies between two bases: its end is one
less than its start.
"""

from __future__ import annotations

from typing import Protocol

DNA = frozenset("ACGT")
FLANK = 1000
"""Bases on either side in which Ensembl looks for a repeat of what was inserted or deleted."""


class Genome(Protocol):
    def fetch(self, contig: str, start: int, end: int) -> str:
        """Upper-case bases, 1-based, ends included; 'N' outside of the contig."""
        ...


class Variant:
    """One ALT. `ref` or `alt` is empty for an insertion or a deletion."""

    __slots__ = (
        "alt", "contig", "end", "genome", "inserted", "plain", "ref", "shifts", "snv", "start",
    )  # fmt: skip

    def __init__(self, genome: Genome, contig: str, start: int, ref: str, alt: str) -> None:
        self.genome = genome
        self.contig = contig
        self.start = start
        self.end = start + len(ref) - 1
        self.ref = ref
        self.alt = alt
        self.inserted = not ref
        self.snv = len(ref) == 1 and len(alt) == 1
        self.plain = DNA.issuperset(alt)
        """No ambiguous base in ALT: only then are there peptides and HGVS."""
        self.shifts: dict[int, int] = {}

    @property
    def allele(self) -> str:
        return self.alt or "-"

    @property
    def low(self) -> int:
        return self.end if self.inserted else self.start

    @property
    def high(self) -> int:
        return self.start if self.inserted else self.end

    @property
    def reach(self) -> int:
        """The last position that `differing` may name: a longer ALT goes beyond REF."""
        return max(self.high, self.start + len(self.alt) - 1) if self.ref else self.high

    @property
    def growth(self) -> int:
        """Bases gained (or lost, if negative)."""
        return len(self.alt) - len(self.ref)

    def differing(self) -> list[tuple[int, int]]:
        """Where the alleles really differ, as spans of positions.

        Ensembl lays the alleles side by side from the left; what the longer has in excess differs.
        """
        if len(self.ref) <= 1 or len(self.alt) <= 1:
            return [(self.start, self.end)]
        spans: list[tuple[int, int]] = []
        for at in range(max(len(self.ref), len(self.alt))):
            if self.ref[at : at + 1] == self.alt[at : at + 1]:
                continue
            position = self.start + at
            if spans and spans[-1][1] == position - 1:
                spans[-1] = (spans[-1][0], position)
            else:
                spans.append((position, position))
        return spans

    def shift(self, strand: int) -> int:
        """How many bases an insertion or deletion can move towards 3' of the strand."""
        if strand not in self.shifts:
            self.shifts[strand] = self._shift(strand) if not (self.ref and self.alt) else 0
        return self.shifts[strand]

    def _shift(self, strand: int) -> int:
        moved = self.ref or self.alt
        limit = FLANK + 1 - len(moved) if len(moved) <= FLANK else FLANK
        reach = 32
        while True:
            reach = min(reach, limit)
            if strand > 0:
                bases = self.genome.fetch(self.contig, self.end + 1, self.end + reach)
                found = _run(moved, bases)
            else:
                bases = self.genome.fetch(self.contig, self.start - reach, self.start - 1)
                found = _run(moved[::-1], bases[::-1])
            if found < reach or reach == limit:
                return found
            reach *= 8

    def shifted(self, strand: int) -> Variant:
        """The same change as far towards 3' as it goes; itself if it cannot move."""
        by = self.shift(strand)
        if not by:
            return self
        start = self.start + by * strand
        if self.inserted:
            turn = by * strand % len(self.alt)
            return Variant(self.genome, self.contig, start, "", self.alt[turn:] + self.alt[:turn])
        bases = self.genome.fetch(self.contig, start, start + len(self.ref) - 1)
        return Variant(self.genome, self.contig, start, bases, "")


def from_vcf(genome: Genome, contig: str, position: int, ref: str, alt: str) -> Variant:
    """As Ensembl reads a record: of alleles that differ in length, a common first base goes."""
    if len(ref) != len(alt) and ref[:1] == alt[:1]:
        return Variant(genome, contig, position + 1, ref[1:], alt[1:])
    return Variant(genome, contig, position, ref, alt)


def _run(moved: str, bases: str) -> int:
    """How many bases go on repeating `moved`."""
    size = len(moved)
    for at, base in enumerate(bases):
        if base != moved[at % size]:
            return at
    return len(bases)
