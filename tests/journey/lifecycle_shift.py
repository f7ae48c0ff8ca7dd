"""A shift of workers over a world whose disks, files and clock fail: what they do, as the loop of a
worker has it, and what the operator reads of it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gas.domain.errors import GasError, GivenUp, InputError, Later
from gas.domain.job import EventKind, Job, ResultsState
from gas.domain.messages import ThawDue
from gas.domain.results import archivable, available_until, check_download, state_seen
from gas.domain.unhurried import Unhurried
from gas.ports.queues import Delivery
from journey.lifecycle_courses import assert_right, kinds
from journey.lifecycle_world import STEPS, World
from rig import SetClock

MOST_TURNS = 200


@dataclass
class Shift:
    world: World
    read: list[str] = field(default_factory=list)
    """Codes in the log."""

    def work(self) -> None:
        """All that can be done now."""
        for _ in range(3):
            self._heard(self.world.tend)
            for queue in STEPS:
                for _ in range(MOST_TURNS):
                    found = self.world.store.queues.receive(queue, holder="w")
                    if not found:
                        break
                    self._turn(found[0])
                else:
                    raise AssertionError(f"{queue} goes on for ever")

    def later(self, **passed: float) -> None:
        self.world.clock.forward(**passed)
        self.work()

    def inspect(self) -> None:
        """A round of the inspection, and what comes of it."""
        self._heard(self.world.inspect)
        self.work()

    def _turn(self, delivery: Delivery) -> None:
        queues = self.world.store.queues
        try:
            self.world.step(delivery)
        except Later as later:
            queues.release(delivery.receipt, later.seconds, counts=False)
        except (InputError, GivenUp) as error:
            queues.bury(delivery.receipt, str(error.reason))
        except GasError as error:
            self.read.append(error.reason.code)
            queues.release(delivery.receipt, 1.0)
        else:
            queues.delete(delivery.receipt)

    def _heard(self, chore: Callable[[], int]) -> None:
        try:
            chore()
        except GasError as error:
            self.read.append(error.reason.code)

    def letters(self) -> list[str]:
        """Codes of the dead letters."""
        desk = self.world.store.queue_desk
        dead = [letter for queue in STEPS for letter in desk.dead_letters(queue, limit=99)]
        return [letter.why.partition(":")[0] for letter in dead]

    def redrive(self) -> None:
        for queue in STEPS:
            self.world.store.queue_desk.redrive(queue)

    # What the owner sees.

    def seen(self, job: Job) -> ResultsState:
        account = self.world.store.accounts.get(self.world.account.id)
        assert account is not None
        found = self.world.job(job.id)
        until = available_until(found, account, self.world.grace())
        return state_seen(found, account, until=until, now=self.world.clock())

    def refused(self, job: Job) -> str:
        """The code with which a download is refused; empty if it is not."""
        account = self.world.store.accounts.get(self.world.account.id)
        assert account is not None
        found = self.world.job(job.id)
        file = archivable(found)[0]
        grace, now = self.world.grace(), self.world.clock()
        try:
            check_download(found, file, account, grace=grace, now=now)
        except GasError as error:
            return error.reason.code
        return ""


@dataclass
class SteppingClock(SetClock):
    """The unhurried clock of a process that began when the test did; `wall` is the machine's."""

    wall: SetClock = field(default_factory=SetClock)
    steady_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.unhurried = Unhurried(self.wall, lambda: self.steady_seconds)

    def __call__(self) -> datetime:
        return self.unhurried()

    def forward(self, **passed: float) -> None:
        self.wall.forward(**passed)
        self.steady_seconds += timedelta(**passed).total_seconds()


def warm_path(world: World, key: str) -> Path:
    return next(_files(world.work_path.parent / "files" / "kept" / key))


def cold_path(world: World, key: str) -> Path:
    return next(_files(world.work_path.parent / "cold" / "kept" / key))


def staged_path(world: World) -> Path:
    return next(_files(world.work_path.parent / "files" / "cold" / "staged"))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def guard_removals(world: World, patch: pytest.MonkeyPatch) -> list[str]:
    """From here on no kept file may go, warm or cold, but for one whose bytes are on the other side
    already. Fills the list with those that went."""
    went: list[str] = []
    real = os.unlink
    roots = [world.work_path.parent / side / "kept" for side in ("files", "cold")]

    def unlink(path: str | Path, **named: int) -> None:
        for root, other in (roots, roots[::-1]):
            if named or not Path(path).is_relative_to(root):
                continue
            key = str(Path(path).parent.relative_to(root))
            copies = [each.read_bytes() for each in _files(other / key)]
            assert world.contents[key] in copies, f"{key} went before it was safe"
            went.append(key)
        real(path, **named)

    patch.setattr(os, "unlink", unlink)
    return went


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """No byte of room on this disk, until the end."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        while True:
            stream.write(bytes(2**20))
    with filler.open("ab", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        while True:
            stream.write(bytes(4096))
    yield
    filler.unlink()


def flip(path: Path) -> bytes:
    """One bit; gives what was there."""
    before = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(bytes([before[0] ^ 1]) + before[1:])
    return before


AVAILABLE, ARCHIVED = ResultsState.AVAILABLE, ResultsState.ARCHIVED
RESTORING, DAMAGED = ResultsState.RESTORING, ResultsState.DAMAGED


def stays_damaged(shift: Shift, job: Job) -> None:
    """The page says so, and the operator is told once, whatever time passes and whoever looks."""
    world = shift.world
    for _ in range(3):
        assert shift.seen(job) is world.job(job.id).results_state is DAMAGED
        assert shift.refused(job) == "RESULTS_DAMAGED"
        assert shift.letters() == ["RESULTS_DAMAGED"]
        assert kinds(world, job).count(EventKind.DAMAGED) == 1
        assert kinds(world, job)[-1] == EventKind.DAMAGED
        shift.inspect()
        shift.later(hours=1)
        world.take_up()
        shift.work()


def check(shift: Shift, job: Job) -> None:
    """As `gas results check` does."""
    shift.world.store.queues.publish(ThawDue(job.id, job.owner_id, mends=True))
    shift.work()


def ends_right(shift: Shift, job: Job) -> None:
    shift.later(minutes=1)
    shift.redrive()
    assert_right(shift.world)
    assert kinds(shift.world, job).count(EventKind.DAMAGED) == 1
