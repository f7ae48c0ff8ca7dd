"""Sweep: what a crash swallowed comes back, what is dead is failed, nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gas.domain.errors import GasError, StoreFull, Unavailable
from gas.domain.job import Job, JobState, deleted
from gas.domain.messages import ANNOTATE, AnnouncementDue
from gas.journey.sweep import PATIENCE, Memory, Swept, sweep
from gas.ports.annotation import Progresses
from rig import Journey


def at_once(_name: str, part: Callable[[], int]) -> int:
    return part()


def run(
    journey: Journey,
    memory: Memory,
    apart: Callable[[str, Callable[[], int]], int] = at_once,
) -> Swept:
    store = journey.store
    return sweep(
        memory,
        jobs=store.jobs,
        files=journey.files,
        queues=store.queues,
        queue_desk=store.queue_desk,
        sessions=store.sessions,
        together=store.together,
        limits=journey.limits,
        clock=journey.clock,
        apart=apart,
    )


def lose_message(journey: Journey) -> Job:
    """A job whose message is gone, as after a crash between recording and publishing."""
    job = journey.submit(journey.upload())
    delivery = journey.receive()
    assert delivery is not None
    journey.store.queues.delete(delivery.receipt)
    return job


def wait(journey: Journey) -> None:
    journey.clock.forward(seconds=PATIENCE.total_seconds() + 1)


def test_a_lost_submission_is_published_again_once_per_patience(journey: Journey) -> None:
    job, memory = lose_message(journey), Memory()
    wait(journey)
    assert run(journey, memory).republished == 0
    wait(journey)
    assert run(journey, memory).republished == 1
    assert run(journey, memory).republished == 0
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    assert journey.job(job.id).state is JobState.COMPLETED


def test_a_job_behind_a_long_queue_is_left_alone(journey: Journey) -> None:
    journey.submit(journey.upload())
    memory = Memory()
    for _ in range(3):
        wait(journey)
        assert run(journey, memory).republished == 0


def test_an_outage_multiplies_no_messages(journey: Journey) -> None:
    """A full disk for half a day: what waits in back-off is not taken for lost."""
    job, memory = journey.submit(journey.upload()), Memory()

    def full(report: Progresses) -> None:
        raise StoreFull("STORE_FULL", "There is no room.")

    journey.engine.midway = full
    for _ in range(72):
        if delivery := journey.receive():
            with pytest.raises(StoreFull):
                journey.annotate(delivery)
            journey.store.queues.release(delivery.receipt, 120)
        wait(journey)
        assert run(journey, memory).republished == 0
    journey.engine.midway = lambda report: None
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    assert journey.job(job.id).state is JobState.COMPLETED


def test_a_dead_letter_is_looked_at_once(journey: Journey) -> None:
    job, memory = journey.submit(journey.upload()), Memory()
    delivery = journey.receive()
    assert delivery is not None
    journey.store.queues.bury(delivery.receipt, "why")
    assert run(journey, memory).failed == 1
    assert run(journey, memory).failed == 0
    assert memory.letters == {delivery.message_id}
    journey.store.queue_desk.remove_dead_letter("annotate", delivery.message_id)
    run(journey, memory)
    assert memory.letters == set()
    assert journey.job(job.id).state is JobState.FAILED


def test_a_lost_end_is_told_after_all(journey: Journey) -> None:
    job, memory = journey.submit(journey.upload()), Memory()
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    journey.store.queues.delete(delivery.receipt)
    finished = journey.receive("notify")
    assert finished is not None
    journey.store.queues.delete(finished.receipt)
    wait(journey)
    run(journey, memory)
    wait(journey)
    assert run(journey, memory).republished == 1
    again = journey.receive("notify")
    assert again is not None
    assert job.id in again.body


def test_a_job_whose_message_died_is_failed_once(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    journey.store.queue_desk.configure(ANNOTATE.name, max_receives=3)
    for _ in range(3):
        assert journey.receive() is not None
        journey.clock.forward(seconds=ANNOTATE.visibility_seconds + 1)
    assert journey.receive() is None
    assert run(journey, Memory()).failed == 1
    assert run(journey, Memory()).failed == 0
    done = journey.job(job.id)
    assert done.state is JobState.FAILED
    assert done.reason is not None
    assert done.reason.code == "TRIED_TOO_OFTEN"
    assert journey.receive("notify") is not None


def test_a_deletion_that_was_cut_short_goes_on(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    assert journey.store.jobs.change(deleted(journey.job(job.id), journey.clock()))
    assert run(journey, Memory()).purged == 1
    assert journey.store.jobs.get(job.id) is None
    assert journey.stored() == []
    assert journey.files.stat(job.input.key) is None


def deleted_jobs(journey: Journey, count: int) -> list[Job]:
    """Finished ones that are hidden, and whose files are there still."""
    gone = []
    for _ in range(count):
        job = journey.submit(journey.upload())
        journey.cancel(job.id)
        assert journey.store.jobs.change(deleted(journey.job(job.id), journey.clock()))
        journey.clock.forward(seconds=1)
        gone.append(job)
    return gone


def keep_files_of(journey: Journey, stuck: list[Job], patch: pytest.MonkeyPatch) -> None:
    """As a store whose cold folder is away."""
    real: Any = journey.files.delete
    words = [job.id for job in stuck]

    def delete(prefix: str) -> None:
        if prefix.startswith("results/") and prefix.endswith(tuple(words)):
            raise Unavailable("COLD_STORE_MISSING", "Not mounted.")
        real(prefix)

    patch.setattr(journey.files, "delete", delete)


def test_a_deletion_that_cannot_be_done_now_holds_up_nothing(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = deleted_jobs(journey, 3)
    stale = journey.upload()
    journey.clock.forward(seconds=(journey.limits.upload_lifetime + timedelta(1)).total_seconds())
    told: list[tuple[str, str]] = []

    def apart(name: str, part: Callable[[], int]) -> int:
        try:
            return part()
        except GasError as error:
            told.append((name, error.reason.code))
            return 0

    with monkeypatch.context() as patch:
        keep_files_of(journey, gone[:2], patch)
        assert run(journey, Memory(), apart).uploads == 1
        left = journey.store.jobs.deleted(limit=9)
        assert [job.id for job in left] == [job.id for job in gone[:2]]
        assert told == [("purge", "COLD_STORE_MISSING")]
        assert journey.files.upload(f"inputs/{journey.account.id}/{stale}") is None
        assert journey.files.stat(gone[0].input.key) is None  # it lay elsewhere
    assert run(journey, Memory()).purged == 2


def test_many_that_cannot_go_now_let_those_behind_them_pass(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gas.journey.sweep.BATCH", 2)
    gone, memory = deleted_jobs(journey, 4), Memory()
    with monkeypatch.context() as patch:
        keep_files_of(journey, gone[:3], patch)
        for _ in range(2):
            with pytest.raises(Unavailable, match="COLD_STORE_MISSING"):
                run(journey, memory)
        assert journey.store.jobs.get(gone[3].id) is None
    for _ in range(3):  # the first of them finds the end, and nothing else
        run(journey, memory)
    assert journey.store.jobs.deleted(limit=9) == []


def test_uploads_that_nobody_finished_are_removed(journey: Journey) -> None:
    upload_id = journey.upload()
    journey.clock.forward(seconds=(journey.limits.upload_lifetime + timedelta(1)).total_seconds())
    assert run(journey, Memory()).uploads == 1
    assert journey.files.upload(f"inputs/{journey.account.id}/{upload_id}") is None


def test_a_message_that_waits_a_day_elsewhere_makes_nobody_patient(journey: Journey) -> None:
    journey.store.queues.publish(AnnouncementDue("", journey.account.id, "msg"))
    journey.clock.forward(days=1)
    lose_message(journey)
    memory = Memory()
    wait(journey)
    run(journey, memory)
    wait(journey)
    assert run(journey, memory).republished == 1
