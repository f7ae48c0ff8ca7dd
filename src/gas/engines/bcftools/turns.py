"""Turns that processes take at what they share, and a word that goes along with the turn.

Made before the processes fork. Whoever has the turn of a number passes on that of another. One
that dies with its turn keeps all others waiting: their parent has to end them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence


class Turns:
    """Numbers ascend, and of as many as there are places, one after another, each is waited for
    by one process at most. With one place, any process takes the next turn."""

    def __init__(self, places: int, told: bytes = b"") -> None:
        """`told`: to whoever has the first turn, of number 0."""
        self._told = os.memfd_create("turns")
        self._pipes = [os.pipe() for _ in range(places)]
        self.give(0, told)

    @property
    def descriptors(self) -> Sequence[int]:
        """What a process must not close that takes part."""
        return [self._told, *(end for pipe in self._pipes for end in pipe)]

    def take(self, number: int = 0) -> bytes:
        """Waits for it; what the one before told."""
        os.read(self._pipes[number % len(self._pipes)][0], 1)
        return os.pread(self._told, os.fstat(self._told).st_size, 0)

    def give(self, number: int, told: bytes = b"") -> None:
        """Not through the pipe, which is full at 64 kB: nobody reads it yet."""
        os.ftruncate(self._told, 0)
        rest = memoryview(told)
        while rest:
            rest = rest[os.pwrite(self._told, rest, len(told) - len(rest)) :]
        os.write(self._pipes[number % len(self._pipes)][1], b".")
