"""Cold storage in a folder of another disk. See ports.cold_storage.

A file is warm, or cold, or both for the moment of a move, and then it counts as warm: it goes from
one side only when the copy on the other is durable and was found equal. See decision 0021.
"""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from gas.adapters.disk.cold_copies import is_true
from gas.adapters.disk.cold_records import Kind, name_of
from gas.adapters.disk.cold_shelves import Shelves
from gas.adapters.disk.cold_tending import Tending
from gas.adapters.disk.cold_turns import Turns
from gas.adapters.disk.durable import disk_told, make_folders
from gas.adapters.disk.kept import Kept, not_found
from gas.adapters.disk.scratch import Scratch
from gas.domain.errors import CapacityRefused, InputError, NotArchived, NotReady, Unavailable
from gas.domain.keys import may_be_archived
from gas.domain.results import Lodging, Place, Restore
from gas.ports.clock import Clock
from gas.ports.cold_storage import Speed, Tell

ROUNDS = 3
TENDED_WITHIN = timedelta(hours=1)


class DiskColdStorage:
    """Implements `ColdStorage` of the files that `DiskFiles` keeps at `root`."""

    def __init__(
        self,
        root: Path,
        cold_path: Path,
        *,
        clock: Clock,
        compress: bool = False,
        restore: timedelta = timedelta(0),
        restored: timedelta = timedelta(hours=24),
        capacity: int = 0,
    ) -> None:
        """`restore`: how long one takes; `restored`: how long a copy stays READY; `capacity`: of
        FAST ones under way, 0 any."""
        make_folders(root)
        scratch = Scratch(root)
        self._kept = Kept(root, scratch)
        self._shelves = Shelves(root, cold_path, kept=self._kept, scratch=scratch)
        self._clock = clock
        self._restore = restore
        self._capacity = capacity
        self._tending = Tending(self._shelves, clock, Turns(), compress, restore, restored)
        scratch.remove_dead()

    @property
    def usual_restore(self) -> timedelta:
        return self._restore

    @property
    def settles_within(self) -> timedelta:
        return self._restore + TENDED_WITHIN

    def look(self, key: str) -> Lodging:
        name = name_of(key)
        with disk_told():
            for _ in range(ROUNDS):  # it may change sides between the two looks
                if self._kept.find(key):
                    marked = self._shelves.records.has(Kind.MARKED, name)
                    return Lodging(Place.WARM, marked=marked, damaged=self._is_damaged(name))
                if self._shelves.cold.find(key):
                    restore = self._restore_of(name)
                    return Lodging(Place.COLD, restore=restore, damaged=self._is_damaged(name))
        return Lodging(Place.GONE)

    def mark(self, key: str) -> None:
        if not may_be_archived(key):
            raise _no_results()
        lodging = self.look(key)
        if lodging.place is Place.GONE:
            raise not_found()
        if lodging.place is Place.WARM and not lodging.marked:
            with disk_told():
                self._shelves.records.put(Kind.MARKED, key, due=self._clock().timestamp())

    def unmark(self, key: str) -> None:
        name = name_of(key)
        with disk_told(), self._shelves.changing():
            # Of one that is cold it is what has not been told yet.
            if self._shelves.records.has(Kind.MARKED, name) and self._kept.find(key):
                with suppress(Unavailable):  # of a move that was cut short
                    self._shelves.cold.remove(key)
                self._shelves.records.drop(Kind.MARKED, name)

    def begin_restore(self, key: str, *, speed: Speed) -> None:
        records, name = self._shelves.records, name_of(key)
        with disk_told(), self._shelves.changing():
            lodging = self.look(key)
            if lodging.place is Place.WARM:
                raise _not_archived()
            if lodging.place is Place.GONE:
                raise not_found()
            if lodging.restore is not Restore.NONE:
                return
            kind = Kind.FAST if speed is Speed.FAST else Kind.STANDARD
            if kind is Kind.FAST and 0 < self._capacity <= records.count(kind):
                raise _refused()
            due = self._clock() + self._restore
            records.put(kind, key, due=due.timestamp())
            records.drop(Kind.DAMAGED, name)

    def finish_restore(self, key: str) -> None:
        lodging = self.look(key)
        if lodging.place is Place.WARM:
            return
        if lodging.place is Place.GONE:
            raise not_found()
        with disk_told():
            if lodging.restore is not Restore.READY or not self._bring_back(key):
                raise _not_ready()

    def _bring_back(self, key: str) -> bool:
        shelves, name = self._shelves, name_of(key)
        found = shelves.records.read(Kind.READY, name)
        if found is None:
            return False
        try:
            if is_true(shelves.staged(name), found[1]):
                return shelves.bring_back(key, found[1])
        except FileNotFoundError:  # expired or brought back by another meanwhile
            return self._kept.find(key) is not None
        self._begin_anew(key)
        return False

    def _begin_anew(self, key: str) -> None:
        """The copy was harmed while it waited; the cold file is there still."""
        shelves, name = self._shelves, name_of(key)
        with shelves.changing():
            if shelves.is_ready(name):
                now = self._clock().timestamp()
                shelves.records.put(Kind.STANDARD, key, due=now)
                shelves.unstage(name)
                shelves.records.drop(Kind.READY, name)

    def verify(self, key: str) -> None:
        with disk_told():
            found = self._kept.find(key)
            if found is None:
                return
            try:
                true = is_true(found[0], found[1].sha256)
            except FileNotFoundError:
                return
            with self._shelves.changing():
                if self._kept.find(key) != found:
                    return
                if true:
                    self._shelves.records.drop(Kind.DAMAGED, name_of(key))
                else:
                    now = self._clock().timestamp()
                    self._shelves.records.put(Kind.DAMAGED, key, due=now)

    def check(self) -> str:
        return self._shelves.cold.check()

    def tend(self, tell: Tell, *, limit: int, seconds: float = math.inf) -> int:
        with disk_told():
            return self._tending.run(tell, limit, seconds)

    def _is_damaged(self, name: str) -> bool:
        return self._shelves.records.has(Kind.DAMAGED, name)

    def _restore_of(self, name: str) -> Restore:
        under_way = self._shelves.is_under_way(name)  # first: it is READY before this ends
        if self._shelves.is_ready(name):
            return Restore.READY
        return Restore.UNDER_WAY if under_way else Restore.NONE


def _no_results() -> InputError:
    return InputError(
        "BAD_KEY",
        "A file that is no results was to be archived.",
        cure="Tell the operator if it happens again.",
    )


def _not_archived() -> NotArchived:
    return NotArchived(
        "NOT_ARCHIVED",
        "The file is not in cold storage.",
        cure="Nothing is to be done: it can be read.",
    )


def _not_ready() -> NotReady:
    return NotReady(
        "NOT_READY",
        "The file is in cold storage, and no copy of it is ready.",
        cure="Wait for the restore, or begin one.",
    )


def _refused() -> CapacityRefused:
    return CapacityRefused(
        "RESTORE_REFUSED",
        "As many fast restores as the store allows are under way.",
        cure="Take the standard speed, or try again later; GAS_DISK_CAPACITY says how many.",
    )
