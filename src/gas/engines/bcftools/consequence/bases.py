"""A genome that is asked for few bases at a time, mostly onwards: read in chunks."""

from __future__ import annotations

from gas.engines.bcftools.consequence.variant import Genome

CHUNK_BASES = 1 << 16
BACK_BASES = 1 << 12
"""How far before the question a chunk begins: repeats are followed backwards as well."""


class ChunkedGenome:
    """Same answers as the genome behind it."""

    def __init__(self, genome: Genome) -> None:
        self._genome = genome
        self._contig = ""
        self.first = 1
        self.last = 0
        self.bases = ""

    def fetch(self, contig: str, start: int, end: int) -> str:
        if end < start:
            return ""
        if contig != self._contig or start < self.first or end > self.last:
            if end - start >= CHUNK_BASES - BACK_BASES:
                return self._genome.fetch(contig, start, end)
            self.load(contig, start)
        return self.bases[start - self.first : end - self.first + 1]

    def load(self, contig: str, position: int) -> None:
        """Makes sure that `bases`, from `first` to `last`, has the position."""
        self._contig = contig
        self.first = position - BACK_BASES
        self.last = self.first + CHUNK_BASES - 1
        self.bases = self._genome.fetch(contig, self.first, self.last)
