"""Annotate: one job, one result, whatever happens on the way."""

from __future__ import annotations

import pytest

from gas.domain.errors import (
    InputError,
    Unavailable,
)
from gas.domain.job import JobState, Progress
from gas.journey.annotate import LEASE
from gas.ports.annotation import Progresses
from gas.ports.queues import Delivery
from journey.seen import finished_messages, no_work_left, received
from rig import VCF, Journey


def test_a_run_publishes_its_results(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    journey.annotate(received(journey))
    done = journey.job(job.id)
    assert done.state is JobState.COMPLETED
    assert done.counts == (("Total", 1),)
    with journey.files.open(done.results[0].key) as content:
        assert content.read() == VCF[::-1]
    assert done.log is not None
    assert done.log.name == "a.log"
    assert finished_messages(journey) == [job.id]
    assert journey.events(job.id) == ["submitted", "started", "completed"]
    assert no_work_left(journey)


def test_a_second_delivery_does_nothing(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    delivery = received(journey)
    journey.annotate(delivery)
    before = journey.job(job.id)
    journey.annotate(delivery)
    assert journey.job(job.id) == before
    assert journey.engine.runs == 1
    assert finished_messages(journey) == [job.id]


def test_while_one_runs_a_duplicate_is_dropped_and_a_redelivery_waits(journey: Journey) -> None:
    journey.submit(journey.upload())
    delivery = received(journey)
    duplicate = Delivery("annotate", "other", "r", delivery.body, 1)

    def midway(report: Progresses) -> None:
        journey.annotate(duplicate, worker="w2")
        with pytest.raises(Unavailable):
            journey.annotate(delivery, worker="w2")

    journey.engine.midway = midway
    journey.annotate(delivery)
    assert journey.engine.runs == 1


def test_the_job_of_a_dead_worker_is_taken_over_at_once_and_the_old_one_is_fenced(
    journey: Journey,
) -> None:
    job = journey.submit(journey.upload())
    delivery = received(journey)
    again = Delivery("annotate", delivery.message_id, "r2", delivery.body, 2, abandoned=True)

    def overtaken(report: Progresses) -> None:
        journey.engine.midway = lambda report: None
        journey.annotate(again, worker="w2")

    journey.engine.midway = overtaken
    journey.annotate(delivery, worker="w1")
    done = journey.job(job.id)
    assert (done.state, done.attempt, done.worker) == (JobState.COMPLETED, 2, "w2")
    assert journey.engine.runs == 2
    assert finished_messages(journey) == [job.id]
    assert all("/1/" not in key for key in journey.stored())
    with journey.files.open(done.results[0].key) as content:
        assert content.read() == VCF[::-1]


def test_a_lease_that_ran_out_may_be_claimed(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    delivery = received(journey)

    def sleep_through_the_lease(report: Progresses) -> None:
        journey.engine.midway = lambda report: None
        journey.clock.forward(seconds=LEASE.total_seconds() + 1)
        journey.annotate(delivery, worker="w2")
        report(Progress("late", 0.9))

    journey.engine.midway = sleep_through_the_lease
    journey.annotate(delivery, worker="w1")
    assert journey.job(job.id).worker == "w2"
    assert journey.events(job.id).count("completed") == 1
    assert no_work_left(journey)


def test_a_cancelled_run_stops_at_its_next_report_and_leaves_nothing(journey: Journey) -> None:
    job = journey.submit(journey.upload())

    def cancelled_midway(report: Progresses) -> None:
        journey.cancel(job.id)
        journey.clock.forward(seconds=1)
        report(Progress("middle", 0.5))
        raise AssertionError("the report must stop the run")

    journey.engine.midway = cancelled_midway
    journey.annotate(received(journey))
    assert journey.job(job.id).state is JobState.CANCELLED
    assert finished_messages(journey) == []
    assert journey.stored() == []
    assert no_work_left(journey)


def test_bad_input_fails_the_job_at_once_with_its_reason_and_log(journey: Journey) -> None:
    job = journey.submit(journey.upload())

    def refuse(report: Progresses) -> None:
        raise InputError("BAD_COLUMNS", "Too few columns.", place="line 3", cure="Add them.")

    journey.engine.midway = refuse
    journey.annotate(received(journey))
    done = journey.job(job.id)
    assert done.state is JobState.FAILED
    assert done.reason is not None
    assert (done.reason.code, done.reason.place) == ("BAD_COLUMNS", "line 3")
    assert done.log is not None
    with journey.files.open(done.log.key) as log:
        assert log.read() == b"began\n"
    assert finished_messages(journey) == [job.id]
