"""Races of deletion, of two annotators, and of jobs that are run again; see test_races.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gas.domain.account import Account
from gas.domain.errors import NotFound
from gas.domain.job import Job, JobState
from gas.domain.keys import results_prefix
from gas.domain.messages import ResultsBack, ThawDue, decode
from gas.domain.plan import Plan
from gas.domain.results import Place, Want, wanted
from gas.journey.delete import delete
from gas.journey.reconcile import reconcile
from gas.ports.annotation import Progresses
from gas.ports.cold_storage import StoreEvent, StoreEventKind
from journey.lifecycle_courses import archived, drain, key_of
from journey.lifecycle_world import World
from rig import Journey


def delete_now(world: World, job_id: str) -> None:
    delete(
        world.account,
        job_id,
        jobs=world.store.jobs,
        files=world.files,
        queues=world.store.queues,
        together=world.store.together,
        clock=world.clock,
    )


def test_one_that_is_deleted_on_its_way_back_is_waited_for_no_more(world: World) -> None:
    job = archived(world)
    world.upgrade()
    drain(world, "restore")
    assert world.store.queues.receive("notify", holder="w")  # of the plan
    delete_now(world, job.id)
    told = [decode(each.body) for each in world.store.queues.receive("notify", holder="w", limit=9)]
    assert ResultsBack(job.id, job.owner_id) in told


def test_a_job_that_is_deleted_while_it_is_moved_stays_deleted(world: World) -> None:
    """Delete against a late write, at every moment of archive, move, restore and thaw."""
    for moment in range(1, 60):
        world.begin_anew()
        job = archived(world)
        world.upgrade()

        def deleted(job: Job = job) -> None:
            delete_now(world, job.id)

        with world.fated(moment, deleted) as fate:
            drain(world, "restore")
            world.clock.forward(minutes=1)
            world.tend()
            drain(world, "thaw")
        if fate.happens:
            deleted()
        world.clock.forward(days=2)
        world.tend()
        drain(world, "thaw")
        assert world.cold.look(key_of(job)).place is Place.GONE, moment
        assert world.store.jobs.get(job.id) is None
        assert not list(world.traces(job.id)), moment


@pytest.mark.parametrize("when", ["marked", "cold", "restoring", "ready"])
def test_an_account_deleted_in_each_state_leaves_no_file(world: World, when: str) -> None:
    job = world.finished_job(files=3)
    world.clock.forward(minutes=6)
    drain(world, "archive")
    if when != "marked":
        world.tend()
        drain(world, "thaw")
    if when in ("restoring", "ready"):
        world.upgrade()
        drain(world, "restore")
    if when == "ready":
        world.clock.forward(minutes=1)
        world.tend()
    account = world.store.accounts.get(world.account.id)
    assert account is not None
    assert world.store.accounts.mark_deleted(account, world.clock())
    world.files.delete(f"results/{account.id}")
    world.tend()
    drain(world, "archive", "restore", "thaw")
    world.clock.forward(days=2)
    world.tend()
    assert not list(world.traces(job.id))


def test_a_store_event_for_a_job_that_is_gone_does_nothing(world: World) -> None:
    job = archived(world)
    delete_now(world, job.id)
    world.store.queues.publish(ThawDue(job.id, job.owner_id))
    drain(world, "thaw")
    event = StoreEvent(StoreEventKind.MOVED, key_of(job))
    assert reconcile(job.id, world.custody) is None
    assert event.key.startswith(results_prefix(job))
    with pytest.raises(NotFound):
        world.cold.mark(key_of(job))


def test_visibility_lapses_and_two_annotators_finish(journey: Journey) -> None:
    """Both run to the end; one publishes, once, and nothing of the other stays."""
    job_id = journey.submit(journey.upload()).id
    delivery = journey.receive()
    assert delivery is not None

    def lapse(_report: Progresses) -> None:
        journey.engine.midway = lambda _: None
        journey.clock.forward(minutes=2)
        other = journey.receive(holder="other")
        assert other is not None
        journey.annotate(other, worker="w2")

    journey.engine.midway = lapse
    journey.annotate(delivery, worker="w1")
    job = journey.job(job_id)
    assert journey.engine.runs == 2
    assert job.state is JobState.COMPLETED
    assert journey.events(job_id).count("completed") == 1
    assert {key.split("/")[3] for key in journey.stored()} == {str(job.attempt)}
    assert journey.receive("notify")
    assert not journey.receive("notify")


def test_a_finished_job_that_is_run_again_leaves_its_results_alone(journey: Journey) -> None:
    first = journey.submit(journey.upload())
    _annotated(journey)
    before = journey.job(first.id)
    again = journey.run_again(first.id)
    _annotated(journey)
    assert again.id != first.id
    assert journey.job(first.id) == before
    keys = {file.key for file in before.results}
    assert keys.isdisjoint(file.key for file in journey.job(again.id).results)


def _annotated(journey: Journey) -> None:
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    journey.store.queues.delete(delivery.receipt)


def test_upgrade_during_the_upload(journey: Journey) -> None:
    """The plan counts when something is decided, and is copied nowhere."""
    upload = journey.upload()
    account = journey.store.accounts.get(journey.account.id)
    assert account is not None
    _promoted(journey, account)
    job = journey.submit(upload)
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    done = journey.job(job.id)
    grace = timedelta(minutes=5)
    owner = journey.store.accounts.get(done.owner_id)
    assert owner is not None
    later = journey.clock() + timedelta(days=9)
    assert wanted(done, owner, grace=grace, now=later) is Want.WARM


def _promoted(journey: Journey, account: Account) -> None:
    changed = replace(
        account,
        plan=Plan.PREMIUM,
        plan_epoch=account.plan_epoch + 1,
        plan_since=journey.clock(),
        version=account.version + 1,
    )
    assert journey.store.accounts.change(changed)
