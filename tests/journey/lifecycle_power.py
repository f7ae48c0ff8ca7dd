"""A machine whose power goes at the n-th change of a file, and a whole life of results on it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.disk.frail_disk import FrailDisk
from gas.domain.job import Job
from gas.domain.plan import Plan
from journey.lifecycle_courses import kinds
from journey.lifecycle_world import STEPS, World, start_anew

DATABASE, LOG = "gas.sqlite3", "gas.sqlite3-wal"


@dataclass
class Machine(FrailDisk):
    """With a database, whose log is as long as it was when it was synced last."""

    forgot: bool = False
    """Something was not synced when the power went."""
    _synced_bytes: int = 0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        super().install(patch)
        self._synced_bytes = (self.root / LOG).stat().st_size
        patch.setattr(os, "fdatasync", self._mortal(os.fdatasync, self._fdatasync))

    def _fdatasync(self, real: Any, descriptor: int) -> None:
        status = os.fstat(descriptor)
        self._unsynced.discard((status.st_dev, status.st_ino))
        if os.path.samestat(status, (self.root / LOG).stat()):
            self._synced_bytes = status.st_size

    def lose_power(self) -> None:
        """While the store is open still: to close it would save what is lost."""
        log = (self.root / LOG).stat().st_size
        self.forgot = bool(self._undo or self._unsynced or log > self._synced_bytes)
        for name in (DATABASE, LOG):
            shutil.copyfile(self.root / name, self.attic / name)
        os.truncate(self.attic / LOG, self._synced_bytes)
        super().lose_power()

    def start_anew(self, world: World) -> None:
        world.store.close()
        (self.root / f"{DATABASE}-shm").unlink(missing_ok=True)
        for name in (DATABASE, LOG):
            shutil.copyfile(self.attic / name, self.root / name)
        start_anew(world)


@dataclass
class Life:
    """Finished, archived, moved, asked back, put back, and archived and moved again."""

    world: World
    job: Job | None = None
    plans: set[Plan] = field(default_factory=lambda: {Plan.FREE})
    """On which of them the account may be: on one, but while it is being changed."""
    events: list[str] = field(default_factory=list)
    """Of the job, that somebody has been told of."""

    def live(self) -> None:
        self.job = self.world.submit(files=2)
        self.world.finish()
        self._note()
        self._later(minutes=6)
        self._put_on(Plan.PREMIUM)
        self._later(minutes=1)
        self._put_on(Plan.FREE)
        self._later(minutes=6)

    def _put_on(self, plan: Plan) -> None:
        self.plans.add(plan)
        self.world.change_plan(plan)
        self.plans = {plan}
        self._work()

    def _later(self, **passed: float) -> None:
        self.world.clock.forward(**passed)
        self._work()

    def _work(self) -> None:
        for _ in range(3):
            self.world.tend()
            for queue in STEPS:
                while self.world.deliver(queue):
                    self._note()

    def _note(self) -> None:
        assert self.job is not None
        self.events = kinds(self.world, self.job)
