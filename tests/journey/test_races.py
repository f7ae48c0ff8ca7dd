"""The races of archive, restore and thaw, each by name. See also test_lifecycle_model.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from gas.domain.account import Account
from gas.domain.errors import NotFound
from gas.domain.job import EventKind, Job, JobState, ResultsState
from gas.domain.keys import results_prefix
from gas.domain.messages import ArchiveDue, PlanChanged, ThawDue
from gas.domain.plan import Plan
from gas.domain.results import Place, Want, archivable, wanted
from gas.journey.delete import delete
from gas.journey.reconcile import reconcile
from gas.ports.annotation import Progresses
from gas.ports.cold_storage import Speed, StoreEvent, StoreEventKind
from journey.lifecycle_world import GRACE, World
from rig import Journey


def drain(world: World, *queues: str) -> None:
    """All that is to be had now, and what comes of it."""
    while any(world.deliver(queue) for queue in queues):
        pass


def archived(world: World, files: int = 1) -> Job:
    """A job of a free user, in cold storage."""
    job = world.finished_job(files)
    world.clock.forward(minutes=6)
    drain(world, "archive")
    world.tend()
    drain(world, "thaw")
    found = world.job(job.id)
    assert found.results_state is ResultsState.ARCHIVED
    assert found.check_at is None
    return found


def key_of(job: Job) -> str:
    return archivable(job)[0].key


def place(world: World, job: Job) -> Place:
    return world.cold.look(key_of(job)).place


def kinds(world: World, job: Job) -> list[str]:
    return [event.kind.value for event in world.store.jobs.events(job.id)]


def assert_right(world: World) -> None:
    world.settle()
    assert world.wrong() == []


def test_finished_archived_upgraded(world: World) -> None:
    """Its message is still delayed when the upgrade has been applied: it decides nothing."""
    job = world.finished_job()
    world.upgrade()
    drain(world, "restore")
    world.clock.forward(minutes=6)
    drain(world, "archive", "thaw")
    assert not world.cold.look(key_of(job)).marked
    assert_right(world)
    assert kinds(world, job)[-1] == EventKind.COMPLETED


def test_marked_then_upgraded_before_the_move(world: World) -> None:
    job = world.finished_job(files=3)
    world.clock.forward(minutes=6)
    drain(world, "archive")
    assert world.cold.look(key_of(job)).marked
    world.upgrade()
    drain(world, "restore")
    assert not world.cold.look(key_of(job)).marked
    assert world.job(job.id).results_state is ResultsState.AVAILABLE
    assert_right(world)


def test_marked_then_upgraded_and_moved_all_the_same(world: World) -> None:
    """A store may carry out what it noted before the mark was taken away: its event brings it
    back."""
    job = world.finished_job()
    world.clock.forward(minutes=6)
    drain(world, "archive")
    world.schedule()
    world.upgrade()
    drain(world, "restore")
    world.move_late()
    assert place(world, job) is Place.COLD
    assert_right(world)
    assert kinds(world, job)[-2:] == [EventKind.RESTORING, EventKind.RESTORED]


@pytest.mark.parametrize("moment", range(1, 30))
def test_plan_read_then_changed(world: World, moment: int) -> None:
    """At whatever moment of the archive step the upgrade comes, and is applied."""
    job = world.finished_job()
    world.clock.forward(minutes=6)

    def upgraded() -> None:
        world.upgrade()
        drain(world, "restore")

    with world.fated(moment, upgraded) as fate:
        world.deliver("archive")
    if fate.happens:
        world.upgrade()
    world.tend()
    assert_right(world)
    assert world.job(job.id).results_state is ResultsState.AVAILABLE


def test_restore_misses_a_job_just_submitted(world: World) -> None:
    world.finished_job()
    late = world.submit()
    world.upgrade()
    drain(world, "restore")
    world.finish()
    world.clock.forward(minutes=6)
    drain(world, "archive")
    assert not world.cold.look(key_of(world.job(late.id))).marked
    assert_right(world)


def test_duplicate_archive_message_after_thaw(world: World) -> None:
    job = archived(world)
    world.upgrade()
    world.settle()
    world.store.queues.publish(ArchiveDue(job.id, job.owner_id))
    world.clock.forward(minutes=6)
    drain(world, "archive")
    assert not world.cold.look(key_of(job)).marked
    assert_right(world)


def test_crash_after_completed_before_publish(world: World) -> None:
    """Where both are no one commit: nobody heard of it, and the sweep finds it."""
    world.outbox = False
    job = world.submit()
    with world.fated(2):  # the change is written, and no message
        world.finish()
    world.outbox = True
    world.running.clear()
    assert world.job(job.id).state is JobState.COMPLETED
    world.clock.forward(minutes=16)
    assert not world.deliver("archive")
    assert world.take_up() == 1
    assert_right(world)
    assert world.job(job.id).results_state is ResultsState.ARCHIVED


def test_a_change_of_plan_whose_message_was_lost_is_taken_up(world: World) -> None:
    job = archived(world)
    world.outbox = False
    with world.fated(4):  # get, then change: written, and no message
        world.upgrade()
    world.outbox = True
    assert world.plan() is Plan.PREMIUM
    assert not world.deliver("restore")
    world.clock.forward(minutes=11)
    assert world.take_up() == 1
    assert_right(world)
    assert world.job(job.id).results_state is ResultsState.AVAILABLE
    world.clock.forward(minutes=11)
    assert world.take_up() == 0


def test_crash_after_begin_restore_before_thaw_due(world: World) -> None:
    job = archived(world)
    world.upgrade()
    delivery = world.store.queues.receive("restore", holder="w")[0]
    world.cold.begin_restore(key_of(job), speed=Speed.FAST)
    assert world.store.queues.abandon("w") == 1  # dead, before it could say so
    drain(world, "restore")
    assert delivery.message_id
    assert world.job(job.id).results_state is ResultsState.RESTORING
    assert_right(world)


def test_restored_copy_expires_before_thaw(world: World) -> None:
    job = archived(world)
    world.upgrade()
    drain(world, "restore")
    world.clock.forward(minutes=1)
    world.tend()
    world.clock.forward(days=30)
    world.tend()
    assert place(world, job) is Place.COLD
    assert_right(world)


@pytest.mark.parametrize("moment", range(1, 40))
def test_thaw_copies_then_crashes(world: World, moment: int) -> None:
    archived(world, files=2)
    world.upgrade()
    drain(world, "restore")
    world.clock.forward(minutes=1)
    world.tend()
    with world.fated(moment):
        world.deliver("thaw")
    assert_right(world)


def test_downgrade_while_thawing(world: World) -> None:
    """What is on its way back when the plan ends is archived; what is back has the grace period."""
    job = archived(world)
    world.upgrade()
    drain(world, "restore")
    world.downgrade()
    drain(world, "restore", "thaw")
    assert world.job(job.id).results_state is ResultsState.ARCHIVED
    world.tend()
    assert_right(world)


def test_downgrade_gives_the_grace_period(world: World) -> None:
    world.upgrade()
    job = world.finished_job()
    world.clock.forward(days=3)
    drain(world, "restore", "archive")
    world.downgrade()
    drain(world, "restore")
    world.clock.now += GRACE - timedelta(seconds=1)
    drain(world, "archive", "thaw")
    assert world.job(job.id).results_state is ResultsState.AVAILABLE
    world.clock.forward(seconds=2)
    drain(world, "archive")
    assert world.job(job.id).results_state is ResultsState.ARCHIVED
    assert_right(world)


@pytest.mark.parametrize("first", [0, 1])
def test_upgrade_and_downgrade_reordered(world: World, first: int) -> None:
    archived(world)
    world.upgrade()
    world.downgrade()
    world.deliver("restore", index=first)
    assert_right(world)


def test_an_old_change_of_plan_that_comes_late_does_nothing(world: World) -> None:
    job = archived(world)
    world.upgrade()
    world.downgrade()
    drain(world, "restore")
    account = world.store.accounts.get(world.account.id)
    assert account is not None
    world.store.queues.publish(PlanChanged(account.id, account.plan_epoch - 1))
    drain(world, "restore")
    assert world.job(job.id).results_state is ResultsState.ARCHIVED
    assert_right(world)


@pytest.mark.parametrize("moment", range(1, 30))
def test_stalled_archiver_wakes_late(world: World, moment: int) -> None:
    """It stalls at any moment, for days in which all has gone on, and then does what it was at."""
    world.finished_job()
    world.clock.forward(minutes=6)

    def days_pass() -> None:
        world.upgrade()
        drain(world, "restore", "thaw")
        world.clock.forward(days=2)
        world.tend()
        drain(world, "archive", "restore", "thaw")

    with world.fated(moment, days_pass) as fate:
        world.deliver("archive")
    if fate.happens:
        world.upgrade()
    assert_right(world)


def test_thaw_takes_the_mark_away(world: World) -> None:
    """A copy that kept it would go to the cold class again at once."""
    job = archived(world)
    world.upgrade()
    world.settle()
    assert not world.cold.look(key_of(job)).marked
    world.clock.forward(days=2)
    world.schedule()
    world.move_late()
    assert place(world, job) is Place.WARM


def test_stale_worker_writes_state(world: World) -> None:
    """It has looked, and is about to record ARCHIVED, when all is premium, and settled, again."""
    job = world.finished_job()
    world.clock.forward(minutes=6)
    seen: list[int] = []

    def upgraded() -> None:
        world.upgrade()
        drain(world, "restore", "thaw")
        seen.append(world.job(job.id).version)

    for moment in range(1, 30):
        world.begin_anew()
        job = world.finished_job()
        world.clock.forward(minutes=6)
        with world.fated(moment, upgraded) as fate:
            world.deliver("archive")
        if fate.happens:
            break
        assert world.job(job.id).results_state is ResultsState.AVAILABLE, moment
        assert_right(world)
    assert seen


def test_two_archivers(world: World) -> None:
    job = world.finished_job(files=3)
    world.store.queues.publish(ArchiveDue(job.id, job.owner_id))
    world.clock.forward(minutes=6)

    for moment in range(1, 40):
        with world.fated(moment, partial(world.deliver, "archive", holder="other")):
            world.deliver("archive")
        world.store.queues.publish(ArchiveDue(job.id, job.owner_id))
        world.store.queues.publish(ArchiveDue(job.id, job.owner_id))
        world.clock.forward(minutes=6)
    assert_right(world)
    assert kinds(world, job).count(EventKind.ARCHIVED) == 1


def test_a_job_that_is_deleted_while_it_is_moved_stays_deleted(world: World) -> None:
    """Delete against a late write, at every moment of archive, move, restore and thaw."""
    for moment in range(1, 60):
        world.begin_anew()
        job = archived(world)
        world.upgrade()

        def deleted(job: Job = job) -> None:
            owner = world.account
            delete(owner, job.id, jobs=world.store.jobs, files=world.files, clock=world.clock)

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
    files, jobs = world.files, world.store.jobs
    delete(world.account, job.id, jobs=jobs, files=files, clock=world.clock)
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
