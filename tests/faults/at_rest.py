"""What is so once nothing moves any more: results where their owner's plan wants them, and one mail
for each event."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from faults.crowd import Crowd
from faults.stage import Stage
from gas.catalogue import Term, download_link
from gas.domain.account import Account
from gas.domain.errors import Forbidden
from gas.domain.job import EventKind, Job, JobFile, ResultsState
from gas.domain.plan import Plan
from gas.domain.results import Place, archivable
from gas.workers.results_steps import grace_of

KINDS = ("plan", "restored")
LONG_SECONDS = 30.0
"""Who was on a plan for so long has been told of it, whoever was killed meanwhile."""


def unrest(stage: Stage, crowd: Crowd, home: Path) -> Iterator[str]:
    """What still moves, or will; what is cheap to see first."""
    for queue in stage.services.queue_desk.states():
        if queue.visible + queue.held + queue.delayed:
            yield str(queue)
    yield from map(str, records(home))
    for person in crowd.now():
        if person.settled_epoch != person.plan_epoch:
            yield str(person)
    for job in map(stage.job, crowd.job_ids):
        if not job.state.final or not job.notified_at or job.check_at:
            yield str(job)


def records(home: Path) -> list[Path]:
    """What the store has been asked to do, and what it has not told yet."""
    kinds = [path for path in (home / "files" / "cold").iterdir() if path.is_dir()]
    return [path for kind in kinds if kind.name != "owners" for path in kind.iterdir()]


def check_premium(stage: Stage, job: Job, account: Account) -> None:
    """All of it can be downloaded, and is what it was."""
    served = stage.services.served_links
    assert served
    assert job.results_state is ResultsState.AVAILABLE, job.id
    for file in job.results:
        assert served.resolve(token_for(stage, job, file, account)).key == file.key
        check_warm(stage, file)


def token_for(stage: Stage, job: Job, file: JobFile, account: Account) -> str:
    """Of a link to download it."""
    services = stage.services
    term = Term(grace_of(services), services.unhurried())
    link = download_link(
        job, file.name, account, term=term, files=services.files, limits=services.limits
    )
    return link.url.rpartition("/")[2]


def check_free(stage: Stage, job: Job, account: Account, home: Path) -> None:
    """What is archived lies in cold storage and nowhere else; the rest is where it was."""
    services = stage.services
    assert job.results_state is ResultsState.ARCHIVED, job.id
    gone = archivable(job)
    assert gone
    for file in job.results:
        if file not in gone:
            check_warm(stage, file)
            continue
        assert services.cold_storage.look(file.key).place is Place.COLD, file.key
        assert services.files.stat(file.key) is None
        cold = home / "cold" / "kept" / file.key / file.sha256
        assert hashlib.sha256(cold.read_bytes()).hexdigest() == file.sha256
        with pytest.raises(Forbidden) as refused:
            token_for(stage, job, file, account)
        assert refused.value.reason.code == "RESULTS_ARCHIVED"


def check_warm(stage: Stage, file: JobFile) -> None:
    assert stage.services.cold_storage.look(file.key).place is Place.WARM, file.key
    with stage.services.files.open(file.key) as content:
        assert hashlib.sha256(content.read()).hexdigest() == file.sha256, file.key


def check_cold_folder(home: Path, archived: list[Job]) -> None:
    """Of archived jobs, and of nothing else; nothing half-written."""
    root = home / "cold" / "kept"
    there = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert there == {f"{file.key}/{file.sha256}" for job in archived for file in archivable(job)}
    assert [path for path in (home / "cold" / "tmp").rglob("*") if path.is_file()] == []


def check_mails(stage: Stage, crowd: Crowd, home: Path) -> Counter[str]:
    """Each once. For each job, that it is done; for each person, the plan they are on, and that
    everything is back if anything was away. Of a plan left soon somebody may hear nothing. How many
    there are of each kind."""
    mails = Counter(
        str(message_from_bytes(path.read_bytes())["Message-ID"]).strip("<>").rpartition("@")[0]
        for path in (home / "outbox").glob("*.eml")
    )
    assert [name for name, count in mails.items() if count > 1] == []
    must = {f"job-{job_id}.finished" for job_id in crowd.job_ids}
    may: set[str] = set()
    people = {person.id: person for person in crowd.now()}
    ends = {(epoch.account_id, epoch.number): epoch.began for epoch in crowd.epochs}
    for epoch in crowd.epochs:
        told, back = (f"{kind}-{epoch.account_id}.epoch-{epoch.number}" for kind in KINDS)
        end = ends.get((epoch.account_id, epoch.number + 1))
        lasted = end is None or end - epoch.began > LONG_SECONDS
        (must if lasted else may).add(told)
        if epoch.plan is Plan.PREMIUM:
            owner = people[epoch.account_id]
            (must if end is None and came_back(stage, owner, crowd) else may).add(back)
    assert must - mails.keys() == set()
    assert mails.keys() - must - may == set()
    return Counter(name.partition("-")[0] for name in mails)


def came_back(stage: Stage, owner: Account, crowd: Crowd) -> bool:
    """Any of their results, on the plan they are on."""
    jobs = [stage.job(job_id) for job_id in crowd.job_ids]
    return any(
        event.kind is EventKind.RESTORED and owner.plan_since and event.at >= owner.plan_since
        for job in jobs
        if job.owner_id == owner.id
        for event in stage.services.jobs.events(job.id)
    )
