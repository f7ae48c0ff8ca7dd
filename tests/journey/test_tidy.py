"""Tidy: what no job names goes, everything else stays."""

from __future__ import annotations

from gas.domain.ids import new_id
from gas.domain.job import Claim, started
from gas.domain.tokens import ApiToken
from gas.journey.annotate import LEASE
from gas.journey.tidy import KEYS_KEPT, TOKENS_SHOWN, Round, forget, tidy
from rig import Journey


def run(journey: Journey, round_: Round | None = None) -> int:
    return tidy(
        round_ or Round(),
        jobs=journey.store.jobs,
        files=journey.files,
        limits=journey.limits,
        clock=journey.clock,
    )


def long_after(journey: Journey) -> None:
    """Files bear the time of the machine, which is later than the clock of these tests."""
    journey.clock.forward(days=4000)


def finished(journey: Journey) -> str:
    job = journey.submit(journey.upload())
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    journey.store.queues.delete(delivery.receipt)
    return job.id


def test_files_of_jobs_stay(journey: Journey) -> None:
    job = journey.job(finished(journey))
    again = journey.run_again(job.id)
    before = journey.stored()
    long_after(journey)
    assert run(journey) == 0
    assert journey.stored() == before
    for kept in (job, again):
        assert journey.files.stat(kept.input.key) is not None


def test_an_upload_that_was_finished_and_never_became_a_job_goes(journey: Journey) -> None:
    finished(journey)
    key = f"inputs/{journey.account.id}/{journey.upload()}"
    journey.files.finish_upload(key)
    assert run(journey) == 0  # it may become one yet
    long_after(journey)
    assert run(journey) == 1
    assert journey.files.stat(key) is None


def test_what_is_left_of_attempts_and_of_deleted_jobs_goes(journey: Journey) -> None:
    job_id = finished(journey)
    owner_id = journey.account.id
    lost = (
        f"results/{owner_id}/{job_id}/7/half",
        f"logs/{owner_id}/{job_id}/7/a.log",
        f"results/{owner_id}/{'0' * 26}/1/a",
    )
    for key in lost:
        (journey.work_path / "file").write_bytes(key.encode())
        journey.files.store(key, journey.work_path / "file")
    long_after(journey)
    assert run(journey) == len(lost)
    assert [journey.files.stat(key) for key in lost] == [None] * len(lost)
    assert len(journey.stored()) == 2


def test_what_a_running_job_has_stored_stays(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    assert journey.store.jobs.change(started(job, Claim("w", "m", LEASE), journey.clock()))
    key = f"results/{job.owner_id}/{job.id}/1/a"
    (journey.work_path / "file").write_bytes(b"a")
    journey.files.store(key, journey.work_path / "file")
    long_after(journey)
    assert run(journey) == 0
    assert journey.files.stat(key) is not None


def test_what_ran_out_long_ago_is_forgotten(journey: Journey) -> None:
    tokens, keys = journey.store.api_tokens, journey.store.request_keys
    now, owner = journey.clock(), journey.account.id
    tokens.add(ApiToken(new_id(now), owner, "x", frozenset(), now, now), "hash", most=9)
    keys.claim(owner, "key", "upload", now)

    def forgotten() -> int:
        return forget(api_tokens=tokens, request_keys=keys, clock=journey.clock)

    assert forgotten() == 0
    journey.clock.forward(seconds=KEYS_KEPT.total_seconds())
    assert forgotten() == 1
    assert [token.name for token in tokens.of_account(owner)] == ["x"]
    journey.clock.forward(seconds=(TOKENS_SHOWN - KEYS_KEPT).total_seconds())
    assert forgotten() == 1
    assert tokens.of_account(owner) == []
