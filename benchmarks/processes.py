"""Processes that a benchmark starts, what they cost, and how they end. Linux only (/proc)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
CALM = {"PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}


class TooSlow(Exception):
    """What was waited for did not come in time."""


def end_with_all() -> None:
    """SIGTERM ends us like Ctrl-C does, so that what was started ends first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))


def python_path() -> str:
    given = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join(filter(None, (str(ROOT), str(ROOT / "src"), given)))


class Crowd:
    """Starts processes, each in a group of its own, and ends every one of them on exit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Crowd:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in reversed(self._started):
            self.end(process)

    def start(
        self, command: Sequence[str], *, talks: bool = False, extra: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """With `talks` its input and output are pipes; else both go to `log` in the folder."""
        with (self._folder / "log").open("a") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": python_path(), **CALM, **(extra or {})},
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def end(self, process: subprocess.Popen[str], seconds: float = 10.0) -> None:
        """Closes its input, TERM, then KILL; whoever it started goes with it."""
        family = descendants([process.pid])
        if process.stdin:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
        for pid in family:
            if session_of(pid) == process.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def run(interpreter: str, module: str, *arguments: str, seconds: float = 120) -> str:
    """Runs a module of ours to its end and gives what it printed."""
    try:
        ended = subprocess.run(
            [interpreter, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": python_path(), **CALM},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise TooSlow(f"{module} {arguments[0]} took over {seconds:.0f} s") from error
    except subprocess.CalledProcessError as error:
        raise TooSlow(f"{module} {arguments[0]} failed: {error.stderr.strip()[-300:]}") from error
    return ended.stdout


def wait_until(what: str, happened: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise TooSlow(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.005)


def descendants(pids: Iterable[int]) -> list[int]:
    """All that live below these processes, themselves left out."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(entry.name))
        if fields:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = list(pids)
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes so far, threads and reaped children included."""
    return sum(sum(map(int, fields[11:15])) for pid in pids if (fields := _stat(pid))) / TICK


def pss_megabytes(pids: Iterable[int]) -> float:
    """Memory with shared pages divided among those who share them."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def resident_megabytes(pid: int, *, peak: bool = False) -> float:
    name = "VmHWM:" if peak else "VmRSS:"
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def session_of(pid: int) -> int:
    """0 if it is gone."""
    fields = _stat(pid)
    return int(fields[3]) if fields else 0


def _stat(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat after the name, from `state` on; empty if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()
