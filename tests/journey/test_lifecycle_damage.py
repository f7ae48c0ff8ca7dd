"""Bytes that change where results lie: nothing is deleted, it is told once, and can be mended."""

from __future__ import annotations

from gas.domain.job import EventKind, ResultsState
from gas.domain.results import Place
from journey.lifecycle_courses import archived, assert_right, key_of, kinds, place
from journey.lifecycle_shift import (
    Shift,
    check,
    cold_path,
    ends_right,
    flip,
    staged_path,
    stays_damaged,
    warm_path,
)

AVAILABLE, ARCHIVED = ResultsState.AVAILABLE, ResultsState.ARCHIVED
RESTORING, DAMAGED = ResultsState.RESTORING, ResultsState.DAMAGED


def test_a_bit_of_a_warm_file_that_flips(shift: Shift) -> None:
    """It is not moved: the copy would be all that is left."""
    world = shift.world
    job, other = world.finished_job(files=2), world.finished_job()
    path = warm_path(world, key_of(job))
    before = flip(path)
    shift.later(minutes=6)
    assert path.exists()
    stays_damaged(shift, job)
    assert shift.seen(other) is ARCHIVED
    path.write_bytes(before)
    check(shift, job)
    ends_right(shift, job)


def test_a_bit_of_a_cold_file_that_flips(shift: Shift) -> None:
    """Nothing that is not what it was is given to anybody."""
    world = shift.world
    job, other = archived(world, files=2), archived(world)
    path = cold_path(world, key_of(job))
    before = flip(path)
    world.upgrade()
    shift.work()
    shift.later(minutes=1)
    assert place(world, job) is Place.COLD
    stays_damaged(shift, job)
    assert shift.seen(other) is AVAILABLE
    path.write_bytes(before)
    check(shift, job)
    ends_right(shift, job)


def test_an_operator_who_looks_too_early_starts_no_endless_trying(shift: Shift) -> None:
    world = shift.world
    job = archived(world)
    path = cold_path(world, key_of(job))
    before = flip(path)
    world.upgrade()
    shift.work()
    shift.later(minutes=1)
    check(shift, job)
    for _ in range(10):
        shift.later(minutes=10)
    assert shift.seen(job) is DAMAGED
    assert kinds(world, job).count(EventKind.DAMAGED) == 2  # found once, and once more when asked
    assert len(shift.letters()) == 2
    path.write_bytes(before)
    check(shift, job)
    shift.later(minutes=1)
    shift.redrive()
    assert_right(world)


def test_what_was_put_back_for_a_free_user_is_looked_at_too(shift: Shift) -> None:
    world = shift.world
    job = archived(world)
    before = flip(cold_path(world, key_of(job)))
    world.upgrade()
    shift.work()
    shift.later(minutes=1)
    world.downgrade()
    shift.later(minutes=10)
    stays_damaged(shift, job)
    cold_path(world, key_of(job)).write_bytes(before)
    check(shift, job)
    ends_right(shift, job)


def test_a_bit_of_a_restored_copy_that_flips(shift: Shift) -> None:
    """The cold file is there still: it is restored anew, and nobody notices."""
    world = shift.world
    job = archived(world)
    world.upgrade()
    shift.work()
    world.clock.forward(minutes=1)
    world.tend()
    flip(staged_path(world))
    assert_right(world)
    assert EventKind.DAMAGED not in kinds(world, job)
