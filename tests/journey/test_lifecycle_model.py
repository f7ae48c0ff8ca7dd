"""Any course of events, with any death in it, ends with results as the plan wants them.

A state machine drives the real steps over the embedded backend: turns of workers and of the store,
each of which may die at any moment, be interrupted by others at any moment, or be delivered again;
changes of plan, and time, in between. At the end of each course time passes until all is quiet; it
must become so, and then be right. Nothing is ever lost on the way.

With one part of the protocol taken away, a bad course is found: `test_without_*`.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from journey.lifecycle_world import World, open_world

COURSES = 20_000
SHARDS = 4
MOMENT = st.integers(1, 25)
QUEUE = st.sampled_from(("archive", "restore", "thaw"))
SECONDS = st.sampled_from((1, 31, 301, 3700, 90_000))
MOST_JOBS = 2


@dataclass(frozen=True)
class Turn:
    """What somebody does in one go."""

    name: str
    queue: str = ""
    index: int = 0
    twice: bool = False
    seconds: int = 0

    def __call__(self, world: World) -> None:
        if self.name == "deliver":
            world.deliver(self.queue, index=self.index, twice=self.twice, holder=self.holder)
        elif self.name == "forward":
            world.clock.forward(seconds=self.seconds)
        else:
            getattr(world, self.name)()

    @property
    def holder(self) -> str:
        """Who is interrupted is the one, who interrupts the other."""
        return "other"


DELIVERIES = st.builds(
    Turn, st.just("deliver"), QUEUE, index=st.integers(0, 2), twice=st.booleans()
)
OTHERS = st.one_of(
    DELIVERIES,
    st.sampled_from(
        [Turn(name) for name in ("upgrade", "downgrade", "tend", "move_late", "work_off")]
    ),
    st.builds(Turn, st.just("forward"), seconds=SECONDS),
)


def machine(world: World) -> type[RuleBasedStateMachine]:  # noqa: C901 (one rule, one function)
    class Course(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            world.begin_anew()

        @initialize(files=st.integers(1, 2), begins=st.sampled_from(("new", "cold", "ready")))
        def submit(self, files: int, begins: str) -> None:
            world.submit(files)
            if begins != "new":
                world.finish()
                world.settle()
            if begins == "ready":
                world.upgrade()
                world.deliver("restore")
                world.clock.forward(minutes=1)
                world.tend()

        @precondition(lambda _: len(world.contents) < MOST_JOBS * 2)
        @rule()
        def submit_another(self) -> None:
            world.submit(1)

        @rule()
        def finish(self) -> None:
            world.finish()

        @rule(at=MOMENT)
        def die_finishing(self, at: int) -> None:
            with world.fated(at):
                world.finish()
            world.running = [job for job in world.running if not world.job(job.id).state.final]

        @rule()
        def upgrade(self) -> None:
            world.upgrade()

        @rule()
        def downgrade(self) -> None:
            world.downgrade()

        @rule(at=MOMENT)
        def die_upgrading(self, at: int) -> None:
            with world.fated(at):
                world.upgrade()

        @rule(queue=QUEUE, index=st.integers(0, 2), twice=st.booleans())
        def deliver(self, queue: str, index: int, twice: bool) -> None:
            world.deliver(queue, index=index, twice=twice)

        @rule(queue=QUEUE, at=MOMENT)
        def die_at_a_step(self, queue: str, at: int) -> None:
            with world.fated(at):
                world.deliver(queue)

        @rule(queue=QUEUE, at=MOMENT, others=st.lists(OTHERS, min_size=1, max_size=4))
        def stall_at_a_step(self, queue: str, at: int, others: list[Turn]) -> None:
            def meanwhile() -> None:
                for turn in others:
                    turn(world)

            with world.fated(at, meanwhile):
                world.deliver(queue)

        @rule()
        def tend(self) -> None:
            world.tend()

        @rule(seconds=SECONDS)
        def work_off(self, seconds: int) -> None:
            world.clock.forward(seconds=seconds)
            world.work_off()

        @rule(at=MOMENT)
        def die_tending(self, at: int) -> None:
            with world.fated(at):
                world.tend()

        @rule()
        def schedule(self) -> None:
            world.schedule()

        @rule()
        def move_late(self) -> None:
            world.move_late()

        @rule(seconds=SECONDS)
        def pass_time(self, seconds: int) -> None:
            world.clock.forward(seconds=seconds)

        @invariant()
        def nothing_is_lost(self) -> None:
            for key in world.contents:
                assert world.kept(key), key

        def teardown(self) -> None:
            world.settle()
            assert world.wrong() == []

    return Course


@contextmanager
def opened(tmp_path: Path) -> Iterator[World]:
    """In memory, where there is such a folder: what is tried here is the order of things."""
    shm = Path("/dev/shm")
    folder = shm / f"gas-{os.getpid()}-{random.randrange(10**9)}" if shm.is_dir() else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with open_world(folder) as world:
            yield world
    finally:
        shutil.rmtree(folder)


def run(
    tmp_path: Path,
    courses: int,
    prepare: Callable[[World], None] = lambda _: None,
    *,
    shrinks: bool = True,
) -> None:
    with opened(tmp_path) as world:
        prepare(world)
        run_machine(
            machine(world),
            settings=settings(
                max_examples=courses,
                stateful_step_count=14,
                deadline=None,
                database=None,
                phases=(Phase.generate, *([Phase.shrink] if shrinks else ())),
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
            ),
        )


def test_any_course_ends_well(tmp_path: Path) -> None:
    run(tmp_path, 60)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_many_courses_end_well(tmp_path: Path, shard: int) -> None:
    """COURSES in all."""
    run(tmp_path / str(shard), COURSES // SHARDS)


def without_second_look(world: World) -> None:
    world.looks_twice = False


def without_outbox(world: World) -> None:
    world.outbox = False


def without_events(world: World) -> None:
    world.events = False


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("ablation", [without_second_look, without_outbox, without_events])
def test_without_any_part_of_it_a_bad_course_is_found(
    tmp_path: Path, ablation: Callable[[World], None]
) -> None:
    """So each is needed, and this would be noticed."""
    with pytest.raises(AssertionError):
        run(tmp_path, COURSES, ablation, shrinks=False)
