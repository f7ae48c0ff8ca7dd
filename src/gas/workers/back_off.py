"""How long to wait before trying again: doubling, capped, with jitter so that a herd spreads."""

from __future__ import annotations

import random
from dataclasses import dataclass

LARGEST_EXPONENT = 32


@dataclass(frozen=True, slots=True)
class BackOff:
    first_seconds: float
    most_seconds: float

    def seconds(self, tries: int) -> float:
        """After so many tries in vain, from 1; between half and all of the doubled time."""
        doubled = self.first_seconds * 2.0 ** min(max(tries - 1, 0), LARGEST_EXPONENT)
        return min(doubled, self.most_seconds) * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)
