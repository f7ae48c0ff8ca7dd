"""Races of messages that are lost, late, doubled or in another order; see test_races.py."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest

from gas.domain.job import JobState, ResultsState
from gas.domain.messages import ArchiveDue, PlanChanged
from gas.domain.plan import Plan
from journey.lifecycle_courses import archived, assert_right, drain, key_of
from journey.lifecycle_world import World


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


def test_a_change_of_plan_that_takes_long_to_apply_is_not_begun_anew_all_the_time(
    world: World,
) -> None:
    archived(world)
    world.outbox = False
    with world.fated(4):
        world.upgrade()
    world.outbox = True
    asked = []
    for _ in range(60):
        world.clock.forward(minutes=1)
        asked.append(world.take_up())
    assert [minute for minute, count in enumerate(asked, 1) if count] == [11, 22, 44]
    assert_right(world)
    assert world.take_up() == 0


def test_an_old_appointment_does_not_hide_what_begins_anew(world: World) -> None:
    """The sweep had asked for it, and would not have looked again for a long time."""
    job = archived(world)
    now = world.clock()
    far = now + timedelta(days=30)
    assert world.store.jobs.look_again(job.id, world.job(job.id).version, far)
    world.upgrade()
    drain(world, "restore")
    check_at = world.job(job.id).check_at
    assert check_at is not None
    assert check_at <= now + world.cold.settles_within
    assert_right(world)


def test_a_message_of_a_change_that_was_applied_looks_at_no_job(world: World) -> None:
    archived(world)
    world.upgrade()
    drain(world, "restore")
    account = world.store.accounts.get(world.account.id)
    assert account is not None
    world.store.queues.publish(PlanChanged(account.id, account.plan_epoch))
    with patch.object(world.store.jobs, "owned_by", side_effect=AssertionError):
        drain(world, "restore")


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
