"""Child processes of a test: forked, ended by their id, none left behind."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from types import TracebackType

DEADLINE_SECONDS = 60.0


class Child:
    """Runs a function in a fork; what it writes to its pipe can be read here."""

    def __init__(self, run: Callable[[int], None]) -> None:
        self._reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.close(self._reader)
                run(writer)
                code = 0
            except BaseException:  # noqa: BLE001 - a fork must never return into the test
                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(writer)
        self._ended = False

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        os.close(self._reader)

    def read(self) -> bytes:
        return os.read(self._reader, 65536)

    def read_all(self) -> bytes:
        return b"".join(iter(self.read, b""))

    def kill(self) -> None:
        if not self._ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._ended = True

    def end(self) -> int:
        """Waits for it to end by itself; its exit code."""
        _, status = os.waitpid(self.pid, 0)
        self._ended = True
        return os.waitstatus_to_exitcode(status)


def until(found: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)
