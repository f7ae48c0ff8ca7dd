"""DiskColdStorage keeps the contract; what waits waits its turn; what was harmed is seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.disk.cold_rig import CONTENT, KEY, RESTORE, RESTORED, Rig, flip
from contracts.cold_storage import ColdStorageContract, archive, keep
from gas.adapters.disk import DiskColdStorage, DiskFiles
from gas.adapters.disk.cold_records import Records
from gas.domain.errors import CapacityRefused, NotReady
from gas.domain.results import Lodging, Place, Restore
from gas.ports.cold_storage import Speed, StoreEvent, StoreEventKind

__all__ = ["archive", "keep"]

WARM = Lodging(Place.WARM)
COLD = Lodging(Place.COLD)


@pytest.fixture(params=[False, True], ids=["plain", "zstd"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    (tmp_path / "home").mkdir()
    return Rig(tmp_path / "home", compress=request.param)


@pytest.fixture
def files(rig: Rig) -> DiskFiles:
    return rig.files


@pytest.fixture
def cold_storage(rig: Rig) -> DiskColdStorage:
    return rig.store


@pytest.fixture
def settle(rig: Rig) -> Callable[[], list[StoreEvent]]:
    return rig.settle


class TestDiskColdStorage(ColdStorageContract):
    """Plain and compressed."""


def restore(rig: Rig, key: str = KEY) -> None:
    rig.store.begin_restore(key, speed=Speed.FAST)
    rig.settle()


def test_nothing_is_left_of_what_was_deleted(rig: Rig) -> None:
    for name in ("a", "b", "c", "d"):
        rig.archive(f"results/ada/{name}")
    restore(rig, "results/ada/b")
    rig.store.begin_restore("results/ada/c", speed=Speed.STANDARD)
    rig.keep("results/ada/e")
    rig.store.mark("results/ada/e")
    rig.files.delete("results/ada")
    assert not rig.records()
    assert not rig.cold_files()
    assert rig.tend() == 0


def test_to_delete_a_job_no_record_of_another_is_opened(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"results/ada/{job}/1/{name}" for job in ("one", "two") for name in "ab"]
    for key in keys:
        rig.keep(key)
        rig.store.mark(key)

    def must_not(*_: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(Records, "read", must_not)
        rig.files.delete("results/ada/one")
        patch.setattr(Records, "names", must_not)
        rig.files.delete("inputs/ada/two")
        rig.files.delete("logs/ada/two")
    rig.files.delete("results/ada/two/1/a")
    assert len(rig.records()) == 1
    assert [rig.store.look(key).place for key in keys] == [Place.GONE] * 3 + [Place.WARM]
    assert rig.store.look(keys[-1]).marked


def test_a_restore_takes_its_time_and_its_copy_expires(rig: Rig) -> None:
    rig.archive()
    rig.store.begin_restore(KEY, speed=Speed.STANDARD)
    rig.clock.now += RESTORE - timedelta(seconds=1)
    assert rig.tend() == 0
    rig.clock.now += timedelta(seconds=1)
    assert rig.tend() == 1
    rig.clock.now += RESTORED
    assert rig.tend() == 1
    assert rig.told(StoreEventKind.EXPIRED) == 1
    assert rig.store.look(KEY) == COLD
    assert not rig.records()
    with pytest.raises(NotReady):
        rig.store.finish_restore(KEY)
    restore(rig)
    rig.store.finish_restore(KEY)
    assert rig.store.look(KEY) == WARM


def test_fast_is_refused_while_its_capacity_is_used_up(rig: Rig) -> None:
    rig.capacity = 2
    rig.open()
    keys = [f"results/ada/{number}" for number in range(3)]
    for key in keys:
        rig.archive(key)
    rig.store.begin_restore(keys[0], speed=Speed.FAST)
    rig.store.begin_restore(keys[1], speed=Speed.FAST)
    rig.store.begin_restore(keys[1], speed=Speed.FAST)
    with pytest.raises(CapacityRefused, match="RESTORE_REFUSED"):
        rig.store.begin_restore(keys[2], speed=Speed.FAST)
    assert rig.store.look(keys[2]) == COLD
    rig.store.begin_restore(keys[2], speed=Speed.STANDARD)
    rig.settle()
    assert {rig.store.look(key).restore for key in keys} == {Restore.READY}


def test_owners_take_turns(rig: Rig) -> None:
    many = [f"results/many/{number}" for number in range(12)]
    few = [f"results/few{number}/a" for number in range(3)]
    for key in [*many, *few]:
        rig.archive(key)
        rig.clock.now += timedelta(seconds=1)
    for key in [*many, *few]:
        rig.store.begin_restore(key, speed=Speed.STANDARD)
    rig.clock.now += RESTORE
    for _ in range(3):
        rig.tend(limit=2)
    assert {rig.store.look(key).restore for key in few} == {Restore.READY}


def test_who_comes_while_many_are_seen_to_is_next(rig: Rig) -> None:
    for number in range(5):
        rig.keep(f"results/many/{number}")
        rig.store.mark(f"results/many/{number}")
    assert rig.store.tend(rig.events.append, limit=9, seconds=0).done == 1
    rig.keep("results/one/1")
    rig.store.mark("results/one/1")
    assert rig.store.tend(rig.events.append, limit=9, seconds=0).done == 1
    assert [event.key.split("/")[1] for event in rig.events] == ["many", "one"]


def test_a_warm_file_that_changed_is_not_moved(rig: Rig) -> None:
    rig.keep()
    flip(rig.warm_file())
    rig.store.mark(KEY)
    assert rig.tend() == 1
    assert rig.told(StoreEventKind.DAMAGED) == 1
    assert rig.store.look(KEY) == Lodging(Place.WARM, damaged=True)
    assert not rig.cold_files()
    assert rig.tend() == 0
    rig.store.verify(KEY)
    assert rig.store.look(KEY).damaged
    flip(rig.warm_file())  # the operator put it back
    rig.store.verify(KEY)
    assert rig.store.look(KEY) == WARM
    rig.archive()
    assert rig.store.look(KEY) == COLD


def test_verify_sees_damage_by_itself(rig: Rig) -> None:
    rig.keep()
    flip(rig.warm_file())
    rig.store.verify(KEY)
    assert rig.store.look(KEY) == Lodging(Place.WARM, damaged=True)


def test_a_cold_file_that_changed_does_not_come_back_and_stays(rig: Rig) -> None:
    rig.archive()
    flip(rig.cold_file())
    restore(rig)
    assert rig.told(StoreEventKind.DAMAGED) == 1
    assert rig.told(StoreEventKind.RESTORED) == 0
    assert rig.store.look(KEY) == Lodging(Place.COLD, damaged=True)
    flip(rig.cold_file())
    restore(rig)
    assert rig.store.look(KEY) == Lodging(Place.COLD, restore=Restore.READY)
    rig.store.finish_restore(KEY)
    assert rig.warm_file().read_bytes() == CONTENT


def test_a_cold_file_that_was_cut_off_is_damaged(rig: Rig) -> None:
    rig.archive()
    path = rig.cold_file()
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-3])
    restore(rig)
    assert rig.told(StoreEventKind.DAMAGED) == 1


def test_a_cold_file_that_vanished_is_gone_and_told(rig: Rig) -> None:
    rig.archive()
    rig.store.begin_restore(KEY, speed=Speed.FAST)
    rig.cold_file().unlink()
    rig.settle()
    assert rig.told(StoreEventKind.DAMAGED) == 1
    assert rig.store.look(KEY) == Lodging(Place.GONE)


def test_a_copy_that_changed_while_it_waited_is_made_anew(rig: Rig) -> None:
    rig.archive()
    restore(rig)
    (staged,) = (rig.home / "files" / "cold" / "staged").iterdir()
    flip(staged)
    with pytest.raises(NotReady):
        rig.store.finish_restore(KEY)
    assert rig.store.look(KEY) == Lodging(Place.COLD, restore=Restore.UNDER_WAY)
    rig.tend()
    assert rig.told(StoreEventKind.RESTORED) == 2
    rig.store.finish_restore(KEY)
    assert rig.warm_file().read_bytes() == CONTENT
    assert not rig.records()


def test_an_event_is_told_until_it_was_heard(rig: Rig) -> None:
    rig.keep()
    rig.store.mark(KEY)

    def deaf(event: StoreEvent) -> None:
        raise OSError(5, "told by the test")

    for _ in range(2):
        tended = rig.store.tend(deaf, limit=9)
        assert tended.done == 0
        assert "told by the test" in str(tended.trouble)
    assert rig.store.look(KEY) == COLD
    rig.store.begin_restore(KEY, speed=Speed.FAST)
    rig.settle()
    assert rig.told(StoreEventKind.MOVED) == 1
    assert rig.told(StoreEventKind.RESTORED) == 1


def test_only_one_tends_and_nobody_waits_for_a_slow_move(rig: Rig) -> None:
    other = "results/bob/1"
    rig.keep()
    rig.keep(other)
    rig.store.mark(KEY)
    another = rig.another()
    seen: list[object] = []

    def meanwhile(event: StoreEvent) -> None:
        seen.append(another.tend(seen.append, limit=9).done)
        another.mark(other)
        seen.append(another.look(other))
        another.unmark(other)

    assert rig.store.tend(meanwhile, limit=9).done == 1
    assert seen == [0, Lodging(Place.WARM, marked=True)]


def test_a_look_is_fast(rig: Rig) -> None:
    """Beside what it costs to read the small file itself: machines differ."""
    rig.keep()
    path = rig.warm_file()
    best, plain = (
        min(_seconds(act) for _ in range(200))
        for act in (lambda: rig.store.look(KEY), path.read_bytes)
    )
    assert best < 10 * plain


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
