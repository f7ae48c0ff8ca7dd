"""The wish to stop: set by a signal, asked by loops and steps."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType

DRAIN_SECONDS = 8.0
ORPHAN_SECONDS = 2.0


class Stop:
    """A flag that a signal handler may set at any moment.

    No `threading.Event`: setting one takes a lock that the interrupted code may hold.
    """

    def __init__(self) -> None:
        self.asked = False
        self._reader, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def ask(self) -> None:
        self.asked = True
        try:
            os.write(self._writer, b"x")
        except BlockingIOError:
            return  # full of such bytes already

    def wait(self, seconds: float) -> bool:
        """Sleeps; True, and at once, when asked to stop."""
        if not self.asked and seconds > 0:
            select.select([self._reader], [], [], seconds)
        return self.asked

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)


def stop_on_signals(stop: Stop) -> None:
    """SIGTERM and SIGINT drain. The process ends itself if that takes too long: by SIGALRM, whose
    default action the kernel takes even while Python waits for something. What was held then is
    taken over by others, as after any crash."""
    parent = os.getppid()

    def drain(_number: int, _frame: FrameType | None) -> None:
        # The kernel sends SIGTERM, too, when the supervisor died: nobody waits for us then.
        orphan = os.getppid() != parent
        signal.setitimer(signal.ITIMER_REAL, ORPHAN_SECONDS if orphan else DRAIN_SECONDS)
        stop.ask()

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, drain)
