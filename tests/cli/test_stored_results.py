"""`gas results`, and what `gas doctor` says of results."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result

from gas.domain.account import Account, Identity
from gas.domain.ids import new_id
from gas.domain.job import (
    Claim,
    FileKind,
    Findings,
    Job,
    JobFile,
    ResultsState,
    completed,
    started,
    submitted,
)
from gas.domain.messages import decode
from gas.domain.results import stands
from gas.ports.services import Services

Gas = Callable[..., Result]


def job_in(services: Services, state: ResultsState, since: datetime) -> Job:
    """A completed one, with one file of 7 bytes that nobody has stored."""
    account = Account(new_id(since), "test", "ada", "ada@example.org", "", since)
    owner = services.accounts.sign_in(Identity("test", "ada", "ada@example.org"), account)
    job_id = new_id(since)
    file = JobFile(FileKind.INPUT, "a.vcf", f"inputs/{owner.id}/{job_id}", 3, "0" * 64)
    job = services.jobs.create(
        submitted(Job(job_id, owner.id, job_id, file, "demo", created_at=since))
    )
    claim = Claim("w", "m", timedelta(minutes=1))
    results = (
        JobFile(FileKind.ANNOTATED, "a.annot.vcf.gz", f"results/{owner.id}/{job_id}/1/a", 7, "0"),
    )
    log = JobFile(FileKind.LOG, "a.log", f"logs/{owner.id}/{job_id}/1/a", 1, "0")
    for make in (
        partial(started, claim=claim, now=since),
        partial(completed, findings=Findings(results, log), now=since),
        partial(stands, state=state, check_at=None, now=since),
    ):
        change = make(job)
        assert services.jobs.change(change)
        job = change.job
    return job


def finding(gas: Gas, what: str = "results") -> dict[str, str]:
    rows = json.loads(gas("doctor", "--json").output)
    (found,) = [row for row in rows if row["what"] == what]
    return dict(found)


def test_totals(gas: Gas, services: Services) -> None:
    assert "There are no results" in gas("results", "totals").output
    now = services.clock()
    for state in (ResultsState.ARCHIVED, ResultsState.ARCHIVED, ResultsState.DAMAGED):
        job_in(services, state, now)
    rows = json.loads(gas("results", "totals", "--json").output)
    found = {row["state"]: (row["jobs"], row["size_bytes"]) for row in rows}
    assert found == {"ARCHIVED": (2, 14), "DAMAGED": (1, 7)}


def test_the_files_that_an_operator_has_to_put_back_are_named(gas: Gas, services: Services) -> None:
    assert "No results are DAMAGED" in gas("results", "ls").output
    now = services.clock()
    damaged = job_in(services, ResultsState.DAMAGED, now)
    archived = job_in(services, ResultsState.ARCHIVED, now)
    (row,) = json.loads(gas("results", "ls", "--json").output)
    (file,) = damaged.results
    assert (row["job"], row["place"], row["key"]) == (damaged.id, "gone", file.key)
    assert (row["file"], row["sha256"]) == (file.name, file.sha256)
    assert archived.id in gas("results", "ls", "--state", "archived").output


def test_check_asks_for_what_is_damaged(gas: Gas, services: Services) -> None:
    now = services.clock()
    archived = job_in(services, ResultsState.ARCHIVED, now)
    damaged = job_in(services, ResultsState.DAMAGED, now)
    assert "Asked for 1 job." in gas("results", "check").output
    assert asked(services) == [damaged.id]
    assert "Asked for 2 jobs." in gas("results", "check", archived.id, damaged.id).output
    assert set(asked(services)) == {archived.id, damaged.id}


def test_check_of_nothing_says_so(gas: Gas, services: Services) -> None:
    job = job_in(services, ResultsState.ARCHIVED, services.clock())
    answer = gas("results", "check", job.id, "0" * 26)
    assert answer.exit_code == 1
    assert "NO_RESULTS" in answer.output
    assert asked(services) == []  # all or none


def asked(services: Services) -> list[str]:
    found = []
    while deliveries := services.queues.receive("thaw", holder="test"):
        for delivery in deliveries:
            message = decode(delivery.body)
            found.append(str(getattr(message, "job_id", "")))
            services.queues.delete(delivery.receipt)
    return found


@pytest.mark.parametrize(
    ("state", "age", "verdict", "said"),
    [
        (ResultsState.ARCHIVED, timedelta(days=9), "ok", "1 archived, 0 restoring"),
        (ResultsState.RESTORING, timedelta(0), "ok", "1 restoring, the oldest since"),
        (ResultsState.RESTORING, timedelta(days=9), "problem", "the oldest since"),
        (ResultsState.DAMAGED, timedelta(0), "problem", "1 DAMAGED"),
    ],
)
def test_the_doctor_looks_at_results(
    gas: Gas, services: Services, state: ResultsState, age: timedelta, verdict: str, said: str
) -> None:
    job_in(services, state, services.clock() - age)
    found = finding(gas)
    assert found["state"] == verdict
    assert said in found["detail"]
    assert bool(found["cure"]) == (verdict == "problem")


def test_the_doctor_finds_what_nobody_takes_up(gas: Gas, services: Services) -> None:
    job = job_in(services, ResultsState.ARCHIVED, services.clock())
    assert services.jobs.look_again(job.id, job.version, services.clock() - timedelta(hours=1))
    found = finding(gas)
    assert found["state"] == "problem"
    assert "1 overdue" in found["detail"]
    assert "sweep" in found["cure"]


def test_the_doctor_looks_at_cold_storage(gas: Gas, services: Services, home: Path) -> None:
    assert finding(gas, "cold storage")["state"] == "ok"
    key = "results/ada/1/1/a"
    (home / "made").write_bytes(b"x")
    services.files.store(key, home / "made")
    services.cold_storage.mark(key)
    assert services.cold_storage.tend(lambda _: None, limit=1).done == 1
    assert "GiB free" in finding(gas, "cold storage")["detail"]
    (home / "cold").rename(home / "elsewhere")
    found = finding(gas, "cold storage")
    assert (found["state"], "Mount it" in found["cure"]) == ("problem", True)


def test_the_grace_period_is_set_at_its_queue(gas: Gas, services: Services) -> None:
    assert gas("queue", "set", "archive", "--delay", "7").exit_code == 0
    assert services.queue_desk.delay_seconds("archive") == 7.0
