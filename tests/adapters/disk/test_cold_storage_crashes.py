"""Killed at every call that changes the disk, with the power gone or not: nothing is lost."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from adapters.disk.cold_rig import CONTENT, KEY, RESTORED, Rig
from adapters.disk.frail_disk import Died, FrailDisk
from gas.domain.results import Lodging, Place, Restore
from gas.ports.cold_storage import Speed, StoreEventKind

NEVER = 10**6


def life(rig: Rig) -> None:
    """There and back, an expiry, a mark taken back, and there again."""
    rig.store.mark(KEY)
    rig.settle()
    rig.store.begin_restore(KEY, speed=Speed.FAST)
    rig.settle()
    rig.clock.now += RESTORED
    rig.tend()
    rig.store.begin_restore(KEY, speed=Speed.STANDARD)
    rig.settle()
    rig.store.finish_restore(KEY)
    rig.store.mark(KEY)
    rig.store.unmark(KEY)
    rig.store.mark(KEY)
    rig.settle()


def lived(home: Path, dies_at: int, *, power: bool) -> tuple[Rig, FrailDisk]:
    for folder in (home, home / "attic"):
        folder.mkdir()
    rig = Rig(home, compress=dies_at % 2 == 0)
    rig.keep()
    disk = FrailDisk(home, home / "attic", dies_at)
    with pytest.MonkeyPatch.context() as patch:
        disk.install(patch)
        with suppress(Died):
            life(rig)
    if power:
        disk.lose_power()
    rig.open()
    return rig, disk


def calls_of_a_life(home: Path) -> int:
    return lived(home, NEVER, power=False)[1].calls


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power lost"])
def test_nothing_is_lost_and_all_settles(tmp_path: Path, power: bool) -> None:
    calls = calls_of_a_life(tmp_path / "whole")
    assert calls > 60
    for dies_at in range(1, calls + 1):
        rig, _ = lived(tmp_path / str(dies_at), dies_at, power=power)
        at_first = rig.store.look(KEY)
        assert at_first.place is not Place.GONE, dies_at
        assert not at_first.damaged
        _tells_what_it_did(rig)
        _comes_back(rig)
        assert rig.told(StoreEventKind.DAMAGED) == 0


def _tells_what_it_did(rig: Rig) -> None:
    rig.settle()
    lodging = rig.store.look(KEY)
    if lodging.place is Place.COLD:
        assert rig.told(StoreEventKind.MOVED) >= 1
        assert lodging.restore is not Restore.UNDER_WAY
    if lodging.restore is Restore.READY:
        assert rig.told(StoreEventKind.RESTORED) >= 1
    assert all(rig.events.count(event) <= 4 for event in rig.events)


def _comes_back(rig: Rig) -> None:
    if rig.store.look(KEY).place is Place.COLD:
        rig.store.begin_restore(KEY, speed=Speed.FAST)
        rig.settle()
        rig.store.finish_restore(KEY)
    rig.store.unmark(KEY)
    rig.settle()
    assert rig.store.look(KEY) == Lodging(Place.WARM)
    with rig.files.open(KEY) as stream:
        assert stream.read() == CONTENT
    assert not rig.cold_files()
    assert not rig.records()


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power lost"])
@pytest.mark.parametrize("ready", [False, True], ids=["cold", "ready"])
def test_a_deletion_that_was_cut_short_is_whole_when_repeated(
    tmp_path: Path, ready: bool, power: bool
) -> None:
    dies_at, whole = 0, False
    while not whole:
        dies_at += 1
        home = tmp_path / str(dies_at)
        for folder in (home, home / "attic"):
            folder.mkdir()
        rig = Rig(home)
        rig.archive()
        if ready:
            rig.store.begin_restore(KEY, speed=Speed.FAST)
            rig.settle()
        disk = FrailDisk(home, home / "attic", dies_at)
        with pytest.MonkeyPatch.context() as patch:
            disk.install(patch)
            try:
                rig.files.delete("results/ada")
                whole = True
            except Died:
                pass
        if power:
            disk.lose_power()
        rig.open()
        if not whole:
            rig.files.delete("results/ada")
        rig.keep("results/bob/1")
        rig.store.mark("results/bob/1")
        rig.settle()
        assert rig.store.look(KEY).place is Place.GONE
        assert len(rig.cold_files()) == 1
        assert not rig.records()
    assert dies_at > 3
