"""The life of results, live: a worker is killed every second, and all ends as it should.

A service with a grace period of five seconds and restores of ten; 200 jobs of free users, half of
whom become premium at random moments, and some change their mind; `kill -9` of a random worker
every second for three minutes.

What is measured, and must be at most a second for 95 of 100: from the kill until a message that the
victim had in hand is received by another worker (in hand at the moment of its death, of any queue);
and from the kill of `lifecycle` or `notify`, of which there is one each, until the next one
receives, whether the victim had a message in hand or not.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from faults.at_rest import check_cold_folder, check_free, check_mails, check_premium, unrest
from faults.crowd import Crowd, Entry
from faults.reaper import Reaper
from faults.service import Service, gas, until
from faults.stage import Stage, make_home, open_stage
from faults.test_kills import check_nothing_left, check_one_result_each
from gas.cli.first_operator import link_for
from gas.cli.visitor import Refused, Visitor
from gas.domain.account import Account
from gas.domain.job import EventKind, Job, JobState
from gas.domain.plan import Plan
from gas.domain.results import archivable

SECONDS = int(os.environ.get("GAS_TEST_KILL_SECONDS", "180"))
SEED = int(os.environ.get("GAS_TEST_SEED", "20262"))
JOBS = 200
GRACE_SECONDS, RESTORE_SECONDS = 5, 10
TAKEN_UP_SECONDS = 1.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    settings = {
        "annotators": "2",
        "sweep_seconds": "1",
        "disk_restore_seconds": str(RESTORE_SECONDS),
        # As short as it may be: a copy that was asked back by somebody who left the plan
        # meanwhile waits for so long, and goes.
        "disk_restored_hours": "0.01",
    }
    service = Service(home, settings)
    service.start()
    until(service.web, seconds=30, what="the service starts")
    gas(home, "queue", "set", "archive", "--delay", str(GRACE_SECONDS))
    yield service
    service.end()


def test_results_are_where_their_owners_plan_wants_them_whoever_is_killed(
    service: Service, home: Path
) -> None:
    dice = random.Random(SEED)
    demo = (home.parent / "demo" / "demo.vcf").read_bytes()
    with open_stage(home) as stage:
        crowd = Crowd(stage, demo, dice)
        agenda = crowd.agenda(jobs=JOBS, seconds=SECONDS)
        with Reaper(service, stage.services.jobs, dice) as reaper:
            run(agenda + [(second + dice.random(), reaper.strike) for second in range(SECONDS)])
            until(lambda: not reaper.waits(), seconds=60, what="what the killed held is taken up")
        tell(reaper)
        with suppress(AssertionError):  # what the next line says is worth more
            until(lambda: not any(unrest(stage, crowd, home)), seconds=300, what="all is at rest")
        assert list(unrest(stage, crowd, home)) == []
        downloads = check_downloads(service, stage, crowd)
        assert service.stop() == 0
        print(f"{downloads} downloads; mails: {dict(check_mails(stage, crowd, home))}")
        check_results(stage, crowd, home)
        check_no_dead_letters(stage)
        check_nothing_left(home)
        check_pace(reaper)


def run(agenda: list[Entry]) -> None:
    begun = time.monotonic()
    for at, deed in sorted(agenda, key=lambda entry: entry[0]):
        time.sleep(max(0.0, begun + at - time.monotonic()))
        deed()


def tell(reaper: Reaper) -> None:
    print(f"seed {SEED}: {dict(reaper.struck)}; {reaper.in_a_move} while a file was moved")
    for what, gaps in (("taken up", reaper.taken_up), ("began", reaper.began_again)):
        for name in sorted({name for _, name in gaps}):
            told = " ".join(f"{seconds:.2f}" for seconds, each in sorted(gaps) if each == name)
            print(f"seconds from kill until {what}, {name}: {told}")


def check_pace(reaper: Reaper) -> None:
    assert reaper.struck.total() == SECONDS
    for gaps in (reaper.taken_up, reaper.began_again):
        assert len(gaps) >= SECONDS // 20
        assert sorted(gaps)[len(gaps) * 95 // 100][0] <= TAKEN_UP_SECONDS


def check_downloads(service: Service, stage: Stage, crowd: Crowd) -> int:
    """By the web, of all that they have, for some of either plan; says how many."""
    count = 0
    for plan in Plan:
        some = [person for person in crowd.now() if person.plan is plan][:3]
        assert some
        for person in some:
            count += download_all(service, stage, person)
    return count


def download_all(service: Service, stage: Stage, person: Account) -> int:
    jobs = stage.services.jobs.owned_by(person.id, limit=JOBS)
    count = 0
    with Visitor(service.url) as visitor:
        until(visitor.ready, seconds=30, what="the web answers")
        visitor.sign_in(link_for(stage.services, person))
        for job in jobs:
            for file in job.results:
                if person.plan is Plan.FREE and file in archivable(job):
                    with pytest.raises(Refused) as refused:
                        visitor.download(job.id, file.name)
                    assert refused.value.reason.code == "RESULTS_ARCHIVED"
                    continue
                content = visitor.download(job.id, file.name)
                assert hashlib.sha256(content).hexdigest() == file.sha256, file.key
                count += 1
    return count


def check_results(stage: Stage, crowd: Crowd, home: Path) -> None:
    people = {person.id: person for person in crowd.now()}
    jobs = [stage.job(job_id) for job_id in crowd.job_ids]
    assert len({job.id for job in jobs}) == JOBS
    archived: list[Job] = []
    moved: Counter[str] = Counter()
    for job in jobs:
        assert job.state is JobState.COMPLETED, job.id
        events = Counter(event.kind for event in stage.services.jobs.events(job.id))
        assert events[EventKind.COMPLETED] == events[EventKind.NOTIFIED] == 1
        moved.update(str(kind) for kind in events.elements())
        owner = people[job.owner_id]
        if owner.plan is Plan.PREMIUM:
            check_premium(stage, job, owner)
        else:
            check_free(stage, job, owner, home)
            archived.append(job)
    print(f"{len(archived)} of {len(jobs)} archived at the end; events: {dict(moved)}")
    assert min(moved["archived"], moved["cold"], moved["restored"]) > 0
    assert not moved["damaged"]
    check_cold_folder(home, archived)
    check_one_result_each(home, jobs)


def check_no_dead_letters(stage: Stage) -> None:
    desk = stage.services.queue_desk
    dead = [each for it in desk.states() for each in desk.dead_letters(it.name, limit=100)]
    assert dead == []
