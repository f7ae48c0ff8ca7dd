"""A world in which results are archived and brought back, and everything may go wrong in between.

The real steps over the embedded backend; only the clock is ours. One turn is one message at one
step, or one round of the store. While it runs, at any call of a port or any line that changes a
file, it may die, or others may have their turns in the middle of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

from gas.adapters.disk import DiskColdStorage, DiskFiles
from gas.adapters.sql.store import SqlStore, open_store
from gas.domain.errors import GivenUp, InputError, Later, StaleReceipt, Unavailable
from gas.domain.job import (
    FileKind,
    ResultsState,
)
from gas.domain.messages import QUEUES
from gas.domain.plan import Plan
from gas.journey import reconcile as reconciling
from gas.journey.archive import archive
from gas.journey.inspect import inspect, take_up
from gas.journey.reconcile import reconcile
from gas.journey.restore import restore
from gas.journey.thaw import thaw
from gas.ports.queues import Delivery
from journey.fates import Killed, Watched
from journey.lifecycle_stage import Stage
from rig import SetClock

STEPS = ("archive", "restore", "thaw")


@dataclass
class World(Stage):
    """With workers, and a look at how it stands."""

    # What workers do.

    def deliver(
        self, queue: str, *, index: int = 0, twice: bool = False, holder: str = "w"
    ) -> bool:
        """One message, of those that are to be had the one of this index. False if there is none.
        `twice`: it is not deleted."""
        delivery = self._take(queue, index, holder)
        if delivery is None:
            return False
        self.run(delivery, twice=twice, holder=holder)
        return True

    def work_off(self) -> None:
        """All that is to be had now, and what comes of it."""
        for _ in range(3):
            self.tend()
            for queue in STEPS:
                while self.deliver(queue, holder="other"):
                    pass

    def _take(self, queue: str, index: int, holder: str) -> Delivery | None:
        found = list(self.store.queues.receive(queue, holder=holder, limit=index + 1))
        if not found:
            return None
        chosen = found.pop(min(index, len(found) - 1))
        for other in found:
            self.store.queues.release(other.receipt)
        return chosen

    def run(self, delivery: Delivery, *, twice: bool = False, holder: str = "w") -> None:
        """A turn, as the loop of a worker has it."""
        queues = self.store.queues
        try:
            with self._rounds():
                self.step(delivery)
        except Killed:
            queues.abandon(holder)
            return
        except Later as later:
            self._gently(partial(queues.release, delivery.receipt, later.seconds, counts=False))
        except (InputError, GivenUp) as error:
            self._gently(partial(queues.bury, delivery.receipt, str(error.reason)))
        except Unavailable:
            if not self.looks_twice:
                self._gently(partial(queues.delete, delivery.receipt))
                return
            self._gently(partial(queues.release, delivery.receipt, 1.0))
        else:
            ends = partial(queues.release if twice else queues.delete, delivery.receipt)
            self._gently(ends)

    def _rounds(self) -> AbstractContextManager[object]:
        """With one round, nobody looks at what the step did."""
        return nullcontext() if self.looks_twice else patch.object(reconciling, "ROUNDS", 1)

    @staticmethod
    def _gently(call: Callable[[], None]) -> None:
        try:
            call()
        except StaleReceipt:
            return  # it was held for too long, and somebody else has it

    def step(self, delivery: Delivery) -> None:
        see_to = partial(reconcile, custody=self.custody)
        if delivery.queue == "archive":
            archive(delivery, reconcile=see_to, clock=self.clock)
        elif delivery.queue == "thaw":
            thaw(delivery, reconcile=see_to, queues=self.queues, clock=self.clock)
        else:
            restore(
                delivery,
                accounts=self.accounts,
                jobs=self.jobs,
                queues=self.queues,
                together=self.together,
                reconcile=see_to,
            )

    def take_up(self) -> int:
        return take_up(
            self.asked,
            jobs=self.jobs,
            accounts=self.accounts,
            queues=self.queues,
            clock=self.clock,
        )

    def inspect(self) -> int:
        return inspect(
            self.round_,
            jobs=self.jobs,
            accounts=self.accounts,
            cold_storage=Watched(self.cold, self),
            queues=self.queues,
            grace=self.grace,
            clock=self.clock,
        )

    # How it stands.

    def plan(self) -> Plan:
        account = self.store.accounts.get(self.account.id)
        assert account is not None
        return account.plan

    def kept(self, key: str) -> bool:
        """It is there, whole, warm or cold."""
        found = self.files.stat(key)
        if found:
            with self.files.open(key) as content:
                return content.read() == self.contents[key]
        cold = self.work_path.parent / "cold" / "kept" / key
        return any(path.read_bytes() == self.contents[key] for path in cold.glob("*"))

    def traces(self, job_id: str) -> Iterator[Path]:
        """Files that lie, or lay, below the results of this job; records of the store too."""
        for path in self.work_path.parent.rglob("*"):
            if not path.is_file() or "sqlite" in path.name:
                continue
            if job_id in str(path) or job_id.encode() in path.read_bytes():
                yield path

    def settle(self) -> None:
        """Time passes, until nothing is left to do. It must come to an end."""
        while self.running:
            self.finish()
        for _ in range(100):
            did = self.tend()
            if self.scheduled:
                self.move_late()
            for queue in STEPS:
                while self.deliver(queue):
                    did += 1
                    assert did < 1000, "they go on for ever"
            if not did and not self._waiting():
                return
            self.clock.forward(minutes=10)
        raise AssertionError(f"it does not come to rest: {self._waiting()}")

    def _waiting(self) -> list[str]:
        return [
            state.name
            for state in self.store.queue_desk.states()
            if state.name in STEPS and state.visible + state.held + state.delayed
        ]

    def wrong(self) -> list[str]:
        """What is not as the plan wants it, now that all is at rest."""
        premium = self.plan() is Plan.PREMIUM
        state = ResultsState.AVAILABLE if premium else ResultsState.ARCHIVED
        found = []
        for job_id, findings in self._findings.items():
            job = self.job(job_id)
            if job.owner_id != self.account.id:
                continue
            if job.results_state is not state or job.check_at is not None:
                found.append(f"{job_id} is {job.results_state}, to be checked {job.check_at}")
            for file in findings.results:
                moves = file.kind is not FileKind.SUMMARY
                look = self.cold.look(file.key)
                cold = bool(moves and not premium)
                if (look.place.value == "cold") is not cold or look.marked or look.damaged:
                    found.append(f"{file.key} is {look}")
                if not self.kept(file.key):
                    found.append(f"{file.key} is lost")
        letters = [self.store.queue_desk.dead_letters(queue, limit=5) for queue in STEPS]
        return found + [letter.why for each in letters for letter in each]


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    for name in ("run", "work"):
        (folder / name).mkdir()
    clock = SetClock()
    world = World(*_parts(folder, clock), clock, folder / "work")
    try:
        yield world
    finally:
        world.store.close()


def start_anew(world: World) -> None:
    """As the next process would, on what it finds there; the store was closed before."""
    world.store, world.files, world.cold = _parts(world.work_path.parent, world.clock)


def _parts(folder: Path, clock: SetClock) -> tuple[SqlStore, DiskFiles, DiskColdStorage]:
    store = open_store(f"sqlite:///{folder / 'gas.sqlite3'}", run_path=folder / "run", clock=clock)
    for spec in QUEUES:
        store.queues.declare(spec)
    files = DiskFiles(
        folder / "files",
        secret_key=b"k" * 32,
        site_url="http://localhost",
        clock=clock,
        cold_path=folder / "cold",
    )
    cold = DiskColdStorage(
        folder / "files", folder / "cold", clock=clock, restore=timedelta(seconds=30)
    )
    return store, files, cold
