"""The store's own work, one record after the other: move, ready, let go, tell.

Each step ends with a record of what is to be told (`Kind.MOVED` and so on), which goes once it was
told. Every step may be cut short anywhere and done again.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from gas.adapters.disk.cold_copies import Untrue, pack, unpack
from gas.adapters.disk.cold_records import Kind, Record, name_of
from gas.adapters.disk.cold_shelves import Shelves
from gas.adapters.disk.cold_turns import Turns
from gas.adapters.disk.durable import check_room, disk_told, files_unavailable, opened
from gas.adapters.disk.scratch import discard
from gas.domain.errors import GasError, Unavailable
from gas.ports.clock import Clock
from gas.ports.cold_storage import StoreEvent, StoreEventKind, Tell, Tended

EVENTS = {
    Kind.MOVED: StoreEventKind.MOVED,
    Kind.RESTORED: StoreEventKind.RESTORED,
    Kind.EXPIRED: StoreEventKind.EXPIRED,
    Kind.HARMED: StoreEventKind.DAMAGED,
}


@dataclass(frozen=True, slots=True)
class Tending:
    shelves: Shelves
    clock: Clock
    turns: Turns
    compress: bool
    restore: timedelta
    """So long one takes."""
    restored: timedelta
    """So long a copy stays READY."""
    reserve_bytes: int
    """Of the warm disk: kept free for the records of GAS. What is compressed may take more than
    it seems, and eat into it."""

    def run(self, tell: Tell, limit: int, seconds: float) -> Tended:
        """At most `limit` records, and one at least; no other is begun after `seconds`. Nothing is
        done if another process is at it."""
        with self._alone() as alone:
            waiting = self.turns.order(self._due(), limit) if alone else []
            if not waiting:
                return Tended(0)
            self._clear()
            troubles, deadline = [], time.monotonic() + seconds
            for record in waiting:
                troubles.append(self._try(record, tell))
                if time.monotonic() >= deadline:
                    break
        met = [trouble for trouble in troubles if trouble]
        return Tended(len(troubles) - len(met), met[-1] if met else None)

    def _try(self, record: Record, tell: Tell) -> GasError | None:
        """What goes wrong with one is not the others' trouble."""
        self.turns.served(record)
        try:
            with disk_told():
                self._see_to(record, tell)
        except FileNotFoundError as error:
            if not self.shelves.records.has(record.kind, record.name):
                return None  # deleted or taken back meanwhile
            trouble: GasError = files_unavailable(error)
        except GasError as error:
            trouble = error
        except OSError as error:
            trouble = files_unavailable(error)
        else:
            self.turns.done(record)
            return None
        self.turns.failed(record)
        return trouble

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        with opened(self.shelves.folder / "tending", os.O_RDWR | os.O_CREAT) as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _clear(self) -> None:
        try:
            self.shelves.cold.clear()
        except Unavailable:  # the records that need it will say so
            return

    def _due(self) -> Iterator[Record]:
        records, now = self.shelves.records, self.clock().timestamp()
        for kind in (*EVENTS, Kind.MARKED):
            yield from records.all(kind)
        # One due later than if it was begun now: the clock was set back, or restores made faster.
        latest = now + self.restore.total_seconds() + 1
        for kind in (Kind.FAST, Kind.STANDARD):
            yield from (each for each in records.all(kind) if not now < each.due <= latest)
        staged = set(os.listdir(self.shelves.folder / "staged"))  # noqa: PTH208 - names only
        for record in records.all(Kind.READY):
            if record.due <= now or record.name not in staged:
                yield record

    def _see_to(self, record: Record, tell: Tell) -> None:
        found = self.shelves.records.read(record.kind, record.name)
        if found is None:
            return
        key, _ = found
        if record.kind is Kind.MARKED:
            event = self._move(key)
        elif record.kind is Kind.READY:
            event = self._let_go(key)
        elif record.kind in EVENTS:
            event = record.kind
        else:
            event = self._ready(record.kind, key, tell)
        if event:
            self._tell(event, key, tell)

    def _tell(self, event: Kind, key: str, tell: Tell) -> None:
        if self.shelves.records.has(event, name_of(key)):  # else it was deleted
            tell(StoreEvent(EVENTS[event], key))
            self.shelves.records.forget(event, name_of(key))  # else it is told twice

    def _move(self, key: str) -> Kind | None:
        shelves, name = self.shelves, name_of(key)
        found = shelves.kept.find(key)
        if found is None:
            return self._moved_before(key)
        warm, stored = found
        shelves.cold.set_up()
        if not self.compress:
            shelves.cold.check_room(stored.size_bytes)
        copied = shelves.cold.new(name)
        try:
            cold_name = pack(warm, stored.sha256, copied, compress=self.compress)
            moved = shelves.shelve(key, warm=warm, copied=copied, name=cold_name)
        except Untrue:
            return self._harmed(Kind.MARKED, key)
        finally:
            discard(copied)
        if moved:
            shelves.records.drop(Kind.DAMAGED, name)
        return Kind.MOVED if moved else None

    def _moved_before(self, key: str) -> Kind | None:
        """And cut short before it was noted; or it is gone."""
        shelves, name = self.shelves, name_of(key)
        with shelves.changing():
            if shelves.kept.find(key):
                return None
            if shelves.cold.find(key):
                moved = shelves.records.turn(Kind.MARKED, name, Kind.MOVED)
                return Kind.MOVED if moved else None
            shelves.records.drop(Kind.MARKED, name)
        return None

    def _harmed(self, record: Kind, key: str) -> Kind | None:
        shelves, name = self.shelves, name_of(key)
        with shelves.changing():
            if not shelves.records.has(record, name):
                return None
            shelves.records.put(Kind.DAMAGED, key, due=self.clock().timestamp())
            shelves.records.turn(record, name, Kind.HARMED)
        return Kind.HARMED

    def _ready(self, record: Kind, key: str, tell: Tell) -> Kind | None:
        shelves, name = self.shelves, name_of(key)
        expired = shelves.records.has(Kind.READY, name) and not shelves.is_ready(name)
        if expired and (event := self._let_go(key)):
            self._tell(event, key, tell)
        if shelves.is_ready(name) or shelves.kept.find(key):
            with shelves.changing():
                restored = shelves.records.turn(record, name, Kind.RESTORED)
            return Kind.RESTORED if restored else None
        cold = shelves.cold.find(key)
        if cold is None:  # it vanished; one that was deleted has no record either
            return self._harmed(record, key)
        check_room(shelves.folder, cold.path.stat().st_size + self.reserve_bytes)
        copied = shelves.scratch.name()
        try:
            unpack(cold, copied)
            until = (self.clock() + self.restored).timestamp()
            staged = shelves.stage(record, cold, key, copied=copied, until=until)
        except Untrue:
            return self._harmed(record, key)
        finally:
            discard(copied)
        return Kind.RESTORED if staged else None

    def _let_go(self, key: str) -> Kind | None:
        """What expired; or what remains of a restore that was finished and cut short."""
        shelves, name = self.shelves, name_of(key)
        with shelves.changing():
            warm = shelves.kept.find(key)
            if warm:
                shelves.cold.remove(key)
            shelves.unstage(name)
            if warm:
                shelves.records.drop(Kind.READY, name)
                return None
            expired = shelves.records.turn(Kind.READY, name, Kind.EXPIRED)
        return Kind.EXPIRED if expired else None
