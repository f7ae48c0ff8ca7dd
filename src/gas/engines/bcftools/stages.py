"""The stages of a run, each in a forked process of its own, joined by pipes.

Forked, since bcftools keeps state from one command to the next in a process and may crash it; of
one process that has pysam loaded, since to load it takes longer than most stages.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from gas.engines.bcftools.confine import die_with

BROKEN = 1
NO_MEMORY = 3
POLL_SECONDS = 0.005
WAKE_SECONDS = 0.1
PIPE_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    run: Callable[[], None]
    """Reads file descriptor 0, writes 1, complains on 2; raising is failing."""
    beside: tuple[Stage, ...] = ()
    """Others that read and write the same as this one."""
    keeps: Sequence[int] = ()
    """File descriptors of its own that stay open in it."""


@dataclass(slots=True)
class Started:
    name: str
    pid: int
    errors_path: Path
    status: int | None = None
    """As the shell says it: below 0 for a signal; None while it runs."""
    stopped: bool = False
    """By us, so that its status says nothing."""


def start(stages: Sequence[Stage], errors_folder: Path, *, target: int = -1) -> list[Started]:
    """Starts them all, each reading what the one before writes; the last writes to the file
    descriptor `target`, which is closed here, or nowhere."""
    final = target
    started = []
    source = os.open(os.devnull, os.O_RDONLY)
    for place, stage in enumerate(stages):
        last = place == len(stages) - 1
        next_source, target = (-1, final) if last else _wide_pipe()
        target = os.open(os.devnull, os.O_WRONLY) if target == -1 else target
        for one in (stage, *stage.beside):
            errors_path = errors_folder / f"{one.name}.err"
            parent_pid = os.getpid()
            pid = os.fork()
            if pid == 0:
                _become(one, parent_pid, source, target, errors_path)
            started.append(Started(one.name, pid, errors_path))
        os.close(source)
        os.close(target)
        source = next_source
    return started


def follow(started: Sequence[Started], tick: Callable[[], object]) -> None:
    """Until all have ended or one has failed; then those that still run are stopped. `tick` is
    called again and again meanwhile."""
    try:
        while poll(started):
            tick()
            if any(stage.status not in (None, 0) for stage in started):
                time.sleep(WAKE_SECONDS)  # those beside it fail in its wake
                poll(started)
                break
            time.sleep(POLL_SECONDS)
    finally:
        stop(started)


def poll(started: Sequence[Started]) -> bool:
    """Takes note of those that ended; True while any runs."""
    for stage in started:
        if stage.status is None:
            pid, status = os.waitpid(stage.pid, os.WNOHANG)
            if pid:
                stage.status = os.waitstatus_to_exitcode(status)
    return any(stage.status is None for stage in started)


def stop(started: Sequence[Started]) -> None:
    for stage in started:
        if stage.status is None:
            stage.stopped = True
            os.kill(stage.pid, signal.SIGKILL)
            _, status = os.waitpid(stage.pid, 0)
            stage.status = os.waitstatus_to_exitcode(status)


def bcftools(command: str, *arguments: str) -> Callable[[], None]:
    """One bcftools command as what a stage does."""

    def run() -> None:
        import pysam.bcftools

        dispatch = getattr(pysam.bcftools, command)
        try:
            dispatch(*arguments, catch_stdout=False)
        finally:
            sys.stderr.write(dispatch.get_messages() or "")

    return run


def widen(pipe: int) -> None:
    """So that neither side waits for the other as often; 64 kB is a few hundred records."""
    with suppress(OSError):  # the machine may allow less
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _wide_pipe() -> tuple[int, int]:
    source, target = os.pipe()
    widen(target)
    return source, target


def _become(stage: Stage, parent_pid: int, source: int, target: int, errors_path: Path) -> None:
    """In the forked process; never returns."""
    code = BROKEN
    try:
        die_with(parent_pid)
        os.dup2(source, 0)
        os.dup2(target, 1)
        errors = os.open(errors_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(errors, 2)
        _close_all_but(stage.keeps)
        stage.run()
        code = 0
    except MemoryError:
        code = NO_MEMORY
    except BaseException:  # noqa: BLE001 (the process ends here; its parent reads the code)
        traceback.print_exc()
    finally:
        try:
            sys.stderr.flush()
        finally:
            os._exit(code)


def _close_all_but(kept: Sequence[int]) -> None:
    """Whoever reads a pipe waits for all who have its other end."""
    edges = [2, *sorted(kept), 256]
    for before, after in pairwise(edges):
        os.closerange(before + 1, after)
