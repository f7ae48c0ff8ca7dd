"""Disks that are full, read-only or away, files that vanish or change: results survive it.

For each: the operator reads a code, the page tells what is true, other jobs go on, nothing is
removed before its copy is safe, and after the cure all ends right by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gas.domain.job import EventKind, ResultsState
from gas.domain.results import Place
from journey.lifecycle_courses import archived, assert_right, key_of, kinds, place
from journey.lifecycle_shift import (
    Shift,
    check,
    cold_path,
    ends_right,
    full,
    guard_removals,
    remount,
    stays_damaged,
    warm_path,
)
from journey.lifecycle_world import open_world
from small_disk import small_disk

AVAILABLE, ARCHIVED = ResultsState.AVAILABLE, ResultsState.ARCHIVED
RESTORING, DAMAGED = ResultsState.RESTORING, ResultsState.DAMAGED


@pytest.fixture
def small_cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shift]:
    """The cold side is a small disk of its own."""
    yield from _with_small(tmp_path, monkeypatch, "cold", "1m")


@pytest.fixture
def small_warm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shift]:
    """The warm side is; of more than the 64 MiB that it keeps free."""
    yield from _with_small(tmp_path, monkeypatch, "files", "66m")


def _with_small(folder: Path, patch: pytest.MonkeyPatch, side: str, size: str) -> Iterator[Shift]:
    with small_disk(folder / side, size), open_world(folder) as world:
        guard_removals(world, patch)
        yield Shift(world)


def test_a_full_cold_disk(small_cold: Shift, tmp_path: Path) -> None:
    shift, world = small_cold, small_cold.world
    before = archived(world)
    job = world.finished_job(files=3)
    with full(tmp_path / "cold"):
        shift.later(minutes=6)
        assert set(shift.read) == {"COLD_STORE_FULL"}
        assert shift.seen(job) is world.job(job.id).results_state is ARCHIVED
        assert shift.refused(job) == "RESULTS_ARCHIVED"
        assert EventKind.COLD not in kinds(world, job)
        assert place(world, job) is Place.WARM
        world.upgrade()  # whoever pays waits for no room
        shift.work()
        shift.later(minutes=1)
        assert shift.seen(before) is shift.seen(job) is AVAILABLE
        assert shift.refused(job) == ""
        world.downgrade()
        shift.later(minutes=6)
    assert shift.letters() == []
    assert_right(world)
    assert kinds(world, job)[-1] == EventKind.COLD


def test_a_full_warm_disk(small_warm: Shift, tmp_path: Path) -> None:
    shift, world = small_warm, small_warm.world
    job, other = archived(world, files=3), world.finished_job()
    with full(tmp_path / "files"):
        world.upgrade()
        shift.later(minutes=1)
        assert set(shift.read) == {"STORE_FULL"}
        assert shift.seen(job) is RESTORING
        assert shift.refused(job) == "RESULTS_RESTORING"
        assert place(world, job) is Place.COLD
        assert shift.seen(other) is AVAILABLE  # nothing has to be written for it
        assert world.kept(key_of(job))
    assert shift.letters() == []
    assert_right(world)
    assert kinds(world, job)[-2:] == [EventKind.RESTORING, EventKind.RESTORED]


def test_room_for_the_records_and_none_for_the_files(small_warm: Shift, tmp_path: Path) -> None:
    shift, world = small_warm, small_warm.world
    job = archived(world)
    world.upgrade()
    shift.work()
    with full(tmp_path / "files"):
        shift.later(minutes=1)
        assert set(shift.read) == {"STORE_FULL"}
        assert shift.seen(job) is world.job(job.id).results_state is RESTORING
        assert place(world, job) is Place.COLD
    assert_right(world)


def test_a_cold_folder_that_is_read_only(small_cold: Shift, tmp_path: Path) -> None:
    shift, world = small_cold, small_cold.world
    before, job = archived(world), world.finished_job()
    remount(tmp_path / "cold", "ro")
    shift.later(minutes=6)
    assert set(shift.read) == {"COLD_STORE_UNAVAILABLE"}
    assert shift.seen(job) is world.job(job.id).results_state is ARCHIVED
    assert place(world, job) is Place.WARM
    world.upgrade()  # it can be read: what is in it comes back
    shift.work()
    shift.later(minutes=1)
    shift.later(minutes=1)
    assert shift.seen(before) is shift.seen(job) is AVAILABLE
    assert place(world, before) is Place.WARM
    assert shift.letters() == []
    remount(tmp_path / "cold", "rw")
    assert_right(world)


def test_a_cold_folder_that_is_not_mounted(shift: Shift, tmp_path: Path) -> None:
    world = shift.world
    job, other = archived(world), world.finished_job()
    cold = tmp_path / "world" / "cold"
    cold.rename(tmp_path / "elsewhere")
    cold.mkdir()
    world.upgrade()
    shift.later(minutes=6)
    shift.inspect()
    assert set(shift.read) == {"COLD_STORE_MISSING"}
    assert shift.seen(job) is RESTORING  # and never damaged: nobody can know
    assert shift.seen(other) is AVAILABLE
    assert shift.refused(other) == ""
    world.downgrade()
    shift.later(minutes=6)
    assert shift.seen(job) is shift.seen(other) is ARCHIVED
    assert place(world, other) is Place.WARM
    world.upgrade()
    shift.later(hours=30)
    assert list(cold.iterdir()) == []
    assert shift.letters() == []
    cold.rmdir()
    (tmp_path / "elsewhere").rename(cold)
    assert_right(world)
    assert EventKind.DAMAGED not in kinds(world, job) + kinds(world, other)


def test_an_outage_of_cold_storage_leaves_no_heap_of_messages(shift: Shift, tmp_path: Path) -> None:
    """However long it takes: the sweep asks anew only for what nobody asks for."""
    world = shift.world
    job = archived(world)
    cold = tmp_path / "world" / "cold"
    world.upgrade()
    shift.work()
    assert shift.seen(job) is RESTORING
    cold.rename(tmp_path / "elsewhere")
    for _ in range(50):
        world.take_up()
        shift.later(minutes=11)
    states = {each.name: each for each in world.store.queue_desk.states()}
    assert states["thaw"].visible + states["thaw"].delayed <= 5
    (tmp_path / "elsewhere").rename(cold)
    assert_right(world)


@pytest.mark.parametrize("premium", [False, True], ids=["free", "premium"])
def test_a_warm_file_that_vanishes(shift: Shift, tmp_path: Path, premium: bool) -> None:
    """Found when it shall be moved, or by the inspection; and again when it was put back."""
    world = shift.world
    job, other = world.finished_job(files=2), world.finished_job()
    if premium:
        world.upgrade()
        shift.work()
    path = warm_path(world, key_of(job))
    path.rename(tmp_path / "elsewhere")
    shift.later(minutes=6)
    shift.inspect()
    stays_damaged(shift, job)
    assert shift.seen(other) is (AVAILABLE if premium else ARCHIVED)
    (tmp_path / "elsewhere").rename(path)
    shift.inspect()
    ends_right(shift, job)


@pytest.mark.parametrize("premium", [False, True], ids=["free", "premium"])
def test_a_cold_file_that_vanishes(shift: Shift, tmp_path: Path, premium: bool) -> None:
    world = shift.world
    job, other = archived(world, files=2), archived(world)
    path = cold_path(world, key_of(job))
    path.rename(tmp_path / "elsewhere")
    if premium:
        world.upgrade()
    shift.later(minutes=1)
    shift.inspect()
    stays_damaged(shift, job)
    shift.later(minutes=1)
    assert shift.seen(other) is (AVAILABLE if premium else ARCHIVED)
    (tmp_path / "elsewhere").rename(path)
    shift.inspect()
    ends_right(shift, job)


def test_a_cold_file_that_vanishes_while_it_is_restored(shift: Shift, tmp_path: Path) -> None:
    world = shift.world
    job = archived(world)
    world.upgrade()
    shift.work()
    path = cold_path(world, key_of(job))
    path.rename(tmp_path / "elsewhere")
    shift.later(minutes=1)
    stays_damaged(shift, job)
    (tmp_path / "elsewhere").rename(path)
    check(shift, job)
    ends_right(shift, job)
