"""Wakes receivers that wait: one named pipe per queue, one byte per message that became visible.

Works between the processes of one machine, whatever the database; receivers look for themselves
ten times a second all the same, so that a byte that is missing costs a tenth of a second.
"""

from __future__ import annotations

import os
import select
import threading
import time
from contextlib import suppress
from pathlib import Path


class Wakes:
    def __init__(self, run_path: Path) -> None:
        self._path = run_path
        self._pipes: dict[str, int] = {}
        self._taken_early: set[str] = set()
        """Queues of which `wait` took the byte of a message that was not received yet."""
        self._making = threading.Lock()

    def wake(self, queue: str, count: int = 1) -> None:
        # A full pipe has more bytes than there are receivers to wake.
        with suppress(BlockingIOError):
            os.write(self._pipe(queue), b"." * min(count, 4096))

    def wait(self, queue: str, seconds: float) -> bool:
        """True, and early, when somebody wakes this receiver: of those who wait, whoever gets the
        byte. The others go on waiting; they would only be in its way."""
        deadline = time.monotonic() + seconds
        pipe = self._pipe(queue)
        poll = select.poll()  # select() is limited to descriptors below 1,024
        poll.register(pipe, select.POLLIN)
        while poll.poll(max(deadline - time.monotonic(), 0.0) * 1000):
            with suppress(BlockingIOError):
                os.read(pipe, 1)
                self._taken_early.add(queue)
                return True
        return False

    def taken(self, queue: str, count: int) -> None:
        """So many messages were received: their bytes shall wake nobody."""
        if queue in self._taken_early:
            self._taken_early.discard(queue)
            count -= 1
        if count:
            with suppress(BlockingIOError):
                os.read(self._pipe(queue), count)

    def close(self) -> None:
        pipes, self._pipes = self._pipes, {}
        for pipe in pipes.values():
            os.close(pipe)

    def _pipe(self, queue: str) -> int:
        pipe = self._pipes.get(queue)
        return self._open(queue) if pipe is None else pipe

    def _open(self, queue: str) -> int:
        path = self._path / f"wake-{queue}"
        with self._making:
            if queue not in self._pipes:
                with suppress(FileExistsError):
                    os.mkfifo(path, 0o600)
                # For reading and writing, so that opening never waits and no end is ever missing.
                self._pipes[queue] = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            return self._pipes[queue]
