"""The clock of the machine is set two hours ahead or back: nothing goes early, all ends right."""

from __future__ import annotations

import pytest

from gas.domain.job import ResultsState
from gas.domain.results import Place
from journey.lifecycle_courses import archived, assert_right, key_of, place
from journey.lifecycle_shift import Shift, SteppingClock
from journey.lifecycle_world import World

AVAILABLE, ARCHIVED = ResultsState.AVAILABLE, ResultsState.ARCHIVED
RESTORING = ResultsState.RESTORING


@pytest.fixture
def clock(world: World) -> SteppingClock:
    """The workers' one; the wall stays that of the store, its files and its queues."""
    world.clock = SteppingClock(wall=world.clock)
    return world.clock


@pytest.fixture
def shift(world: World, clock: SteppingClock) -> Shift:
    assert world.clock is clock
    return Shift(world)


def test_ahead_in_the_grace_period(shift: Shift, clock: SteppingClock) -> None:
    """The message comes early, and waits for what is left; links are given until then."""
    job = shift.world.finished_job()
    shift.later(minutes=2)
    clock.wall.forward(hours=2)
    shift.later(minutes=2)
    assert shift.seen(job) is shift.world.job(job.id).results_state is AVAILABLE
    assert shift.refused(job) == ""
    assert not shift.world.cold.look(key_of(job)).marked
    shift.later(minutes=2)
    assert shift.seen(job) is ARCHIVED
    assert place(shift.world, job) is Place.COLD
    assert_right(shift.world)


def test_ahead_and_back_again(shift: Shift, clock: SteppingClock) -> None:
    job = shift.world.finished_job()
    clock.wall.forward(hours=2)
    shift.later(minutes=1)
    clock.wall.forward(hours=-2)
    shift.later(minutes=2)
    assert shift.seen(job) is AVAILABLE
    assert_right(shift.world)
    assert shift.letters() == []


def test_back_in_the_grace_period(shift: Shift, clock: SteppingClock) -> None:
    """What is promised is the time of day: it is kept by the clock that the owner sees."""
    job = shift.world.finished_job()
    shift.later(minutes=1)
    clock.wall.forward(hours=-2)
    shift.later(minutes=10)
    assert shift.seen(job) is shift.world.job(job.id).results_state is AVAILABLE
    assert shift.refused(job) == ""
    shift.later(hours=2)
    assert shift.seen(job) is ARCHIVED
    assert_right(shift.world)


def test_a_run_that_ends_while_it_is_ahead(shift: Shift, clock: SteppingClock) -> None:
    """It is written down as two hours later than it was; so its results stay longer, not less."""
    world = shift.world
    clock.wall.forward(hours=2)
    world.clock = clock.wall  # as the annotator has it
    job = world.finished_job()
    world.clock = clock
    clock.wall.forward(hours=-2)
    shift.later(minutes=6)
    assert shift.seen(job) is AVAILABLE
    assert_right(world)


@pytest.mark.parametrize("hours", [2, -2], ids=["ahead", "back"])
def test_during_a_restore(shift: Shift, clock: SteppingClock, hours: int) -> None:
    """Nobody waits two hours for what takes half a minute."""
    world = shift.world
    job = archived(world)
    world.upgrade()
    shift.work()
    assert shift.seen(job) is RESTORING
    clock.wall.forward(hours=hours)
    shift.later(minutes=1)
    assert shift.seen(job) is AVAILABLE
    assert shift.refused(job) == ""
    assert_right(world)


@pytest.mark.parametrize("hours", [2, -2], ids=["ahead", "back"])
def test_while_a_restored_copy_waits(shift: Shift, clock: SteppingClock, hours: int) -> None:
    world = shift.world
    job = archived(world)
    world.upgrade()
    shift.work()
    clock.forward(minutes=1)
    world.tend()
    clock.wall.forward(hours=hours)
    shift.later(minutes=1)
    assert shift.seen(job) is AVAILABLE
    assert_right(world)
