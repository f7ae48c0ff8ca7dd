"""A clock for what must not be done early.

When somebody sets the clock of the machine two hours ahead, a grace period is not over. So this one
shows the time at which it was made and what has passed since, by a clock that cannot be set; and
the time of the machine if that is less. Set right for good, the machine is believed again when the
process is started anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Unhurried:
    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float]) -> None:
        """`steady` gives seconds since some moment, and goes on while the machine sleeps."""
        self._wall = wall
        self._steady = steady
        self._began_at = wall()
        self._began = steady()

    def __call__(self) -> datetime:
        passed = timedelta(seconds=self._steady() - self._began)
        return min(self._wall(), self._began_at + passed)
