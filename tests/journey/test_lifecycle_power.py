"""Power is lost anywhere in the whole life of results, and what was not synced is gone.

What somebody was told of is there, no result is lost, and all ends right by itself.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.disk.frail_disk import Died
from gas.domain.job import EventKind
from journey.lifecycle_courses import assert_right, kinds
from journey.lifecycle_power import DATABASE, Life, Machine
from journey.lifecycle_world import open_world

NEVER = 10**6
AWAY = ["archived", "cold"]
WHOLE = ["submitted", "started", "completed", *AWAY, "restoring", "restored", *AWAY]


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is synced is noted; the disk below it is in no danger. And of what was there before the
    test nothing is garbage, however often the disk asks."""
    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, lambda descriptor: None)
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A new one, so that not each life has to make its own."""
    (tmp_path / "new").mkdir()
    with open_world(tmp_path / "new") as world:
        return world.work_path.with_name(DATABASE)


def lived(folder: Path, database: Path, dies_at: int) -> tuple[Life, Machine]:
    """A life, as far as it comes until then; and how it ends."""
    home, attic = folder / "home", folder / "attic"
    for each in (home, attic):
        each.mkdir(parents=True)
    shutil.copyfile(database, home / DATABASE)
    (home / "ballast").hardlink_to(database.with_name("ballast"))
    with open_world(home) as world:
        life, machine = Life(world), Machine(home, attic, dies_at)
        with pytest.MonkeyPatch.context() as patch:
            machine.install(patch)
            with suppress(Died):
                life.live()
        machine.lose_power()
        machine.start_anew(world)
        nothing_is_lost(life)
        assert_right(world)
        nothing_is_lost(life)
    shutil.rmtree(folder)
    return life, machine


def nothing_is_lost(life: Life) -> None:
    world = life.world
    assert world.plan() in life.plans
    assert [key for key in world.contents if not world.kept(key)] == []
    if life.job:
        events = kinds(world, life.job)
        assert events[: len(life.events)] == life.events
        assert EventKind.DAMAGED not in events


def sweep(folder: Path, database: Path, stride: int) -> None:
    whole, machine = lived(folder / "whole", database, NEVER)
    assert whole.events == WHOLE
    reached, forgetful = set[int](), 0
    points = range(1, machine.calls + 1, stride)
    for dies_at in points:
        print(f"the power goes at change {dies_at}")
        life, machine = lived(folder / str(dies_at), database, dies_at)
        reached.add(len(life.events))
        forgetful += machine.forgot
    assert len(reached) > len(WHOLE) / 2  # so many moments of it
    assert forgetful > len(points) / 2


def test_power_is_lost_now_and_then(tmp_path: Path, database: Path) -> None:
    sweep(tmp_path, database, 13)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_power_is_lost_at_each_change_of_a_file(tmp_path: Path, database: Path) -> None:
    sweep(tmp_path, database, 1)
