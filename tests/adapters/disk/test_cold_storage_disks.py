"""Cold storage on another disk: one that is full, read-only, or small on the warm side."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from adapters.disk.cold_rig import CONTENT, KEY, Rig
from gas.domain.errors import StoreFull, Unavailable
from gas.domain.results import Lodging, Place, Restore
from gas.ports.cold_storage import Speed, StoreEventKind
from small_disk import small_disk

MIB = 2**20
TENDING = "gas.adapters.disk.cold_tending"
OTHER = "results/bob/1"
WARM = Lodging(Place.WARM)
COLD = Lodging(Place.COLD)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_full_cold_disk_leaves_files_warm_and_others_move(home: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "nas") as nas:
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
    with small_disk(tmp_path / "small") as home:
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


def test_restores_leave_room_for_the_database(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as home:
        rig = Rig(home, cold_path=tmp_path / "cold", reserve_bytes=4 * MIB)
        rig.archive()
        (home / "filler").write_bytes(bytes(4 * MIB))
        rig.store.begin_restore(KEY, speed=Speed.FAST)
        with pytest.raises(StoreFull, match="STORE_FULL"):
            rig.settle()
        (home / "filler").unlink()
        rig.settle()
        assert rig.store.look(KEY).restore is Restore.READY


def test_it_is_looked_at_before_the_first_move(home: Path) -> None:
    (home / "file").touch()
    rig = Rig(home, cold_path=home / "file" / "cold")
    with pytest.raises(Unavailable, match="COLD_STORE_UNAVAILABLE"):
        rig.store.check()
    rig = Rig(home, cold_path=home / "elsewhere" / "cold")
    assert "nothing was moved there yet" in rig.store.check()
    assert not (home / "elsewhere").exists()


def test_on_another_file_system_and_read_only(home: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "nas") as nas:
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
