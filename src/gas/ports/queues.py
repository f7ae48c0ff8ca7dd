"""Topics that fan out to queues, with the semantics of SNS and SQS.

Delivery is at least once, unordered, sometimes late. A message is held by one receiver for its
queue's visibility time, which the holder extends; then it is visible again. The receive count
rises with each receive, and past the queue's limit the message goes to the dead letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gas.domain.messages import Message, QueueSpec


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in hand."""

    queue: str
    message_id: str
    """Stays the same from delivery to delivery."""
    receipt: str
    """Valid for this delivery only."""
    body: str
    """See `domain.messages.decode`."""
    receive_count: int
    """1 at the first delivery."""
    abandoned: bool = False
    """The queue knows that the holder before this one died."""


class Queues(Protocol):
    def declare(self, spec: QueueSpec) -> None:
        """Makes the queue and its subscriptions. On repetition, topics and limits are brought up
        to `spec`, but what an operator has set with `configure` stays."""

    def publish(self, message: Message) -> None:
        """A copy to every queue subscribed to its topic, after that queue's delay; else to none.
        Its group is that of `domain.messages.group_of`."""

    def wait(self, queue: str, *, holder: str, seconds: float) -> bool:
        """Waits until a message may be there to receive, and says so; False after waiting in
        vain. Takes nothing. A backend that waits in `receive` answers True at once."""

    def receive(
        self,
        queue: str,
        *,
        holder: str,
        wait_seconds: float = 0.0,
        limit: int = 1,
        done: Sequence[str] = (),
    ) -> Sequence[Delivery]:
        """At most `limit` visible messages, oldest first within a group as far as it goes, groups
        in turn, so that a long one does not push others out; empty after waiting `wait_seconds`
        in vain. While as many of a group as its queue allows are not done with, the others are
        passed over, which is no receive; one of them is visible at once when one is done with.
        Messages past their receive limit go to the dead letters instead.
        `done` are receipts to delete first, in the same commit where the backend can; stale ones
        among them are passed over. `holder` names the process (see `abandon`)."""

    def extend(self, receipt: str, visibility_seconds: float) -> None:
        """Holds on for so long from now. StaleReceipt if it is held no more."""

    def release(self, receipt: str, delay_seconds: float = 0.0, *, counts: bool = True) -> None:
        """Gives it back, visible after the delay; without one at once, and at its old place in
        the queue as far as it goes. If it does not count, this receive is taken off the receive
        count, where the backend can. StaleReceipt if it is held no more."""

    def delete(self, receipt: str) -> None:
        """Done with. StaleReceipt, and nothing deleted, if it is held no more."""

    def bury(self, receipt: str, why: str) -> None:
        """To the dead letters now. StaleReceipt if it is held no more."""

    def abandon(self, holder: str) -> int:
        """This holder is dead: what it held is visible at once, marked so. Says how many."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue as an operator sees it."""

    name: str
    topics: tuple[str, ...]
    visible: int
    held: int
    delayed: int
    dead: int
    oldest_seconds: float
    """Age of the oldest message, whether it is visible, held or delayed; 0.0 if there is none."""
    delay_seconds: float
    visibility_seconds: float
    max_receives: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    message_id: str
    body: str
    receive_count: int
    died_at: datetime
    why: str


class QueueDesk(Protocol):
    """What an operator does with queues. NotFound for a queue that is not there."""

    def states(self) -> Sequence[QueueState]: ...

    def delay_seconds(self, queue: str) -> float:
        """Quick enough for every page."""

    def configure(
        self,
        queue: str,
        *,
        delay_seconds: float | None = None,
        visibility_seconds: float | None = None,
        max_receives: int | None = None,
    ) -> None:
        """Applies to messages published, or received, from now on."""

    def dead_letters(
        self, queue: str, *, limit: int, after: str | None = None
    ) -> Sequence[DeadLetter]:
        """In order of message id."""

    def redrive(self, queue: str, message_id: str | None = None) -> int:
        """Puts dead letters (one, or all) back, their receive count at 0. Says how many."""

    def remove_dead_letter(self, queue: str, message_id: str) -> None:
        """Nothing happens if it is gone."""

    def forget(self, mentioned: str, *, apart_from: str) -> int:
        """Removes the messages and dead letters that name this id. Messages in hand stay; says how
        many there are, but for those of the queue `apart_from`. A backend that cannot look into
        its queues removes nothing and says 0: whoever receives them finds nothing to do."""
