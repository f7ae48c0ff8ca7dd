"""Annotate: what breaks is tried again, given back or given up, and leaves nothing behind."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gas.domain.errors import (
    EngineFailed,
    GivenUp,
    Interrupted,
    StoreFull,
    Unavailable,
)
from gas.domain.job import Claim, JobState, started
from gas.journey.annotate import DEATHS, LEASE
from gas.journey.tidy import Round, tidy
from gas.ports.annotation import Progresses
from gas.ports.files import StoredFile
from journey.seen import finished_messages, no_work_left, received
from rig import Journey


@pytest.mark.parametrize("error", [EngineFailed("ENGINE_CRASHED", "It crashed."), ValueError("x")])
def test_a_broken_engine_is_tried_three_times(journey: Journey, error: Exception) -> None:
    job = journey.submit(journey.upload())

    def crash(report: Progresses) -> None:
        raise error

    journey.engine.midway = crash
    delivery = received(journey)
    for _ in range(2):
        with pytest.raises(type(error)):
            journey.annotate(delivery)
        assert journey.job(job.id).state is JobState.RUNNING
    with pytest.raises(GivenUp):
        journey.annotate(delivery)
    done = journey.job(job.id)
    assert done.state is JobState.FAILED
    assert done.reason is not None
    assert done.reason.code in {"ENGINE_CRASHED", "WORKER_ERROR"}
    assert done.attempt == 3
    assert finished_messages(journey) == [job.id]
    assert no_work_left(journey)


@pytest.mark.parametrize(
    "error", [StoreFull("STORE_FULL", "There is no room."), OSError(errno.ENOSPC, "no room")]
)
def test_no_room_counts_as_no_try(journey: Journey, error: Exception) -> None:
    job = journey.submit(journey.upload())

    def full(report: Progresses) -> None:
        raise error

    journey.engine.midway = full
    delivery = received(journey)
    for _ in range(DEATHS + 1):
        with pytest.raises(type(error)):
            journey.annotate(delivery)
    journey.engine.midway = lambda report: None
    journey.annotate(delivery)
    assert journey.job(job.id).state is JobState.COMPLETED


def test_a_job_that_kills_its_workers_is_given_up(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    delivery = received(journey)

    def die(attempt: int) -> None:
        """As kill -9 leaves it: claimed, and not a word more."""
        claim = Claim(f"w{attempt}", delivery.message_id, LEASE)
        assert journey.store.jobs.change(started(journey.job(job.id), claim, journey.clock()))
        (journey.work_path / "half").write_bytes(b"half")
        key = f"results/{job.owner_id}/{job.id}/{attempt}/half"
        journey.files.store(key, journey.work_path / "half")

    for attempt in range(1, DEATHS + 1):
        die(attempt)
    last = replace(delivery, abandoned=True)
    with pytest.raises(GivenUp):
        journey.annotate(last, worker="w")
    done = journey.job(job.id)
    assert (done.state, done.attempt) == (JobState.FAILED, DEATHS)
    assert done.reason is not None
    assert done.reason.code == "WORKERS_DIED"
    assert journey.engine.runs == 0
    assert finished_messages(journey) == [job.id]
    assert journey.stored() == []


def test_a_claim_that_got_lost_on_the_way_is_made_again_at_once(journey: Journey) -> None:
    """The change was seen by all, but its sync failed: the worker was told of an error."""
    job = journey.submit(journey.upload())
    delivery = received(journey)
    claim = Claim("w1", delivery.message_id, LEASE)
    assert journey.store.jobs.change(started(job, claim, journey.clock()))
    journey.annotate(delivery, worker="w1")
    assert journey.job(job.id).state is JobState.COMPLETED


def test_a_worker_told_to_stop_hands_the_job_over_at_its_place(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    journey.clock.forward(seconds=1)
    journey.submit(journey.upload())
    delivery = received(journey)
    with pytest.raises(Interrupted):
        journey.annotate(delivery, should_stop=lambda: True)
    journey.store.queues.release(delivery.receipt)
    assert journey.events(job.id)[-1] == "released"
    assert journey.stored() == []
    again = received(journey)
    assert again.message_id == delivery.message_id
    journey.annotate(again, worker="w2")
    assert journey.job(job.id).state is JobState.COMPLETED


def test_no_room_leaves_nothing_of_the_attempt(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    store = journey.files.store

    def full_after_the_first(key: str, path: Path) -> StoredFile:
        if journey.stored():
            raise StoreFull("STORE_FULL", "There is no room.")
        return store(key, path)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(journey.files, "store", full_after_the_first)
        with pytest.raises(StoreFull):
            journey.annotate(received(journey))
    assert journey.stored() == []
    assert journey.events(job.id)[-1] == "released"


@pytest.mark.parametrize("attempts", [1, 3])
def test_an_error_after_the_end_leaves_the_results(journey: Journey, attempts: int) -> None:
    """Whatever breaks once the job is COMPLETED: its results are published, and stay."""
    job = journey.submit(journey.upload())
    delivery = received(journey)

    def crash(report: Progresses) -> None:
        raise EngineFailed("ENGINE_CRASHED", "It crashed.")

    journey.engine.midway = crash
    for _ in range(attempts - 1):
        with pytest.raises(EngineFailed):
            journey.annotate(delivery)
    journey.engine.midway = lambda report: None
    together = journey.store.together

    @contextmanager
    def breaking_afterwards() -> Iterator[None]:
        with together():
            yield
        raise OSError(errno.EMFILE, "too many open files")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(journey.store, "together", breaking_afterwards)
        with pytest.raises(OSError, match="too many"):
            journey.annotate(delivery)
    done = journey.job(job.id)
    assert done.state is JobState.COMPLETED
    for file in (*done.results, done.log):
        assert file is not None
        assert journey.files.stat(file.key) is not None
    journey.annotate(delivery)
    assert finished_messages(journey) == [job.id]


def test_what_killed_attempts_of_a_cancelled_job_left_is_removed(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    delivery = received(journey)
    claim = Claim("w1", delivery.message_id, LEASE)
    assert journey.store.jobs.change(started(job, claim, journey.clock()))
    (journey.work_path / "half").write_bytes(b"half")
    journey.files.store(f"results/{job.owner_id}/{job.id}/1/half", journey.work_path / "half")
    journey.cancel(job.id)
    journey.annotate(delivery, worker="w2")
    assert journey.stored() == []


def test_a_store_that_is_away_for_long_leaves_a_cancelled_job_to_the_tidying(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to the dead letters; and the sweep need not wait as long as its message would."""
    job = journey.submit(journey.upload())
    claim = Claim("w1", received(journey).message_id, LEASE)
    assert journey.store.jobs.change(started(job, claim, journey.clock()))
    (journey.work_path / "half").write_bytes(b"half")
    key = f"results/{job.owner_id}/{job.id}/1/half"
    journey.files.store(key, journey.work_path / "half")
    journey.cancel(job.id)
    journey.store.queues.abandon("test-annotate")

    def away(_prefix: str) -> None:
        raise Unavailable("COLD_STORE_MISSING", "Not mounted.")

    with monkeypatch.context() as patch:
        patch.setattr(journey.files, "delete", away)
        back = retried(journey)
    assert 1 < back < 20
    assert journey.files.stat(key) is not None
    journey.clock.forward(days=4000)  # files bear the time of the machine
    removed = tidy(
        Round(),
        jobs=journey.store.jobs,
        files=journey.files,
        limits=journey.limits,
        clock=journey.clock,
    )
    assert (removed, journey.stored()) == (1, [])


def retried(journey: Journey) -> int:
    """Works as the worker does, until the queue is empty; says how often the message came back."""
    for back in range(1000):
        delivery = journey.receive()
        assert delivery is not None, "it is among the dead letters"
        try:
            journey.annotate(delivery, worker="w2")
        except Unavailable:
            journey.store.queues.release(delivery.receipt)
        else:
            journey.store.queues.delete(delivery.receipt)
            return back
    raise AssertionError("it never ended")


def test_results_of_attempts_before_are_removed(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    delivery = received(journey)
    left = journey.work_path / "left"
    left.write_bytes(b"half")

    def die_after_storing(report: Progresses) -> None:
        journey.files.store(f"results/{journey.account.id}/{job.id}/1/half", left)
        left.unlink(missing_ok=True)
        raise KeyboardInterrupt

    journey.engine.midway = die_after_storing
    with pytest.raises(KeyboardInterrupt):
        journey.annotate(delivery)
    journey.engine.midway = lambda report: None
    journey.annotate(delivery)
    done = journey.job(job.id)
    assert done.attempt == 2
    assert all("/1/" not in key for key in journey.stored())
