"""The races of archive, restore and thaw, each by name. See also test_lifecycle_model.py."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.domain.job import EventKind, ResultsState
from gas.domain.messages import ArchiveDue
from gas.domain.plan import Plan
from gas.domain.results import Place
from gas.ports.cold_storage import Speed
from journey.lifecycle_courses import archived, assert_right, drain, key_of, kinds, place
from journey.lifecycle_stage import GRACE
from journey.lifecycle_world import World


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

    def others() -> None:
        world.deliver("archive", holder="other")

    for moment in range(1, 40):
        with world.fated(moment, others):
            world.deliver("archive")
        world.store.queues.publish(ArchiveDue(job.id, job.owner_id))
        world.store.queues.publish(ArchiveDue(job.id, job.owner_id))
        world.clock.forward(minutes=6)
    assert_right(world)
    assert kinds(world, job).count(EventKind.ARCHIVED) == 1


@pytest.mark.parametrize("looks_twice", [True, False])
def test_a_thaw_that_stalls_over_a_downgrade(world: World, looks_twice: bool) -> None:
    """The copy is put back for somebody who is free by then: whoever did it finds out, and only
    by the second look."""
    world.looks_twice = looks_twice

    def downgraded() -> None:
        world.downgrade()
        world.work_off()

    wrong = 0
    for moment in range(1, 16):
        world.begin_anew()
        archived(world)
        world.upgrade()
        drain(world, "restore")
        world.clock.forward(minutes=1)
        world.tend()
        with world.fated(moment, downgraded):
            world.deliver("thaw")
        world.settle()
        wrong += bool(world.wrong()) and world.plan() is Plan.FREE
    assert bool(wrong) is not looks_twice


@pytest.mark.parametrize("moment", range(1, 30))
def test_a_thaw_that_dies_half_way_before_a_downgrade(world: World, moment: int) -> None:
    """One file is back, the other is not, and stays; the one has to go again."""
    archived(world, files=2)
    world.upgrade()
    drain(world, "restore")
    world.clock.forward(minutes=1)
    world.tend()
    with world.fated(moment):
        world.deliver("thaw")
    world.downgrade()
    assert_right(world)
