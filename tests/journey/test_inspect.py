"""What the inspection finds, and what it leaves to those who are at it."""

from __future__ import annotations

from journey.lifecycle_courses import archived, drain
from journey.lifecycle_world import World


def test_results_that_just_became_due_are_left_to_their_message(world: World) -> None:
    world.finished_job()
    world.clock.forward(minutes=5, seconds=10)
    world.take_up()
    assert world.inspect() == 0
    drain(world, "archive", "restore", "thaw")


def test_results_that_nobody_saw_to_are_found(world: World) -> None:
    job = archived(world)
    moved = world.cold
    world.upgrade()
    drain(world, "restore")
    world.clock.forward(minutes=1)
    world.tend()
    drain(world, "thaw")
    assert world.inspect() == 0
    for file in job.results[:1]:
        moved.mark(file.key)  # nobody knows why
    assert world.inspect() == 1


def test_a_change_of_plan_that_is_being_applied_is_left_alone(world: World) -> None:
    archived(world)
    world.upgrade()
    assert world.inspect() == 0
    drain(world, "restore")
    assert world.inspect() == 0
