"""Where things are in a transcript: genome, cDNA and CDS positions, and its sequences.

All positions count from 1, ends included. CDS positions count the bases that are missing before
an incomplete first codon (its phase), as Ensembl does, so that codons begin at 1, 4, 7, ...
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from gas.engines.bcftools.consequence.codons import (
    STOP,
    reverse_complement,
    translated,
)
from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.consequence.variant import Genome

SHORT_INTRON = 13
"""Introns of up to so many bases are taken for frameshifts in the genome, not for introns."""
STRETCH = 12
"""By how much exons reach further in transcripts with such an intron."""


class Intron(NamedTuple):
    start: int
    end: int
    rank: int
    """From 1, in the order of transcription."""

    @property
    def short(self) -> bool:
        return self.end - self.start + 1 <= SHORT_INTRON


class Layout:
    """Positions and sequences of one transcript on one contig."""

    def __init__(self, transcript: Transcript, contig: str, genome: Genome) -> None:
        self.transcript = transcript
        self.contig = contig
        self._genome = genome
        self.strand = transcript.strand
        self.exons = transcript.exons
        self._exon_starts = [start for start, _ in self.exons]
        self._cdna_starts = self._counted(self.exons, 1)
        self.introns = self._introns()
        self._intron_starts = [intron.start for intron in self.introns]
        self.stretch = STRETCH if any(intron.short for intron in self.introns) else 0
        self.coding = bool(transcript.cds)
        self.pad = (3 - transcript.phase) % 3 if self.coding else 0
        self._cds_starts = self._counted(transcript.cds, 1 + self.pad)
        self.coding_start = transcript.cds_start
        self.coding_end = transcript.cds_end
        self.cdna_coding_start = self.cdna_coding_end = 0
        if self.coding:
            ends = (self.cdna(self.coding_start), self.cdna(self.coding_end))
            first, last = ends if self.strand > 0 else ends[::-1]
            self.cdna_coding_start, self.cdna_coding_end = first or 0, last or 0

    def exon_at(self, position: int) -> int:
        """Index of the exon that has this position, or -1."""
        at = bisect_right(self._exon_starts, position) - 1
        return at if at >= 0 and position <= self.exons[at][1] else -1

    def gap_after(self, position: int) -> int:
        """Index of the last exon that begins at or before this position, or -1."""
        return bisect_right(self._exon_starts, position) - 1

    def exon_rank(self, index: int) -> int:
        return index + 1 if self.strand > 0 else len(self.exons) - index

    def cdna(self, position: int) -> int | None:
        at = self.exon_at(position)
        return None if at < 0 else self.cdna_in(at, position)

    def cdna_in(self, exon: int, position: int) -> int:
        """Of a position in the exon of this index."""
        start, end = self.exons[exon]
        into = position - start if self.strand > 0 else end - position
        return self._cdna_starts[exon] + into

    def cds(self, position: int) -> int | None:
        """Of a base that is read twice, the first reading."""
        readings = self.readings(position)
        return readings[0] if readings else None

    def readings(self, position: int) -> list[int]:
        """All CDS positions of a base: more than one where the ribosome slips back."""
        parts = self.transcript.cds
        order = range(len(parts)) if self.strand > 0 else range(len(parts) - 1, -1, -1)
        if not self.coding_start <= position <= self.coding_end:
            return []
        found = []
        for part in order:
            start, end = parts[part]
            if start <= position <= end:
                into = position - start if self.strand > 0 else end - position
                found.append(self._cds_starts[part] + into)
        return found

    def introns_near(self, low: int, high: int, reach: int) -> list[Intron]:
        """Introns that overlap a span, each taken as longer by `reach` on both sides."""
        first = max(bisect_right(self._intron_starts, low - reach) - 1, 0)
        found = []
        for intron in self.introns[first:]:
            if intron.start - reach > high:
                break
            if intron.end + reach >= low:
                found.append(intron)
        return found

    def exons_in(self, low: int, high: int, reach: int = 0) -> range:
        """Indices of the exons that overlap a span, each taken as longer by `reach`."""
        first = max(bisect_right(self._exon_starts, low - reach) - 1, 0)
        while first < len(self.exons) and self.exons[first][1] + reach < low:
            first += 1
        last = first
        while last < len(self.exons) and self.exons[last][0] - reach <= high:
            last += 1
        return range(first, last)

    @cached_property
    def spliced(self) -> str:
        return self._joined(self.exons)

    @cached_property
    def translatable(self) -> str:
        """The CDS, with N for what is missing of the first codon."""
        return "N" * self.pad + self._joined(self.transcript.cds)

    @cached_property
    def utr5(self) -> str:
        return self.spliced[: self.cdna_coding_start - 1]

    @cached_property
    def utr3(self) -> str:
        return self.spliced[self.cdna_coding_end :]

    @cached_property
    def peptide(self) -> str:
        """Without the stop at its end; selenocysteines as U."""
        whole = translated(self.translatable, self.transcript.codon_table)
        letters = list(whole)
        for at in self.selenocysteines:
            letters[at - 1 : at] = ["U"] * len(letters[at - 1 : at])
        complete = len(self.translatable) % 3 == 0 and letters[-1:] == [STOP]
        return "".join(letters[:-1] if complete else letters)

    @cached_property
    def selenocysteines(self) -> frozenset[int]:
        """Numbers of the codons."""
        found = set()
        for lowest in self.transcript.selenocysteines:
            position = self.cds(lowest)
            if position is not None:
                found.add((position + 2) // 3)
        return frozenset(found)

    def _introns(self) -> tuple[Intron, ...]:
        found = []
        for at, ((_, end), (start, _)) in enumerate(zip(self.exons, self.exons[1:], strict=False)):
            if end + 1 <= start - 1:
                rank = at + 1 if self.strand > 0 else len(self.exons) - 1 - at
                found.append(Intron(end + 1, start - 1, rank))
        return tuple(found)

    def _counted(self, spans: tuple[tuple[int, int], ...], first: int) -> list[int]:
        """Number of the 5' base of each span, counted along the transcript from `first`."""
        counts = [0] * len(spans)
        order = range(len(spans)) if self.strand > 0 else range(len(spans) - 1, -1, -1)
        for at in order:
            counts[at] = first
            first += spans[at][1] - spans[at][0] + 1
        return counts

    def _joined(self, spans: tuple[tuple[int, int], ...]) -> str:
        pieces = [self._genome.fetch(self.contig, start, end) for start, end in spans]
        forward = "".join(pieces)
        return forward if self.strand > 0 else reverse_complement(forward)
