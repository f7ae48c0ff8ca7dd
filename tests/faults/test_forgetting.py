"""A real worker `forget`, killed in the n-th system call of a kind: the next one leaves nothing."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from faults.service import until
from faults.stage import Stage, make_home, open_stage
from faults.test_syscalls import run_until, worker
from gas.domain.account import Session
from gas.journey.forget import delete_account
from gas.wiring import now
from traces import traces

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]
CALLS = {
    "rename": ("rename,renameat,renameat2", (1, 2, 4, 6)),
    "unlink": ("unlink,unlinkat,rmdir", (1, 2, 5, 9, 14)),
    "write": ("write,pwrite64,writev", (4, 12, 20, 28, 36)),
    "sync": ("fsync,fdatasync", (1, 2, 4, 6)),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("forgetting"))


@pytest.mark.parametrize("kind", CALLS)
def test_a_kill_in_any_call_is_survived(home: Path, kind: str) -> None:
    names, numbers = CALLS[kind]
    demo = (home.parent / "demo" / "demo.vcf").read_bytes()
    killed = 0
    for number in numbers:
        with open_stage(home) as stage:
            job_id = furnish(stage, home, demo)
            delete(stage, home)
            inject = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={names}",
                      "-e", f"inject={names}:signal=KILL:when={number}")  # fmt: skip
            with worker(home, "forget", *inject) as process:
                until(
                    lambda: process.poll() is not None or gone(stage),
                    seconds=60,
                    what="the worker ends, killed or done",
                )
                killed += process.poll() is not None
            run_until(lambda: gone(stage) and idle(stage), home, "forget")
            stage.services.files.remove_stale_uploads(now())  # what the sweep does each round
            words = [stage.account.id, stage.account.email, job_id]
            assert traces(home, words) == ["audit.thing"], (kind, number)
    assert killed >= len(numbers) // 2


def furnish(stage: Stage, home: Path, demo: bytes) -> str:
    """A job that is done, with its mail, and a session."""
    services, moment = stage.services, now()
    job = stage.submit(demo)
    run_until(lambda: stage.job(job.id).state.final, home, "annotate")
    run_until(lambda: stage.job(job.id).notified_at, home, "notify")
    until_session = moment + timedelta(days=1)
    session = Session(job.id[::-1], stage.account.id, moment, until_session, seen_at=moment)
    services.sessions.add(session)
    return job.id


def delete(stage: Stage, home: Path) -> None:
    """Marked long enough ago."""
    services = stage.services
    delete_account(
        stage.account,
        accounts=services.accounts,
        queues=services.queues,
        together=services.together,
        clock=services.clock,
    )
    with closing(sqlite3.connect(home / "gas.sqlite3")) as connection, connection:
        back = "UPDATE account SET deleted_at = deleted_at - 60000000 WHERE deleted_at > 0"
        connection.execute(back)


def gone(stage: Stage) -> bool:
    return stage.services.accounts.marked(stage.account.id) is None


def idle(stage: Stage) -> bool:
    states = {each.name: each for each in stage.services.queue_desk.states()}
    return states["forget"].visible + states["forget"].held == 0
