"""A fault at the n-th write, sync or rename of a worker: the job still ends COMPLETED, once.

`strace` injects it: the call fails with EIO or ENOSPC, or the process is killed in it. It counts
in every process and thread on its own, the engine's too, and so would strike each new attempt
again; after the first attempt that it breaks, a healthy worker takes over.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.service import environment, until
from faults.stage import Stage, make_home, open_stage
from faults.test_kills import check_one_mail_each, check_one_result_each
from gas.domain.job import EventKind, JobState

# How far to go; more with GAS_TEST_SWEEP=3.
DEPTH = int(os.environ.get("GAS_TEST_SWEEP", "1"))
CALLS = {
    "write": ("write,pwrite64,writev,pwritev", range(3, 55 * DEPTH, 13)),
    "sync": ("fsync,fdatasync", range(1, 1 + 6 * DEPTH)),
    "rename": ("rename,renameat,renameat2,link,linkat", range(1, 1 + 4 * DEPTH)),
}
FAULTS = ("signal=KILL", "error=EIO", "error=ENOSPC")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("syscalls"))


@contextmanager
def worker(home: Path, name: str, *before: str) -> Iterator[subprocess.Popen[bytes]]:
    """`gas worker NAME`, under the command `before` if any; drained, or killed, at the end."""
    with (home.parent / "workers.log").open("ab") as output:
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "gas.cli", "worker", name],
            env=environment(home),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=15)
        except ProcessLookupError:
            process.wait(timeout=15)
            return
        except subprocess.TimeoutExpired:
            continue


def run_until(done: Callable[[], object], home: Path, name: str) -> None:
    if done():
        return
    with worker(home, name):
        until(done, seconds=60, what=f"a healthy {name} ends what a broken one began")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("name", ["annotate", "notify"])
def test_every_fault_is_survived(home: Path, name: str, kind: str, fault: str) -> None:
    calls, positions = CALLS[kind]
    with open_stage(home) as stage:
        for position in positions:
            inject = f"inject={calls}:{fault}:when={position}"
            _one_fault(stage, home, name, ("-e", f"trace={calls}", "-e", inject))
    # The next healthy worker clears what the broken ones left.
    with worker(home, "annotate") as healthy:
        until(
            lambda: _owners(home) == [healthy.pid],
            seconds=60,
            what="the folders of the dead are removed",
        )
    assert _owners(home) == []


def _owners(home: Path) -> list[int]:
    """The processes that the folders of runs are named after."""
    return [int(path.name.split("-")[1]) for path in (home / "work").iterdir()]


def _one_fault(stage: Stage, home: Path, name: str, injection: tuple[str, ...]) -> None:
    content = (home.parent / "demo" / "demo.vcf").read_bytes()
    job = stage.submit(content)

    def annotated() -> bool:
        return stage.job(job.id).state.final

    def told() -> bool:
        return stage.job(job.id).notified_at is not None

    def broken_off() -> bool:
        kinds = {event.kind for event in stage.services.jobs.events(job.id)}
        return bool(kinds & {EventKind.INTERRUPTED, EventKind.RELEASED})

    goals = {"annotate": lambda: annotated() or broken_off(), "notify": told}
    if name == "notify":
        run_until(annotated, home, "annotate")
    strace = ("strace", "-f", "-qq", "-o", "/dev/null", *injection)
    with worker(home, name, *strace) as broken:
        until(
            lambda: goals[name]() or broken.poll() is not None,
            seconds=45,
            what="the broken worker ends, or does its work all the same",
        )
    run_until(annotated, home, "annotate")
    run_until(told, home, "notify")
    done = stage.job(job.id)
    assert done.state is JobState.COMPLETED, (injection, done.reason)
    ends = [str(event.kind) for event in stage.services.jobs.events(job.id)]
    assert ends.count("completed") == 1
    check_one_result_each(home, [done])
    check_one_mail_each(home, [done])
