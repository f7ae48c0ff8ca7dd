"""The one loop of all workers that are fed by a queue.

Receive -> heartbeat while the step runs -> delete last. A step that returns is done with its
message; one that raises gets it again later, or never if trying again is useless. The receipt of
a finished message travels with the next receive, so that both cost one commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from gas.domain.errors import GasError, GivenUp, InputError, StaleReceipt
from gas.domain.messages import decode
from gas.ports.queues import Delivery, Queues
from gas.workers.back_off import BackOff
from gas.workers.events import describe
from gas.workers.heartbeat import Heartbeat
from gas.workers.stop import Stop

WAIT_SECONDS = 0.5
"""Of one receive: an idle worker notices a stop after so long at the latest."""
RECEIVE_BACK_OFF = BackOff(first_seconds=0.1, most_seconds=10.0)
RETRY = BackOff(first_seconds=1.0, most_seconds=600.0)

Step = Callable[[Delivery, Callable[[], bool]], None]
"""The second argument turns True when the step has to end: draining, or the message is lost."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Post:
    """A step at its queue."""

    action: str
    queue: str
    visibility_seconds: float
    step: Step
    back_off: BackOff = RETRY


class Loop:
    def __init__(self, post: Post, *, queues: Queues, holder: str, stop: Stop) -> None:
        self._post = post
        self._queues = queues
        self._holder = holder
        self._stop = stop
        self._done: list[str] = []
        self._failures = 0
        self._heart = Heartbeat(queues, post.visibility_seconds)

    def run(self) -> None:
        """Until told to stop; then nothing of ours is held any more, as far as it goes."""
        with self._heart:
            while not self._stop.asked:
                for delivery in self._receive():
                    self._take(delivery)
            self._settle()

    def _take(self, delivery: Delivery) -> None:
        if self._stop.asked:  # told so while it waited
            self._give_back(delivery, delay_seconds=0.0)
        else:
            self._work(delivery)

    def _receive(self) -> list[Delivery]:
        try:
            found = self._queues.receive(
                self._post.queue,
                holder=self._holder,
                wait_seconds=WAIT_SECONDS,
                done=tuple(self._done),
            )
        except Exception as error:  # noqa: BLE001 (the loop outlives any backend)
            self._failures += 1
            log.warning("receive", action=self._post.action, **describe(error))
            self._stop.wait(RECEIVE_BACK_OFF.seconds(self._failures))
            return []
        self._done.clear()
        self._failures = 0
        return list(found)

    def _work(self, delivery: Delivery) -> None:
        began = time.monotonic()
        held = self._heart.hold(delivery.receipt)
        told: dict[str, str] = {}
        try:
            self._post.step(delivery, lambda: self._stop.asked or held.lost)
        except Exception as error:  # noqa: BLE001 (a step may break; the worker lives on)
            self._heart.let_go()
            told = describe(error)
            outcome = self._refuse(delivery, error)
        else:
            self._heart.let_go()
            self._done.append(delivery.receipt)
            outcome = "lost" if held.lost else "done"
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
        seconds = 0.0 if self._stop.asked else self._post.back_off.seconds(delivery.receive_count)
        return self._give_back(delivery, delay_seconds=seconds)

    def _bury(self, delivery: Delivery, error: GasError) -> str:
        try:
            self._queues.bury(delivery.receipt, str(error.reason))
        except Exception as trouble:  # noqa: BLE001 (it will be delivered, and buried, again)
            return _lost(trouble)
        return "buried"

    def _give_back(self, delivery: Delivery, *, delay_seconds: float) -> str:
        try:
            self._queues.release(delivery.receipt, delay_seconds)
        except Exception as trouble:  # noqa: BLE001 (it comes back by itself, a little later)
            return _lost(trouble)
        return "retried"

    def _settle(self) -> None:
        """Deletes what waits for a next receive that will not come."""
        for receipt in self._done:
            try:
                self._queues.delete(receipt)
            except StaleReceipt:
                continue
            except Exception as error:  # noqa: BLE001 (a second delivery does no harm)
                log.warning("settle", action=self._post.action, **describe(error))
        self._done.clear()


def _lost(trouble: Exception) -> str:
    return "lost" if isinstance(trouble, StaleReceipt) else f"held ({type(trouble).__name__})"


def _about(delivery: Delivery) -> dict[str, str]:
    try:
        message = decode(delivery.body)
    except InputError:
        return {"message_id": delivery.message_id}
    return {"job_id": message.job_id, "user_id": message.owner_id}
