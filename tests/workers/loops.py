"""A worker's loop in a thread of a test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gas.domain.messages import ANNOTATE
from gas.ports.queues import Queues
from gas.ports.services import Services
from gas.workers.back_off import BackOff
from gas.workers.loop import Begin, Loop, Post
from gas.workers.stop import Stop

AT_ONCE = BackOff(first_seconds=0.0, most_seconds=0.0)


@dataclass
class Running:
    stop: Stop
    thread: threading.Thread

    def end(self) -> None:
        self.stop.ask()
        self.thread.join(timeout=10)
        assert not self.thread.is_alive()


@contextmanager
def running(
    services: Services,
    begin: Begin,
    *,
    queue: str = "annotate",
    back_off: BackOff = AT_ONCE,
    visibility_seconds: float = ANNOTATE.visibility_seconds,
    queues: Queues | None = None,
    holder: str = "tested-1-ab",
) -> Iterator[Running]:
    """A loop in a thread, ended with the block."""
    stop = Stop()
    post = Post(queue, queue, visibility_seconds, begin, back_off)
    loop = Loop(
        post,
        queues=queues or services.queues,
        together=services.together,
        holder=holder,
        stop=stop,
    )
    now = Running(stop, threading.Thread(target=loop.run))
    now.thread.start()
    try:
        yield now
    finally:
        now.end()
        stop.close()
