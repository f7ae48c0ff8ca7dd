"""kill -9 at random moments, a full disk, big streams."""

from __future__ import annotations

import errno
import hashlib
import io
import random
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.disk.writer import PART, SIZE, content
from gas.adapters.disk import DiskFiles
from gas.domain.errors import StoreFull, Unavailable
from gas.ports.files import missing_parts
from small_disk import small_disk

KILLS = 30
MIB = 2**20


def store_at(root: Path, reserve_bytes: int = 0) -> DiskFiles:
    return DiskFiles(
        root,
        secret_key=b"s",
        site_url="",
        clock=lambda: datetime.now(UTC),
        reserve_bytes=reserve_bytes,
    )


def test_kill_9_leaves_nothing_visible_or_the_whole(tmp_path: Path) -> None:
    chance = random.Random(7)
    for turn in range(KILLS):
        root = tmp_path / f"root{turn}"
        work = tmp_path / f"work{turn}"
        work.mkdir()
        said = _run_and_kill(root, work, after_lines=chance.randrange(1, 16), chance=chance)
        _check(root, said)


def _run_and_kill(root: Path, work: Path, *, after_lines: int, chance: random.Random) -> list[str]:
    """Kills it within the few milliseconds after so many acknowledgements; all that it said."""
    command = [sys.executable, str(Path(__file__).with_name("writer.py")), str(root), str(work)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(after_lines)]
        # Not to wait for anything, but to hit another moment each time.
        for _ in range(chance.randrange(60_000)):
            pass
        child.kill()
        said += child.stdout.readlines()
    return [line.strip() for line in said if line.endswith("\n")]


def _check(root: Path, said: list[str]) -> None:
    files = store_at(root)
    last = 1
    for line in said:
        what, number, *part = line.split()
        last = int(number)
        key = f"results/{number}" if what == "stored" else f"inputs/o/{number}"
        if what == "part":
            upload = files.upload(key)
            assert upload is not None
            assert int(part[0]) in upload.parts
        else:
            assert files.stat(key) is not None, line
    for turn in range(1, last + 2):
        _check_whole_or_absent(files, f"results/{turn}", turn)
        _finish(files, turn)
        _check_whole_or_absent(files, f"inputs/o/{turn}", turn)
    files.remove_stale_uploads(datetime.now(UTC))
    assert _names(root / "uploads") == set()
    assert {name for name in _names(root / "tmp") if not name.endswith(".lock")} == set()


def _finish(files: DiskFiles, number: int) -> None:
    """The retry succeeds, wherever the first time was cut short."""
    key, data = f"inputs/o/{number}", content(number)
    upload = files.begin_upload(key, name="n", size_bytes=len(data), part_bytes=PART)
    for part in missing_parts(upload):
        piece = data[(part - 1) * PART : part * PART]
        files.put_part(key, part, io.BytesIO(piece), len(piece))
    assert files.finish_upload(key).sha256 == hashlib.sha256(data).hexdigest()


def _check_whole_or_absent(files: DiskFiles, key: str, number: int) -> None:
    stored = files.stat(key)
    if stored:
        with files.open(key) as stream:
            assert stream.read() == content(number)
        assert stored.size_bytes == SIZE


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "small") as disk:
        yield disk


def test_a_full_disk_refuses_before_a_byte_and_recovers(small_disk: Path, tmp_path: Path) -> None:
    files = store_at(small_disk / "root", reserve_bytes=MIB)
    files.begin_upload("a", name="a", size_bytes=4 * MIB, part_bytes=MIB)
    with pytest.raises(StoreFull):  # the first has claimed its room, though it sent nothing
        files.begin_upload("b", name="b", size_bytes=4 * MIB, part_bytes=MIB)
    assert files.upload("b") is None
    for number in range(1, 5):
        files.put_part("a", number, io.BytesIO(bytes(MIB)), MIB)
    files.finish_upload("a")
    made = tmp_path / "made"
    made.write_bytes(bytes(5 * MIB))
    with pytest.raises(StoreFull):
        files.store("c", made)
    assert made.exists()
    assert files.stat("c") is None
    with files.open("a") as stream:  # reading goes on
        assert len(stream.read()) == 4 * MIB
    files.delete("a")
    assert files.store("c", made).size_bytes == 5 * MIB


def test_running_out_of_room_midway_keeps_nothing(small_disk: Path, tmp_path: Path) -> None:
    files = store_at(small_disk / "root", reserve_bytes=-100 * MIB)  # the look finds room
    made = tmp_path / "made"
    made.write_bytes(bytes(9 * MIB))
    with pytest.raises(StoreFull):
        files.store("c", made)
    with pytest.raises(StoreFull):
        files.begin_upload("d", name="d", size_bytes=9 * MIB, part_bytes=MIB)
    assert files.stat("c") is None
    assert files.upload("d") is None
    assert files.store("e", _of(tmp_path, 5 * MIB)).size_bytes == 5 * MIB
    with pytest.raises(StoreFull):
        files.fetch("e", small_disk / "copy")
    assert not (small_disk / "copy").exists()


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS])
def test_a_failing_disk_is_unavailable_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    files = store_at(tmp_path / "root")

    def fail(_: int) -> None:
        raise OSError(number, "told by the test")

    made = _of(tmp_path, MIB)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", fail)
        with pytest.raises(Unavailable):
            files.store("a", made)
    assert files.stat("a") is None
    assert files.store("a", made).size_bytes == MIB


def _of(folder: Path, size_bytes: int) -> Path:
    path = folder / "sized"
    path.write_bytes(bytes(size_bytes))
    return path


class Endless(io.RawIOBase):
    """Gives bytes without holding them."""

    def read(self, size: int = -1, /) -> bytes:
        return bytes(size)


def test_a_part_of_200_mb_takes_no_memory(tmp_path: Path) -> None:
    files = store_at(tmp_path / "root")
    size = 200 * MIB
    files.begin_upload("big", name="big", size_bytes=size, part_bytes=size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    files.put_part("big", 1, Endless(), size)  # type: ignore[arg-type]
    assert files.finish_upload("big").size_bytes == size
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 20 * 1024
