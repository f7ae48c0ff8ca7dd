"""The parent's side of a child process: start it, listen to it, end it and all it started."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gas.domain import errors
from gas.domain.errors import EngineFailed, GasError, TooLarge

LISTEN_SECONDS = 0.2
TERM_SECONDS = 0.1
KILL_SECONDS = 0.5
MODULE = "gas.engines.bcftools.child"
COMPLAINTS_NAME = "child.err"
MAX_ANSWER_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Bounds:
    memory_bytes: int
    seconds: int
    stall_seconds: float = 120.0
    """No answer, or no work done by any of its processes, for so long: it hangs."""


class Child:
    """A context: leaving it ends the process and every process of its group."""

    def __init__(self, what: str, told: str, *, work_path: Path, bounds: Bounds) -> None:
        self._bounds = bounds
        self._rest = b""
        self._errors_path = work_path / COMPLAINTS_NAME
        package_path = Path(__file__).parents[3]
        command = [sys.executable, "-P", "-m", MODULE, str(os.getpid())]
        command += [str(bounds.memory_bytes), str(bounds.seconds), what]
        with self._errors_path.open("wb") as complaints:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                cwd=work_path,
                env={
                    "PATH": os.defpath,
                    "LANG": "C.UTF-8",
                    "PYTHONPATH": str(package_path),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "TMPDIR": str(work_path),
                },
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._told = told.encode() + b"\n"

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._end_group()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def answers(self) -> Iterator[dict[str, Any]]:
        """What it says, and an empty answer at least every 0.2 s; ends with its 'done'.

        Raises what it failed of, and EngineFailed or TooLarge if it died, hung or ran too long.
        """
        begun = moved = time.monotonic()
        work: Any = None
        self._hand_over()
        while True:
            answer = self._next()
            now = time.monotonic()
            if answer is None:
                raise self._died()
            if "failed" in answer:
                raise _error(answer["failed"])
            if ("note" in answer or "done" in answer) or answer.get("work", work) != work:
                moved, work = now, answer.get("work", work)
            yield answer
            if "done" in answer:
                return
            if now - begun > self._bounds.seconds:
                raise _too_long(self._bounds.seconds)
            if now - moved > self._bounds.stall_seconds:
                raise EngineFailed(
                    "ENGINE_STALLED",
                    f"The engine has done nothing for {self._bounds.stall_seconds:.0f} seconds.",
                    cure="Run the job again; if it stays so, send its log to the operator.",
                )

    def _hand_over(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 (opened as a pipe above)
        try:
            stdin.write(self._told)
            stdin.close()
        except BrokenPipeError:
            return  # it is dead already; reading tells so

    def _next(self) -> dict[str, Any] | None:
        """An answer, an empty one after a while, None at the end."""
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 (opened as a pipe above)
        while b"\n" not in self._rest:
            ready, _, _ = select.select([stdout], [], [], LISTEN_SECONDS)
            if not ready:
                return {}
            chunk = os.read(stdout.fileno(), 1 << 16)
            if not chunk or len(self._rest) > MAX_ANSWER_BYTES:
                return None
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _died(self) -> GasError:
        try:
            status = self._process.wait(KILL_SECONDS)
        except subprocess.TimeoutExpired:
            status = 0
        if status in (-signal.SIGXCPU, -signal.SIGKILL) and self._over_time():
            return _too_long(self._bounds.seconds)
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        return EngineFailed(
            "ENGINE_CRASHED",
            f"The engine's process {how}.",
            cure="Run the job again; if it stays so, send its log to the operator.",
        )

    def _over_time(self) -> bool:
        return self._process.returncode == -signal.SIGXCPU

    def _end_group(self) -> None:
        if self._signal_group(signal.SIGTERM):
            _wait(self._process, TERM_SECONDS)
        self._signal_group(signal.SIGKILL)
        self._process.wait()
        deadline = time.monotonic() + KILL_SECONDS
        while self._signal_group(0) and time.monotonic() < deadline:
            time.sleep(0.002)  # its own children are reaped by init

    def _signal_group(self, number: int) -> bool:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        return True


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _error(words: list[str]) -> GasError:
    kind, code, message, place, cure = words
    error_type: type[GasError] = getattr(errors, kind)
    return error_type(code, message, place=place, cure=cure)


def _too_long(seconds: int) -> TooLarge:
    return TooLarge(
        "RUN_TOO_LONG",
        f"The run was stopped after {seconds:,} seconds, the limit.",
        cure="Split the file by contig, or ask the operator to raise the limit.",
    )
