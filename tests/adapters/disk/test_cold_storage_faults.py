"""A cold folder that is full, read-only, on another disk, not mounted; deletion in the midst."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.disk.cold_rig import CONTENT, KEY, Rig
from gas.adapters.disk.cold_copies import pack, unpack
from gas.adapters.disk.durable import write_all
from gas.domain.errors import StoreFull, Unavailable
from gas.domain.results import Lodging, Place, Restore
from gas.ports.cold_storage import Speed, StoreEventKind

MIB = 2**20
TENDING = "gas.adapters.disk.cold_tending"
OTHER = "results/bob/1"
WARM = Lodging(Place.WARM)
COLD = Lodging(Place.COLD)


@contextmanager
def mounted(folder: Path, size: str = "8m") -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs is not permitted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def restore(rig: Rig, key: str = KEY) -> None:
    rig.store.begin_restore(key, speed=Speed.FAST)
    rig.settle()


def test_a_full_cold_disk_leaves_files_warm_and_others_move(home: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "nas") as nas:
        rig = Rig(home, cold_path=nas / "cold")
        big = "results/ada/big"
        rig.keep(big, bytes(9 * MIB))
        rig.keep(OTHER)
        rig.store.mark(big)
        rig.store.mark(OTHER)
        with pytest.raises(StoreFull, match="COLD_STORE_FULL"):
            rig.tend()
        assert rig.store.look(big) == Lodging(Place.WARM, marked=True)
        assert rig.store.look(OTHER) == COLD
        assert [path.name for path in rig.cold_files()] == [rig.cold_file(OTHER).name]
        assert rig.told(StoreEventKind.DAMAGED) == 0
        assert "GiB free" in rig.store.check()
        (nas / "filler").write_bytes(bytes(7 * MIB))
        with pytest.raises(StoreFull, match="COLD_STORE_FULL"):
            rig.store.check()
        assert len(rig.cold_files()) == 1


def test_a_full_warm_disk_leaves_files_cold(tmp_path: Path) -> None:
    with mounted(tmp_path / "small") as home:
        rig = Rig(home, cold_path=tmp_path / "cold")
        rig.archive()
        filler = home / "filler"
        with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
            while True:
                stream.write(bytes(4096))
        with pytest.raises(StoreFull, match="STORE_FULL"):
            rig.store.begin_restore(KEY, speed=Speed.FAST)
        assert rig.store.look(KEY) == COLD
        with filler.open("r+b") as stream:  # room for the record, none for the copy
            stream.truncate(filler.stat().st_size - 2 * 4096)
        rig.store.begin_restore(KEY, speed=Speed.FAST)
        with pytest.raises(StoreFull, match="STORE_FULL"):
            rig.settle()
        assert rig.store.look(KEY) == Lodging(Place.COLD, restore=Restore.UNDER_WAY)
        filler.unlink()
        rig.tend()
        rig.store.finish_restore(KEY)
        assert rig.warm_file().read_bytes() == CONTENT


def test_on_another_file_system_and_read_only(home: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "nas") as nas:
        rig = Rig(home, cold_path=nas / "cold")
        rig.archive()
        rig.keep(OTHER)
        rig.store.mark(OTHER)
        _remount(nas, "ro")
        for tries in (rig.tend, rig.store.check):
            with pytest.raises(Unavailable, match="COLD_STORE_UNAVAILABLE"):
                tries()
        restore_key(rig)
        rig.store.finish_restore(KEY)
        assert rig.store.look(KEY) == WARM
        with pytest.raises(Unavailable, match="COLD_STORE_UNAVAILABLE"):
            rig.files.delete("results/ada")
        assert rig.files.stat(KEY) is None
        _remount(nas, "rw")
        rig.files.delete("results/ada")
        rig.tend()
        assert rig.store.look(KEY).place is Place.GONE
        assert rig.store.look(OTHER) == COLD
        assert len(rig.cold_files()) == 1


def restore_key(rig: Rig) -> None:
    """Though nothing can be moved meanwhile."""
    rig.store.begin_restore(KEY, speed=Speed.FAST)
    with pytest.raises(Unavailable, match="COLD_STORE_UNAVAILABLE"):
        rig.settle()


def _remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


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
        seen.append(another.tend(seen.append, limit=9))
        return pack(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(f"{TENDING}.pack", slow)
    rig.tend()
    marked = Lodging(Place.WARM, marked=True)
    assert seen == [marked, marked, 0]
