"""A fair share of a worker: one account's messages may take up some of its threads, never all."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from gas.domain.errors import Later
from gas.domain.messages import decode_job
from gas.ports.queues import Delivery
from gas.workers.back_off import BackOff
from gas.workers.loop import Step

AGAIN = BackOff(first_seconds=1.0, most_seconds=60.0)
"""Each time longer: thousands of one account would keep the threads, and the database, busy with
nothing but taking them and giving them back."""


def shared(step: Step, *, each: int) -> Step:
    """`step`, which sends a message back for a while when its owner has `each` in hand already."""
    in_hand: Counter[str] = Counter()
    lock = threading.Lock()

    def take(owner_id: str) -> bool:
        with lock:
            mine = in_hand[owner_id] < each
            in_hand[owner_id] += mine
            return mine

    def give_back(owner_id: str) -> None:
        with lock:
            in_hand[owner_id] -= 1
            if not in_hand[owner_id]:
                del in_hand[owner_id]

    def one(delivery: Delivery, should_stop: Callable[[], bool]) -> None:
        owner_id = decode_job(delivery.body).owner_id
        if not take(owner_id):
            seconds = AGAIN.seconds(delivery.receive_count)
            why = "Others have their turn first."
            # It counts, since that is how it waits longer each time.
            raise Later("OWNER_BUSY", why, seconds=seconds, counts=True)
        try:
            step(delivery, should_stop)
        finally:
            give_back(owner_id)

    return one
