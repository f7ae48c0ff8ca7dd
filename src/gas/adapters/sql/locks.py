"""Kernel locks on files: held by a process, given back by its death, whatever the cause."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from gas.adapters.sql.database import busy

FIRST_PAUSE = 0.00001
"""What the kernel adds is five times that; a writer is done within half a millisecond."""
LONGEST_PAUSE = 0.001


class LockFile:
    """A lock between processes. Threads of one process need a lock of their own around it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def acquire(self, deadline: float) -> None:
        """Unavailable at the deadline (monotonic). A blocking flock knows no time-out, and a
        writer that is stopped must not stop all others for ever: hence the short pauses."""
        pause = FIRST_PAUSE
        while not self._try():
            if time.monotonic() > deadline:
                raise busy("another process has been writing for too long")
            time.sleep(pause)
            pause = min(pause * 1.3, LONGEST_PAUSE)

    def _try(self) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def release(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._descriptor)
