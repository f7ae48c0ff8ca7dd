"""Whose turn it is: owners one after the other, restores before moves, the oldest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from gas.adapters.disk.cold_records import Kind, Record

FIRST = (
    *(Kind.MOVED, Kind.RESTORED, Kind.EXPIRED, Kind.HARMED),
    *(Kind.READY, Kind.FAST, Kind.STANDARD, Kind.MARKED),
)
"""What is pending is told first; then the less there is to do, the sooner."""

Line = tuple[Kind, str]
"""Records of one kind and owner stand in one line."""


class Turns:
    """Remembers, while the process lives, who had a turn and what went wrong."""

    def __init__(self) -> None:
        self._count = 0
        self._served: dict[Line, int] = {}
        self._failures: dict[tuple[Kind, str], int] = {}

    def order(self, records: Iterable[Record], limit: int) -> list[Record]:
        """One of each line, then another of each; a line that waited longest first. At most
        `limit`, and of each line not many more are kept in memory meanwhile."""
        lines: dict[Line, list[Record]] = {}
        for record in records:
            line = lines.setdefault((record.kind, record.owner), [])
            line.append(record)
            if len(line) >= 2 * limit:
                line[:] = heapq.nsmallest(limit, line, key=self._patience)
        self._served = {line: turn for line, turn in self._served.items() if line in lines}
        rounds = [
            (place, self._served.get(line, 0), FIRST.index(line[0]), record.due, record)
            for line, waiting in lines.items()
            for place, record in enumerate(sorted(waiting, key=self._patience))
        ]
        return [each[-1] for each in heapq.nsmallest(limit, rounds, key=lambda each: each[:-1])]

    def served(self, record: Record) -> None:
        self._count += 1
        self._served[record.kind, record.owner] = self._count

    def failed(self, record: Record) -> None:
        """Others of its line come before it from now on."""
        place = (record.kind, record.name)
        self._failures[place] = self._failures.get(place, 0) + 1

    def done(self, record: Record) -> None:
        self._failures.pop((record.kind, record.name), None)

    def _patience(self, record: Record) -> tuple[int, float]:
        return self._failures.get((record.kind, record.name), 0), record.due
