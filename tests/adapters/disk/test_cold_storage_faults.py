"""A cold folder that is not mounted or lies; what fails, and deletion in the midst of it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from adapters.disk.cold_rig import KEY, Rig
from gas.adapters.disk.cold_copies import pack, unpack
from gas.adapters.disk.durable import write_all
from gas.domain.errors import Unavailable
from gas.domain.results import Lodging, Place
from gas.ports.cold_storage import Speed, StoreEventKind

MIB = 2**20
TENDING = "gas.adapters.disk.cold_tending"
OTHER = "results/bob/1"
WARM = Lodging(Place.WARM)
COLD = Lodging(Place.COLD)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def restore(rig: Rig, key: str = KEY) -> None:
    rig.store.begin_restore(key, speed=Speed.FAST)
    rig.settle()


def test_what_is_not_mounted_is_not_lost(home: Path, tmp_path: Path) -> None:
    rig = Rig(home)
    rig.archive()
    rig.archive("results/ada/2")
    restore(rig, "results/ada/2")
    rig.keep(OTHER)
    rig.store.mark(OTHER)
    rig.cold.rename(tmp_path / "elsewhere")
    rig.cold.mkdir()  # the empty folder that it was mounted at
    for call in (
        lambda: rig.store.look(KEY),
        lambda: rig.store.begin_restore(KEY, speed=Speed.FAST),
        lambda: rig.tend(),
        lambda: rig.files.delete("results/ada/job"),
        lambda: rig.files.delete("results"),
    ):
        with pytest.raises(Unavailable, match="COLD_STORE_MISSING"):
            call()
    assert list(rig.cold.iterdir()) == []
    rig.keep("inputs/ada/1")
    for prefix in ("inputs/ada", "logs/ada/job", "inputs/carol", "results/carol"):
        rig.files.delete(prefix)  # nothing of it can be there
    assert rig.files.stat("inputs/ada/1") is None
    rig.cold.rmdir()
    with pytest.raises(Unavailable, match="COLD_STORE_MISSING"):
        rig.store.look(KEY)
    assert not rig.cold.exists()
    assert not rig.told(StoreEventKind.DAMAGED)
    (tmp_path / "elsewhere").rename(rig.cold)
    assert rig.store.look(KEY) == COLD


def test_a_mark_can_be_taken_back_while_it_is_not_mounted(home: Path, tmp_path: Path) -> None:
    rig = Rig(home)
    rig.archive()
    rig.keep(OTHER)
    rig.store.mark(OTHER)
    rig.cold.rename(tmp_path / "elsewhere")
    rig.store.unmark(OTHER)
    assert rig.store.look(OTHER) == WARM


def test_a_cold_folder_is_known_again_after_the_warm_side_forgot(home: Path) -> None:
    rig = Rig(home)
    rig.archive()
    (home / "files" / "cold" / "seal").unlink()
    rig.open()
    assert rig.store.look(KEY) == COLD


def test_a_disk_that_gives_back_other_bytes_gets_no_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(home)
    rig.keep()
    rig.store.mark(KEY)
    with monkeypatch.context() as patch:
        patch.setattr(
            "gas.adapters.disk.cold_copies.write_all",
            lambda descriptor, data, offset: write_all(descriptor, b"x" + data[1:], offset),
        )
        with pytest.raises(Unavailable, match="COLD_STORE_LIES"):
            rig.tend()
    assert rig.store.look(KEY) == Lodging(Place.WARM, marked=True)
    assert not rig.cold_files()
    rig.tend()
    assert rig.store.look(KEY) == COLD


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ESTALE, errno.EROFS])
def test_what_goes_wrong_with_one_holds_up_no_other(
    home: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    rig = Rig(home)
    keys = ["results/ada/0", "results/ada/1", "results/bob/0", "results/bob/1"]
    for key in keys:
        rig.keep(key)
        rig.store.mark(key)

    def failing(warm: Path, *given: object, **named: object) -> str:
        if warm.parent.name == "0":
            raise OSError(number, "told by the test")
        return pack(warm, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(f"{TENDING}.pack", failing)
    for _ in range(2):
        with pytest.raises(Unavailable, match="FILES_UNAVAILABLE"):
            rig.tend(limit=2)
    with pytest.raises(Unavailable):
        rig.tend(limit=2)
    assert [rig.store.look(key).place for key in keys] == [
        *(Place.WARM, Place.COLD, Place.WARM, Place.COLD)
    ]


def test_a_folder_that_somebody_took_away_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As anything that is still to be done; else it would be tried without a pause, in silence."""
    rig = Rig(home)
    rig.keep()
    rig.store.mark(KEY)

    def gone(*_: object, **__: object) -> str:
        raise FileNotFoundError(errno.ENOENT, "told by the test")

    with monkeypatch.context() as patch:
        patch.setattr(f"{TENDING}.pack", gone)
        with pytest.raises(Unavailable, match="FILES_UNAVAILABLE"):
            rig.tend()
    assert rig.tend() == 1
    assert rig.store.look(KEY) == COLD


@pytest.mark.parametrize("what", ["delete", "unmark"])
def test_what_is_deleted_or_unmarked_during_its_move_does_not_move(
    home: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    rig = Rig(home)
    rig.keep()
    rig.store.mark(KEY)

    def slow(*given: object, **named: object) -> str:
        name = pack(*given, **named)  # type: ignore[arg-type]
        if what == "delete":
            rig.files.delete("results/ada")
        else:
            rig.store.unmark(KEY)
        return name

    monkeypatch.setattr(f"{TENDING}.pack", slow)
    rig.tend()
    assert rig.store.look(KEY).place is (Place.GONE if what == "delete" else Place.WARM)
    assert not rig.cold_files()
    assert not rig.events
    assert rig.tend() == 0


def test_what_is_deleted_during_its_restore_does_not_come_back(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(home)
    rig.archive()

    def slow(*given: object) -> None:
        unpack(*given)  # type: ignore[arg-type]
        rig.files.delete(KEY)

    monkeypatch.setattr(f"{TENDING}.unpack", slow)
    restore(rig)
    assert rig.store.look(KEY).place is Place.GONE
    assert not rig.cold_files()
    assert not rig.records()
    assert list((home / "files" / "cold" / "staged").iterdir()) == []
    assert not rig.told(StoreEventKind.RESTORED)


def test_others_are_asked_for_while_one_moves(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(home)
    rig.keep()
    rig.keep(OTHER)
    rig.store.mark(KEY)
    another = rig.another()
    seen: list[object] = []

    def slow(*given: object, **named: object) -> str:
        another.mark(OTHER)
        seen.append(another.look(OTHER))
        another.unmark(OTHER)
        seen.append(another.look(KEY))
        seen.append(another.tend(seen.append, limit=9).done)
        return pack(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(f"{TENDING}.pack", slow)
    rig.tend()
    marked = Lodging(Place.WARM, marked=True)
    assert seen == [marked, marked, 0]
