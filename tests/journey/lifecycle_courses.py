"""Courses that several tests begin with."""

from __future__ import annotations

from gas.domain.job import Job, ResultsState
from gas.domain.results import Place, archivable
from journey.lifecycle_world import World


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
