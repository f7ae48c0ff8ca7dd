"""A fair sample of the records, to compare with a genome."""

from __future__ import annotations

import math
import random

PROBES = 500
PROBE_BASES = 50
Probe = tuple[str, int, str]
"""Contig as the file names it, position from 1, REF or its beginning."""


class Probes:
    """Every record has the same chance, however many there will be (Li's algorithm L, 1994: it
    draws how many records to pass over, which costs nothing for each of them)."""

    def __init__(self) -> None:
        self.taken: list[Probe] = []
        self.next = 0
        """Number, from 0, of the record to give to `take`."""
        self._random = random.Random(0)  # noqa: S311 (the same file gives the same sample)
        self._weight = 1.0

    def take(self, probe: Probe) -> None:
        if len(self.taken) < PROBES:
            self.taken.append(probe)
            self.next += 1
            if len(self.taken) == PROBES:
                self._pass_over()
            return
        self.taken[self._random.randrange(PROBES)] = probe
        self.next += 1
        self._pass_over()

    def _pass_over(self) -> None:
        self._weight *= math.exp(math.log(self._chance()) / PROBES)
        self.next += int(math.log(self._chance()) / math.log1p(-self._weight))

    def _chance(self) -> float:
        """Above 0, at most 1."""
        return 1.0 - self._random.random()
