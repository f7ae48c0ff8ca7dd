"""kill -9 of everything at random moments: each acknowledged job ends COMPLETED, once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from faults.service import Service, gas, until
from faults.stage import Stage, make_home, open_stage
from faults.visitors import Submitter
from gas.adapters.sql.store import SqlStore, open_store
from gas.domain.job import Job, JobState, deaths
from gas.journey.annotate import DEATHS
from gas.wiring import now

LEAST_JOBS, LEAST_GAPS, TRIES = 5, 8, 24
KILLS = int(os.environ.get("GAS_TEST_KILLS", "100"))
SEED = int(os.environ.get("GAS_TEST_SEED", "20261"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    # Small parts, so that an upload takes many requests.
    service = Service(home, {"part_bytes": "4096", "annotators": "2", "sweep_seconds": "1"})
    service.start()
    yield service
    service.end()


@pytest.fixture
def store(home: Path, service: Service) -> Iterator[SqlStore]:
    until((home / "gas.sqlite3").exists, seconds=30, what="the service makes its database")
    store = open_store(f"sqlite:///{home / 'gas.sqlite3'}", run_path=home / "run", clock=now)
    yield store
    store.close()


def sign_in_link(service: Service, home: Path) -> str:
    lines = gas(
        home, "user", "link", "ada@example.org", "--plan", "premium", port=str(service.port)
    )
    (line,) = (line for line in lines if "sign-in/link?token=" in line)
    return line.split()[-1]


def strike(service: Service, store: SqlStore, dice: random.Random) -> str:
    """Kills something, and says what. Nobody, while there is a job that has cost all but two of the
    annotators that one may: it would rightly fail, as `test_annotate_breaks` tells."""
    victim = dice.choices(("annotate", "web", "notify", "supervisor"), (8, 4, 4, 2))[0]
    if victim in ("annotate", "supervisor") and most_deaths(store) >= DEATHS - 2:
        return "nobody"
    if victim == "supervisor":
        service.kill_supervisor()
        service.start()
        return victim
    pids = service.web() if victim == "web" else service.workers(victim)
    if not pids:
        return "nobody"
    with suppress(ProcessLookupError):
        os.kill(dice.choice(pids), signal.SIGKILL)
    return victim


def most_deaths(store: SqlStore) -> int:
    """Of one of the jobs that are not at their end; the run that is under way counts as one."""
    unfinished = store.jobs.unfinished(idle_since=now() + timedelta(days=1), limit=1000)
    return max((deaths(store.jobs.events(job.id)) for job in unfinished), default=0)


def jobs_of(store: SqlStore, job_ids: list[str]) -> list[Job]:
    return [job for job_id in job_ids if (job := store.jobs.get(job_id))]


def test_a_hundred_kills_lose_nothing_and_double_nothing(
    service: Service, store: SqlStore, home: Path
) -> None:
    dice = random.Random(SEED)
    content = (home.parent / "demo" / "demo.vcf").read_bytes()
    submitter = Submitter(service.url, sign_in_link(service, home), content, "demo")
    submitter.start()
    until(lambda: submitter.acknowledged or submitter.error, seconds=60, what="the first job")
    struck: Counter[str] = Counter()
    while struck.total() - struck["nobody"] < KILLS or len(submitter.acknowledged) < LEAST_JOBS:
        time.sleep(dice.uniform(0.02, 0.4))
        struck[strike(service, store, dice)] += 1
        assert submitter.error is None, submitter.error
    submitter.stopping.set()
    submitter.join(timeout=120)
    assert submitter.error is None
    acknowledged = submitter.acknowledged
    until(
        lambda: all(j.state.final and j.notified_at for j in jobs_of(store, acknowledged)),
        seconds=180,
        what="all acknowledged jobs end and are told of",
    )
    assert service.stop() == 0
    print(f"seed {SEED}: {dict(struck)}; {len(acknowledged)} jobs acknowledged")
    jobs = jobs_of(store, acknowledged)
    assert len(jobs) == len(set(acknowledged)) == len(acknowledged)
    assert {job.state for job in jobs} == {JobState.COMPLETED}
    for job in jobs:
        ends = [str(event.kind) for event in store.jobs.events(job.id)]
        assert ends.count("completed") == 1
        assert len({result.sha256 for result in job.results}) == len(job.results)
    assert len({job.counts for job in jobs}) == 1
    check_one_result_each(home, jobs)
    check_one_mail_each(home, jobs)
    check_nothing_left(home)


def check_one_result_each(home: Path, jobs: list[Job]) -> None:
    for job in jobs:
        attempts = {
            path.name
            for path in (home / "files").rglob(f"results/{job.owner_id}/{job.id}/*")
            if path.is_dir() and any(path.iterdir())
        }
        assert attempts == {str(job.attempt)}, job.id


def check_one_mail_each(home: Path, jobs: list[Job]) -> None:
    mails = Counter(
        str(message_from_bytes(path.read_bytes())["Message-ID"])
        for path in (home / "outbox").glob("*.eml")
    )
    for job in jobs:
        told = [count for message_id, count in mails.items() if job.id in message_id]
        assert told == [1], job.id


def check_nothing_left(home: Path) -> None:
    """No file of a run, no half-written file, no process."""
    assert list((home / "work").iterdir()) == []
    for scratch in (home / "files" / "tmp", home / "outbox" / "tmp"):
        # A process ends without removing its own lock; the next to start does it.
        left = [path for path in scratch.rglob("*") if path.is_file() and path.suffix != ".lock"]
        assert left == []
    mine = str(home)
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            assert f"GAS_HOME={mine}".encode() not in environ.read_bytes(), environ


def test_the_job_of_a_killed_annotator_starts_again_within_0_3_seconds(
    service: Service, store: SqlStore, home: Path
) -> None:
    content = (home.parent / "demo" / "demo.vcf").read_bytes()
    gaps: list[float] = []
    with open_stage(home) as stage:
        for _ in range(TRIES):
            if len(gaps) == LEAST_GAPS:
                break
            until(lambda: len(service.workers("annotate")) == 2, seconds=30, what="two annotators")
            gap = gap_after_kill(stage, content)
            if gap is not None:
                gaps.append(gap)
    print("seconds from kill to second start:", sorted(gaps))
    assert len(gaps) == LEAST_GAPS
    assert sorted(gaps)[len(gaps) // 2] <= 0.3
    assert service.stop() == 0


def gap_after_kill(stage: Stage, content: bytes) -> float | None:
    """Seconds from the kill of a job's annotator until the job starts again; None if the job was
    done before the kill came."""
    job_id = stage.submit(content).id
    until(lambda: stage.job(job_id).state is not JobState.PENDING, seconds=30, what="the job runs")
    killed_at, running = now(), stage.job(job_id)
    if running.state is not JobState.RUNNING:
        return None
    with suppress(ProcessLookupError):
        os.kill(int(running.worker.split("-")[1]), signal.SIGKILL)
    until(lambda: stage.job(job_id).state.final, seconds=30, what="the job ends")
    starts = [e.at for e in stage.services.jobs.events(job_id) if str(e.kind) == "started"]
    return (starts[1] - killed_at).total_seconds() if len(starts) > 1 else None
