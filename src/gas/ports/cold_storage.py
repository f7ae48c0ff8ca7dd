"""Cold storage: where archived results rest, cheap and slow to get back.

It goes with `Files` of the same backend and names a file by the same key: one that is WARM is in
`Files`, one that is COLD is not, and `Files.delete` removes it wherever it is. The store moves
files in its own time; what it did it tells as events, at least once, in any order, sometimes late.

Moving is a request (`mark`) that the store carries out later, and that may be carried out still
after it was taken back: who takes it back must look again, or listen for MOVED.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from gas.domain.results import Lodging


class Speed(StrEnum):
    """Of a restore."""

    FAST = "fast"  # dearer, and refused while its capacity is used up
    STANDARD = "standard"


class StoreEventKind(StrEnum):
    MOVED = "moved"  # it is COLD now
    RESTORED = "restored"  # what was begun is READY
    EXPIRED = "expired"  # what was READY is not any more: begin again
    DAMAGED = "damaged"  # it was to be moved or restored, and is not what it was


@dataclass(frozen=True, slots=True)
class StoreEvent:
    kind: StoreEventKind
    key: str


Tell = Callable[[StoreEvent], None]


class ColdStorage(Protocol):
    @property
    def usual_restore(self) -> timedelta:
        """How long a restore takes as a rule: what a person who waits is told."""

    @property
    def settles_within(self) -> timedelta:
        """Past this, what was marked has been moved and what was asked back is READY; else
        something is wrong."""

    def look(self, key: str) -> Lodging:
        """As it is at this moment; GONE if there is no such file, warm or cold."""

    def mark(self, key: str) -> None:
        """Asks for it to be moved to the cold class. Nothing happens if it is marked, or cold.
        NotFound if it is GONE; InputError BAD_KEY if it is none that `may_be_archived`: of other
        prefixes nobody looks here when they are deleted."""

    def unmark(self, key: str) -> None:
        """Takes that back as far as it has not happened yet. Nothing happens if it is not marked,
        cold or gone."""

    def begin_restore(self, key: str, *, speed: Speed) -> None:
        """RESTORED or DAMAGED will be told. Already begun, or READY, counts as success. NotArchived
        if it is WARM, NotFound if GONE, CapacityRefused for FAST if there is no capacity left: then
        STANDARD is taken. Where it was DAMAGED before, it is tried anew."""

    def finish_restore(self, key: str) -> None:
        """Puts what is READY back in the standard class, unmarked; the same bytes as ever, or it
        does not return. Nothing happens if it is WARM. NotReady if it is COLD otherwise; NotFound
        if GONE."""

    def verify(self, key: str) -> None:
        """Reads a WARM file whole and notes, or takes back, that it is damaged. Nothing happens to
        one that is COLD or GONE."""

    def check(self) -> str:
        """Where files go and how much room there is, as an operator reads it. StoreFull,
        Unavailable if none can be moved there now."""

    def tend(self, tell: Tell, *, limit: int, seconds: float = math.inf) -> int:
        """What a store does in its own time, where it is a part of this service; elsewhere
        nothing. Moves what is marked, readies what is asked back and due, lets go what expired; at
        most `limit` of them, owners in turn; begins with none after `seconds`, so that whoever
        came meanwhile need not wait. An event is forgotten only once `tell` returned, and
        a file deleted only once its copy was read back and found equal. Says how much it did. Of
        several at once, only one does. Of what goes wrong with one file, the others hear nothing;
        in the end it raises the last of it: StoreFull, Unavailable."""
