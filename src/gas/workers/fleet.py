"""The supervisor of one machine: starts children, restarts what dies, stops in order.

It has one thread, imports what its children need and opens nothing, so that a fork is safe, takes
milliseconds and shares memory. Children lead process groups of their own and ask the kernel for a
SIGTERM at its death, so that none outlives it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from gas.workers.back_off import BackOff
from gas.workers.logs import LineReader, MergedLog
from gas.workers.process import fork_child, kill_group

RESTART = BackOff(first_seconds=0.2, most_seconds=5.0)
SETTLED_SECONDS, KILLED_SECONDS = 3.0, 1.0
"""A child that lived so long starts with a clean sheet. So does, sooner, one that SIGKILL ended:
whoever was killed from outside did nothing wrong, and is missed."""
PATIENCE_SECONDS = 10.0
"""So long may one group of children take to stop; then it is killed."""
TURN_SECONDS = 0.5
OWN_NAME = "up"
DEAD = os.WEXITED | os.WNOHANG | os.WNOWAIT


@dataclass(frozen=True, slots=True)
class Berth:
    """A place in the fleet: who runs there, and when it stops (lower numbers first)."""

    name: str
    run: Callable[[], int]
    """The life of the child, up to its exit code."""
    stop_order: int = 1


@dataclass(slots=True)
class Child:
    berth: Berth
    pid: int = 0
    """0 while there is no process."""
    began_at: float = 0.0
    falls: int = 0
    """How often in a row it died young."""
    start_at: float = 0.0
    output: LineReader | None = None


@dataclass(slots=True)
class Fleet:
    berths: Sequence[Berth]
    log: MergedLog
    patience_seconds: float = PATIENCE_SECONDS
    children: list[Child] = field(init=False)
    signals: int = field(default=0, init=False)
    _selector: selectors.BaseSelector = field(init=False)
    _wakeup: int = field(init=False)

    def run(self) -> int:
        """Until SIGTERM or SIGINT; a second one forces. 0 if all ended in order, else 1."""
        self.children = [Child(berth) for berth in self.berths]
        self._selector = selectors.DefaultSelector()
        with contextlib.ExitStack() as closing:
            closing.callback(self._selector.close)
            self._listen(closing)
            # Between a fork and the child's own set-up, or in a bug of ours: nobody stays behind.
            closing.callback(self._kill_all)
            while not self.signals:
                self._start_due()
                self._turn(self._seconds_to_next())
            return self._stop_in_order()

    def _listen(self, closing: contextlib.ExitStack) -> None:
        self._wakeup, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        closing.callback(os.close, self._wakeup)
        closing.callback(os.close, writer)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        closing.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(writer))

        def count(_number: int, _frame: FrameType | None) -> None:
            self.signals += 1

        def wake(_number: int, _frame: FrameType | None) -> None: ...

        for number, handler in (
            (signal.SIGTERM, count),
            (signal.SIGINT, count),
            (signal.SIGCHLD, wake),  # its byte on the wake-up pipe is all we want
        ):
            closing.callback(signal.signal, number, signal.signal(number, handler))

    def _say(self, text: str) -> None:
        self.log.line(OWN_NAME, text.encode())

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if not child.pid and child.start_at <= now:
                self._start(child)

    def _start(self, child: Child) -> None:
        output = LineReader()
        child.pid = fork_child(child.berth.run, output=output.writer)
        child.began_at = time.monotonic()
        output.close_writer()
        child.output = output
        self._selector.register(output.reader, selectors.EVENT_READ, child)
        self._say(f"{child.berth.name} starts as process {child.pid}")

    def _seconds_to_next(self) -> float:
        waiting = [child.start_at for child in self.children if not child.pid]
        now = time.monotonic()
        return max(0.0, min([TURN_SECONDS, *(at - now for at in waiting)]))

    def _turn(self, seconds: float) -> None:
        """Waits for output, a signal or a death, and deals with it."""
        for key, _ in self._selector.select(seconds):
            if key.fd == self._wakeup:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wakeup, 4096)
            else:
                self._read(key.data)
        self._reap()

    def _read(self, child: Child) -> None:
        if child.output is None:
            return
        lines, open_still = child.output.lines()
        for line in lines:
            self.log.line(child.berth.name, line)
        if not open_still:
            self._close_output(child)

    def _close_output(self, child: Child) -> None:
        if child.output:
            self._selector.unregister(child.output.reader)
            child.output.close()
            child.output = None

    def _reap(self) -> None:
        for child in self.children:
            # Not reaped yet: its number, which is its group's, stays its own for a while.
            if child.pid and os.waitid(os.P_PID, child.pid, DEAD):
                self._bury(child)

    def _bury(self, child: Child) -> None:
        # What it started and left behind goes with it.
        kill_group(child.pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        self._read(child)
        self._close_output(child)
        lived_seconds = time.monotonic() - child.began_at
        child.pid = 0
        if self.signals:
            self._say(f"{child.berth.name} ended ({_cause(code)})")
            return
        settled_seconds = KILLED_SECONDS if code == -signal.SIGKILL else SETTLED_SECONDS
        child.falls = 1 if lived_seconds >= settled_seconds else child.falls + 1
        # The first fall is mended at once; who falls again and again has to wait.
        delay_seconds = 0.0 if child.falls == 1 else RESTART.seconds(child.falls - 1)
        child.start_at = time.monotonic() + delay_seconds
        self._say(
            f"{child.berth.name} died after {lived_seconds:.1f} s ({_cause(code)}); "
            f"starts again in {delay_seconds:.1f} s"
        )

    def _stop_in_order(self) -> int:
        code = 0
        for order in sorted({berth.stop_order for berth in self.berths}):
            group = [child for child in self.children if child.berth.stop_order == order]
            if not self._stop_group(group):
                code = 1
        self._say("all ended" if code == 0 else "ended by force")
        return code

    def _stop_group(self, group: Sequence[Child]) -> bool:
        """False if somebody had to be killed."""
        self._say(f"stops: {', '.join(child.berth.name for child in group)}")
        for child in group:
            if child.pid:
                # To the child alone: it stops what it started in its own order.
                os.kill(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + self.patience_seconds
        while any(child.pid for child in group):
            if self.signals > 1 or time.monotonic() >= deadline:
                for child in group:
                    if child.pid:
                        self._say(f"{child.berth.name} is killed")
                        kill_group(child.pid, signal.SIGKILL)
                        self._bury(child)
                return False
            self._turn(0.05)
        return True

    def _kill_all(self) -> None:
        for child in self.children:
            if child.pid:
                kill_group(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
                child.pid = 0
            self._close_output(child)


def _cause(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
