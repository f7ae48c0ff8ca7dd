"""The loop of a worker: receive, begin, work, finish; delete last.

What ends a piece of work and what begins the next is one commit where the backend can (`together`):
the changes that finish the last one, the deletion of its message, the receipt of the next message
and the claim on what it speaks of. A worker waits for the disk once for each message: at its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from gas.domain.errors import (
    GasError,
    GivenUp,
    InputError,
    Later,
    StaleReceipt,
    StoreFull,
    Unavailable,
)
from gas.domain.messages import decode, fields_of
from gas.ports.queues import Delivery, Queues
from gas.ports.together import Together
from gas.workers.back_off import BackOff
from gas.workers.events import describe
from gas.workers.heartbeat import Heartbeat
from gas.workers.stop import Stop

WAIT_SECONDS = 0.5
"""An idle worker notices a stop after so long at the latest."""
LOOK_SECONDS = 0.05
"""A busy one waits for nothing, but looks after its queue this often."""
SETTLE_TRIES, SETTLE_SECONDS = 3, 0.5
"""A run of hours is not thrown away for a database that was busy at its end."""
RECEIVE_BACK_OFF = BackOff(first_seconds=0.1, most_seconds=10.0)
RETRY = BackOff(first_seconds=1.0, most_seconds=600.0)
NAMES = {"owner_id": "user_id", "account_id": "user_id"}
"""What the log calls a field of a message."""


class Closing(Protocol):
    """What is left of a piece of work once it is done."""

    def commit(self) -> None:
        """The changes; quick, and in one commit with others. May be called again if that fails."""

    def after(self) -> None:
        """Once they are committed: to tidy up."""


Work = Callable[[Callable[[], bool]], Closing | None]
"""The argument turns True when it has to end: draining, or the message is lost. With None its
changes are made already."""
Begin = Callable[[Delivery], Work | None]
"""Quick, and in one commit with others: claims what the message speaks of; None if it is done
with."""
Step = Callable[[Delivery, Callable[[], bool]], None]

log = structlog.get_logger()


def whole(step: Step) -> Begin:
    """A step that has nothing to claim, and makes its changes itself."""

    def begin(delivery: Delivery) -> Work:
        def work(should_stop: Callable[[], bool]) -> None:
            step(delivery, should_stop)

        return work

    return begin


@dataclass(frozen=True, slots=True)
class Post:
    """A step at its queue."""

    action: str
    queue: str
    visibility_seconds: float
    begin: Begin
    back_off: BackOff = RETRY


@dataclass(frozen=True, slots=True)
class _Done:
    """A message whose work is over."""

    delivery: Delivery
    closing: Closing | None
    began: float
    lost: bool


Begun = tuple[Delivery, Work | None, Exception | None]


class Loop:
    def __init__(
        self, post: Post, *, queues: Queues, together: Together, holder: str, stop: Stop
    ) -> None:
        self._post = post
        self._queues = queues
        self._together = together
        self._holder = holder
        self._stop = stop
        self._done: list[_Done] = []
        self._failures = 0
        self._busy = False
        """It went from one message to the next without waiting."""
        self._waited = 0.0
        self._heart = Heartbeat(queues, post.visibility_seconds)

    def run(self) -> None:
        """Until told to stop; then nothing of ours is held any more, as far as it goes."""
        with self._heart:
            while not self._stop.asked:
                for delivery, work, trouble in self._next():
                    self._take(delivery, work, trouble)
            self._settle()

    def _next(self) -> list[Begun]:
        """Finishes what is done, and begins the next as far as there is one."""
        try:
            if not self._done:
                if not self._wait(WAIT_SECONDS):
                    return []
            elif self._busy and time.monotonic() - self._waited > LOOK_SECONDS:
                self._wait(0.0)  # this is what notices those who died with a message in hand
            return self._turn(receives=not self._stop.asked)
        except Exception as error:  # noqa: BLE001 (the loop outlives any backend)
            self._failures += 1
            log.warning("receive", action=self._post.action, **describe(error))
            self._give_up_closing(error)
            self._stop.wait(RECEIVE_BACK_OFF.seconds(self._failures))
            return []

    def _wait(self, seconds: float) -> bool:
        found = self._queues.wait(self._post.queue, holder=self._holder, seconds=seconds)
        self._waited = time.monotonic()
        return found

    def _turn(self, *, receives: bool) -> list[Begun]:
        begun: list[Begun] = []
        # A receipt and a claim may be lost in a power cut: the job runs anew, from the beginning.
        with self._together(durable=bool(self._done)):
            for done in self._done:
                if done.closing:
                    done.closing.commit()
            receipts = tuple(done.delivery.receipt for done in self._done)
            if receives:
                found = self._queues.receive(self._post.queue, holder=self._holder, done=receipts)
                begun = [self._begun(delivery) for delivery in found]
            else:
                self._delete(receipts)
        self._failures = 0
        self._busy = bool(begun and self._done)
        self._heart.let_go()
        for delivery, work, _ in begun:
            if work:
                self._heart.hold(delivery.receipt)  # to tidy up after the last one may take a while
        for done in self._done:
            self._finish(done)
        self._done.clear()
        return begun

    def _begun(self, delivery: Delivery) -> Begun:
        try:
            return delivery, self._post.begin(delivery), None
        except Exception as error:  # noqa: BLE001 (of this message alone; a database that broke
            return delivery, None, error  # says so again at the commit)

    def _finish(self, done: _Done) -> None:
        if done.closing:
            try:
                done.closing.after()
            except Exception as error:  # noqa: BLE001 (its changes stand; the rest is tidied later)
                log.warning("after", action=self._post.action, **describe(error))
        self._tell(done.delivery, done.began, "lost" if done.lost else "done")

    def _give_up_closing(self, error: Exception) -> None:
        """What a want of room or an outage held up is tried again, for as long as the message is
        ours; what broke of itself is not: its message goes back."""
        if isinstance(error, (Unavailable, StoreFull)) and not self._heart.lost:
            return
        self._heart.let_go()
        for done in self._done:
            told = describe(error)
            self._tell(done.delivery, done.began, self._refuse(done.delivery, error), **told)
        self._done.clear()

    def _take(self, delivery: Delivery, work: Work | None, trouble: Exception | None) -> None:
        began = time.monotonic()
        if trouble is not None:
            self._tell(delivery, began, self._refuse(delivery, trouble), **describe(trouble))
        elif work is None:
            self._done.append(_Done(delivery, None, began, lost=False))
        else:
            self._work(delivery, work, began)

    def _work(self, delivery: Delivery, work: Work, began: float) -> None:
        held = self._heart.hold(delivery.receipt)
        try:
            closing = work(lambda: self._stop.asked or held.lost)
        except Exception as error:  # noqa: BLE001 (a step may break; the worker lives on)
            self._heart.let_go()
            self._tell(delivery, began, self._refuse(delivery, error), **describe(error))
        else:
            self._done.append(_Done(delivery, closing, began, lost=held.lost))

    def _tell(self, delivery: Delivery, began: float, outcome: str, **told: str) -> None:
        log.info(
            "step",
            action=self._post.action,
            **_about(delivery),
            seconds=round(time.monotonic() - began, 4),
            outcome=outcome,
            receive_count=delivery.receive_count,
            **told,
        )

    def _refuse(self, delivery: Delivery, error: Exception) -> str:
        """What becomes of a message whose step raised."""
        if isinstance(error, (InputError, GivenUp)):
            return self._bury(delivery, error)
        # A stop is no fault of the message: it need not wait.
        seconds, counts = self._post.back_off.seconds(delivery.receive_count), True
        if isinstance(error, Later):
            seconds, counts = error.seconds, error.counts
        elif self._stop.asked:
            seconds = 0.0
        return self._give_back(delivery, delay_seconds=seconds, counts=counts)

    def _bury(self, delivery: Delivery, error: GasError) -> str:
        try:
            self._queues.bury(delivery.receipt, str(error.reason))
        except Exception as trouble:  # noqa: BLE001 (it will be delivered, and buried, again)
            return _lost(trouble)
        return "buried"

    def _give_back(self, delivery: Delivery, *, delay_seconds: float, counts: bool) -> str:
        try:
            self._queues.release(delivery.receipt, delay_seconds, counts=counts)
        except Exception as trouble:  # noqa: BLE001 (it comes back by itself, a little later)
            return _lost(trouble)
        return "retried"

    def _delete(self, receipts: tuple[str, ...]) -> None:
        for receipt in receipts:
            try:
                self._queues.delete(receipt)
            except StaleReceipt:
                continue

    def _settle(self) -> None:
        """Finishes what waits for a next message that will not come."""
        for _ in range(SETTLE_TRIES):
            if not self._done:
                break
            try:
                self._turn(receives=False)
            except Exception as error:  # noqa: BLE001 (it is done again elsewhere, at the worst)
                log.warning("settle", action=self._post.action, **describe(error))
                self._give_up_closing(error)
                time.sleep(SETTLE_SECONDS)
        self._heart.let_go()


def _lost(trouble: Exception) -> str:
    return "lost" if isinstance(trouble, StaleReceipt) else f"held ({type(trouble).__name__})"


def _about(delivery: Delivery) -> dict[str, str]:
    try:
        message = decode(delivery.body)
    except InputError:
        return {"message_id": delivery.message_id}
    return {NAMES.get(name, name): str(value) for name, value in fields_of(message).items()}
