"""What every `Files` keeps to. A runner gives the fixtures `files`, `again` and `clock`; and
`spoil`, which changes a byte of a stored file as a failing disk does."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gas.domain.errors import Conflict, GasError, InputError, NotFound
from gas.ports.files import Files

PART = 1000
WHOLE = bytes(range(256)) * 10  # 2,560 bytes: two whole parts and a shorter one
KEY = "inputs/owner/upload"
ROUNDS = 60
"""What changes by one thread, so often, while another looks."""


@dataclass
class HandClock:
    now: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def part(number: int) -> bytes:
    return WHOLE[(number - 1) * PART : number * PART]


def begin(files: Files, key: str = KEY, name: str = "a.vcf") -> None:
    files.begin_upload(key, name=name, size_bytes=len(WHOLE), part_bytes=PART)


def put(files: Files, number: int, data: bytes | None = None, key: str = KEY) -> None:
    data = part(number) if data is None else data
    files.put_part(key, number, io.BytesIO(data), len(data))


def upload_whole(files: Files, key: str = KEY) -> None:
    begin(files, key)
    for number in (1, 2, 3):
        put(files, number, key=key)
    files.finish_upload(key)


def content(files: Files, key: str = KEY) -> bytes:
    with files.open(key) as stream:
        return stream.read()


def parts_of(files: Files, key: str = KEY) -> tuple[int, ...]:
    upload = files.upload(key)
    assert upload is not None
    return upload.parts


class FilesContract:
    """Subclass it in a runner."""

    def test_keys_are_listed_by_age_and_in_pages(self, files: Files, tmp_path: Path) -> None:
        keys = {f"results/o{owner}/job{job}/1/a" for owner in range(2) for job in range(5)}
        for key in keys:
            (tmp_path / "made").write_bytes(key.encode())
            files.store(key, tmp_path / "made")
        hour = timedelta(hours=1)
        now = datetime.now(UTC)
        assert list(files.kept_before("results", now - hour, limit=99)) == []
        seen: list[str] = []
        while page := files.kept_before(
            "results", now + hour, limit=3, after=seen[-1] if seen else None
        ):
            assert len(page) <= 3
            seen += page
        assert len(seen) == len(keys)
        assert set(seen) == keys
        assert list(files.kept_before("nothing", now + hour, limit=3)) == []

    def test_what_is_not_there(self, files: Files, tmp_path: Path) -> None:
        assert files.upload(KEY) is None
        assert files.stat(KEY) is None
        files.delete(KEY)
        for call in (
            lambda: files.open(KEY),
            lambda: files.finish_upload(KEY),
            lambda: put(files, 1),
            lambda: files.fetch(KEY, tmp_path / "copy"),
        ):
            with pytest.raises(NotFound):
                call()
        assert not (tmp_path / "copy").exists()

    def test_a_look_at_what_comes_and_goes(self, files: Files, clock: HandClock) -> None:
        now = clock()

        def come_and_go() -> None:
            for _ in range(ROUNDS):
                upload_whole(files)
                files.delete(KEY)

        with ThreadPoolExecutor(1) as pool:
            going = pool.submit(come_and_go)
            while not going.done():
                upload, stored = files.upload(KEY), files.stat(KEY)
                assert len(files.uploads("inputs/owner/")) <= 1
                assert len(files.kept_before("inputs", now, limit=9)) <= 1
                assert files.remove_stale_uploads(now - timedelta(hours=1)) == 0
                assert upload is None or upload.size_bytes == len(WHOLE)
                assert stored is None or stored.size_bytes == len(WHOLE)
                with suppress(NotFound):
                    assert content(files) == WHOLE
            going.result()

    def test_what_is_replaced_is_there_at_every_moment(self, files: Files, tmp_path: Path) -> None:
        def store(text: str) -> None:
            (tmp_path / "made").write_text(text)
            files.store(KEY, tmp_path / "made")

        def replace() -> None:
            for number in range(5 * ROUNDS):
                store("new" if number % 2 else "old")

        store("new")
        with ThreadPoolExecutor(1) as pool:
            going = pool.submit(replace)
            while not going.done():
                assert files.stat(KEY) is not None
                assert content(files) in {b"old", b"new"}
                assert files.copy(KEY, "inputs/owner/copy").size_bytes == 3
            going.result()

    def test_several_who_replace_it_leave_one_of_theirs(self, files: Files, tmp_path: Path) -> None:
        def replace(name: str) -> None:
            for _ in range(ROUNDS):
                (tmp_path / name).write_text(name)
                files.store(KEY, tmp_path / name)
                assert files.stat(KEY) is not None

        names = ("one", "two", "three")
        with ThreadPoolExecutor(len(names)) as pool:
            for going in [pool.submit(replace, name) for name in names]:
                going.result()
        assert content(files).decode() in names

    def test_an_owner_whose_uploads_are_begun_is_deleted(self, files: Files) -> None:
        def begin_all() -> None:
            for number in range(ROUNDS):
                with suppress(NotFound):
                    begin(files, f"inputs/owner/{number}")

        with ThreadPoolExecutor(1) as pool:
            going = pool.submit(begin_all)
            while not going.done():
                files.delete("inputs/owner")
            going.result()
        files.delete("inputs/owner")
        assert files.uploads("inputs/owner/") == []

    def test_deleted_during_an_upload(self, files: Files) -> None:
        begin(files)
        put(files, 1)
        files.delete("inputs/owner")
        assert files.upload(KEY) is None
        with pytest.raises(NotFound):
            put(files, 2)
        with pytest.raises(NotFound):
            files.finish_upload(KEY)

    def test_deleted_while_a_part_arrives(self, files: Files) -> None:
        begin(files)
        with pytest.raises(NotFound):
            files.put_part(KEY, 1, Acting(part(1), lambda: files.delete(KEY)), PART)
        assert files.upload(KEY) is None

    def test_delete_takes_what_lies_below_and_nothing_beside(self, files: Files) -> None:
        for key in ("results/o/j/1/a", "results/o/j/2/a", "results/o/jj/1/a"):
            upload_whole(files, key)
        files.delete("results/o/j")
        assert files.stat("results/o/j/1/a") is None
        assert files.stat("results/o/j/2/a") is None
        assert content(files, "results/o/jj/1/a") == WHOLE

    def test_stale_uploads_go_and_others_stay(self, files: Files, clock: HandClock) -> None:
        begin(files, "inputs/o/old")
        upload_whole(files, "inputs/o/whole")
        clock.now += timedelta(days=3)
        begin(files, "inputs/o/new")
        assert files.remove_stale_uploads(clock.now - timedelta(days=2)) == 1
        assert files.upload("inputs/o/old") is None
        assert files.upload("inputs/o/new") is not None
        assert content(files, "inputs/o/whole") == WHOLE

    def test_store_and_fetch(self, files: Files, tmp_path: Path) -> None:
        source = tmp_path / "made.vcf"
        source.write_bytes(WHOLE)
        stored = files.store("results/o/j/1/made.vcf", source)
        assert stored.sha256 == hashlib.sha256(WHOLE).hexdigest()
        assert files.fetch(stored.key, tmp_path / "copy") == stored
        assert (tmp_path / "copy").read_bytes() == WHOLE
        assert not (tmp_path / "copy").stat().st_mode & 0o222

    def test_a_copy_is_independent_of_the_first(self, files: Files) -> None:
        upload_whole(files)
        copied = files.copy(KEY, "inputs/owner/again")
        assert copied == files.copy(KEY, "inputs/owner/again") == files.stat("inputs/owner/again")
        files.delete(KEY)
        assert content(files, "inputs/owner/again") == WHOLE
        with pytest.raises(NotFound):
            files.copy(KEY, "inputs/owner/third")

    def test_no_copy_is_made_of_what_is_not_what_was_stored(
        self, files: Files, spoil: Callable[[str], None]
    ) -> None:
        upload_whole(files)
        spoil(KEY)
        for _ in range(2):
            with pytest.raises(Conflict, match="FILE_DAMAGED"):
                files.copy(KEY, "inputs/owner/again")
            assert files.stat("inputs/owner/again") is None

    def test_store_again_replaces(self, files: Files, tmp_path: Path) -> None:
        for text in (b"one", b"two", b"two", b"one"):
            (tmp_path / "f").write_bytes(text)
            files.store("results/f", tmp_path / "f")
            assert content(files, "results/f") == text
            (tmp_path / "f").unlink(missing_ok=True)

    def test_what_a_fetched_copy_suffers_does_not_touch_the_stored(
        self, files: Files, tmp_path: Path
    ) -> None:
        upload_whole(files)
        files.fetch(KEY, tmp_path / "copy")
        (tmp_path / "copy").chmod(0o600)
        (tmp_path / "copy").write_bytes(b"changed")
        assert content(files) == WHOLE

    def test_what_a_stored_file_suffers_by_another_name_does_not_touch_it(
        self, files: Files, tmp_path: Path
    ) -> None:
        (tmp_path / "f").write_bytes(WHOLE)
        (tmp_path / "other").hardlink_to(tmp_path / "f")
        files.store("results/f", tmp_path / "f")
        (tmp_path / "other").write_bytes(b"changed")
        assert content(files, "results/f") == WHOLE

    def test_a_symbolic_link_is_not_stored(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("/etc/hostname")
        with pytest.raises(InputError, match="NOT_A_FILE"):
            files.store("results/f", tmp_path / "link")

    @pytest.mark.parametrize(
        "key",
        [
            *("", "/", "/etc/x", "a//b", "../a", "a/../b", "a/..", "./a", "a/"),
            *("a\0b", "a\nb", "\udc80", "x" * 256, "/".join(["a"] * 1000)),
        ],
    )
    def test_no_key_leads_astray(self, files: Files, key: str, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"x")
        for call in (
            lambda: files.store(key, tmp_path / "f"),
            lambda: files.stat(key),
            lambda: files.open(key),
            lambda: files.delete(key),
            lambda: begin(files, key),
        ):
            with pytest.raises(InputError, match="BAD_KEY"):
                call()
        assert (tmp_path / "f").exists()

    def test_more_than_the_room_is_refused_at_once(self, files: Files) -> None:
        room = files.room_bytes()
        assert room is not None
        with pytest.raises(GasError, match="STORE_FULL"):
            files.begin_upload(KEY, name="a", size_bytes=room + 2**40, part_bytes=2**30)
        assert files.upload(KEY) is None


class Acting(io.BytesIO):
    """Does something else before the first byte."""

    def __init__(self, data: bytes, action: Callable[[], None]) -> None:
        super().__init__(data)
        self._action = action

    def read(self, size: int | None = -1, /) -> bytes:
        self._action()
        return super().read(size)
