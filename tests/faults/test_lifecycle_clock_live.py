"""Live workers whose wall clock is set two hours ahead and back, by libfaketime.

Nothing is archived early, nothing is lost, all ends right.

The library fakes it for them, as if somebody had set the machine's; what has passed since they were
started goes on as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from faults.service import gas, until
from faults.stage import Stage, make_home, open_stage
from faults.test_syscalls import run_until, worker
from gas.domain.job import EventKind, Job, ResultsState
from gas.domain.results import Place, archivable

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
GRACE_SECONDS, RESTORE_SECONDS = 20, 5
SECONDS = 90.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed"),
]


class Clock:
    """Of one process; what it reads is in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set("+0")

    def set(self, ahead: str) -> None:
        # In place of the old file at once: it is read all the time.
        new = self._path.with_suffix(".new")
        new.write_text(f"{ahead}\n")
        new.replace(self._path)

    def worn(self) -> tuple[str, ...]:
        """Before the command of that process."""
        assert LIBRARY is not None, "libfaketime is not installed"
        return (
            "env",
            f"LD_PRELOAD={LIBRARY}",
            f"FAKETIME_TIMESTAMP_FILE={self._path}",
            "FAKETIME_NO_CACHE=1",
            "DONT_FAKE_MONOTONIC=1",
            "NO_FAKE_STAT=1",  # files keep the times that they were given
            f"GAS_DISK_RESTORE_SECONDS={RESTORE_SECONDS}",
        )


def test_two_hours_ahead_and_back(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path), Clock(tmp_path / "clock")
    log = tmp_path / "workers.log"

    def says(text: str) -> None:
        until(lambda: text in log.read_text(), seconds=SECONDS, what=f"the log says {text}")

    gas(home, "queue", "set", "archive", "--delay", str(GRACE_SECONDS))
    with open_stage(home) as stage, worker(home, "lifecycle", *clock.worn()):
        says("worker=archive-")
        # One after the other. Who waits for the other's lock sleeps until a moment of the monotonic
        # clock, and with the library that is an error (EINVAL).
        with worker(home, "cold", *clock.worn()):
            says("worker=cold-")
            two_hours_ahead_and_back(stage, home, clock, says)


def two_hours_ahead_and_back(
    stage: Stage, home: Path, clock: Clock, says: Callable[[str], None]
) -> None:
    put_on(stage, "free")
    job = stage.submit((home.parent / "demo" / "demo.vcf").read_bytes())
    run_until(lambda: stage.job(job.id).state.final, home, "annotate")
    clock.set("+2h")
    says("code=GRACE_PERIOD_RUNS")  # its message came two hours early, and waits
    assert stage.job(job.id).results_state is ResultsState.AVAILABLE
    assert places(stage, job) == {Place.WARM}
    says("code=CLOCK_JUMPED")
    clock.set("+0")
    until(lambda: at(stage, job, EventKind.COLD), seconds=SECONDS, what="it is archived")
    ended, archived = at(stage, job, EventKind.COMPLETED), at(stage, job, EventKind.ARCHIVED)
    assert archived[0] - ended[0] >= timedelta(seconds=GRACE_SECONDS)
    assert places(stage, job) == {Place.COLD}
    put_on(stage, "premium")
    until(lambda: at(stage, job, EventKind.RESTORING), seconds=SECONDS, what="it is asked back")
    clock.set("-2h")
    until(lambda: at(stage, job, EventKind.RESTORED), seconds=SECONDS, what="it comes back")
    clock.set("+0")
    assert places(stage, job) == {Place.WARM}
    is_whole(stage, job)
    assert stage.services.queue_desk.dead_letters("thaw", limit=9) == []


def put_on(stage: Stage, plan: str) -> None:
    gas(stage.services.site.work_path.parent, "user", "plan", stage.account.id, plan)


def at(stage: Stage, job: Job, kind: EventKind) -> list[datetime]:
    """When it happened; empty if it did not."""
    return [event.at for event in stage.services.jobs.events(job.id) if event.kind is kind]


def places(stage: Stage, job: Job) -> set[Place]:
    files = archivable(stage.job(job.id))
    return {stage.services.cold_storage.look(file.key).place for file in files}


def is_whole(stage: Stage, job: Job) -> None:
    files = stage.job(job.id).results
    assert archivable(stage.job(job.id))
    for file in files:
        with stage.services.files.open(file.key) as content:
            assert hashlib.sha256(content.read()).hexdigest() == file.sha256
