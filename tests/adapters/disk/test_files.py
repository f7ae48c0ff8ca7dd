"""DiskFiles keeps the contract, and leaves nothing lying about."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.disk.cold_rig import flip
from contracts.files import (
    KEY,
    ROUNDS,
    WHOLE,
    FilesContract,
    HandClock,
    begin,
    parts_of,
    put,
    upload_whole,
)
from contracts.uploads import UploadsContract
from gas.adapters.disk import DiskFiles, durable
from gas.domain.errors import Forbidden, NotFound


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def again(tmp_path: Path, clock: HandClock) -> Callable[[], DiskFiles]:
    def make() -> DiskFiles:
        return DiskFiles(
            tmp_path / "root", secret_key=b"s" * 32, site_url="http://site/", clock=clock
        )

    return make


@pytest.fixture
def files(again: Callable[[], DiskFiles]) -> DiskFiles:
    return again()


@pytest.fixture
def spoil(tmp_path: Path) -> Callable[[str], None]:
    def flip_it(key: str) -> None:
        (path,) = (tmp_path / "root" / "kept" / key).glob("[0-9a-f]" * 64)
        flip(path)

    return flip_it


class TestDiskUploads(UploadsContract):
    """The parts, in the runner of the files."""


class TestDiskFiles(FilesContract):
    def test_nothing_is_left_after_finish_and_delete(
        self, files: DiskFiles, tmp_path: Path
    ) -> None:
        upload_whole(files)
        begin(files, "inputs/owner/other")
        files.delete("inputs/owner")
        left = [p for p in (tmp_path / "root").rglob("*") if p.is_file()]
        assert {p.suffix for p in left} == {".lock", ""}
        assert all(p.stat().st_size == 0 for p in left)

    def test_an_upload_claims_its_room_when_it_begins(self, files: DiskFiles) -> None:
        before = files.room_bytes()
        files.begin_upload(KEY, name="big", size_bytes=200 * 2**20, part_bytes=8 * 2**20)
        # Neighbours use the disk as well, so only most of it is asked for.
        assert before - files.room_bytes() > 100 * 2**20

    def test_folders_that_became_empty_are_in_nobodys_way(
        self, files: DiskFiles, tmp_path: Path
    ) -> None:
        def come_and_go(job: str) -> None:
            for attempt in range(ROUNDS):
                made = tmp_path / job
                made.write_text(job)
                files.store(f"results/owner/{job}/{attempt}/a", made)
                files.delete(f"results/owner/{job}/{attempt}")

        with ThreadPoolExecutor(2) as pool:
            for going in [pool.submit(come_and_go, job) for job in ("one", "two")]:
                going.result()
        assert list((tmp_path / "root" / "kept" / "results").iterdir()) == []

    def test_an_upload_that_is_being_finished_is_left_alone(
        self, files: DiskFiles, again: Callable[[], DiskFiles], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin(files)
        for number in (1, 2, 3):
            put(files, number)
        sync_folder, sweep = durable.sync_folder, again()
        swept: list[Path] = []

        def after_a_sweep(path: Path) -> None:
            if files.stat(KEY) and not swept:  # it is in place, and not tidied up yet
                swept.append(path)
                sweep.remove_stale_uploads(HandClock().now)
            sync_folder(path)

        monkeypatch.setattr(durable, "sync_folder", after_a_sweep)
        assert files.finish_upload(KEY) == files.stat(KEY)
        assert swept

    def test_a_stale_upload_that_is_being_finished_is_left_alone(
        self, files: DiskFiles, again: Callable[[], DiskFiles], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin(files)
        for number in (1, 2, 3):
            put(files, number)
        sync_folder, sweep = durable.sync_folder, again()
        later = HandClock().now + timedelta(days=9)
        swept: list[int] = []

        def after_a_sweep(path: Path) -> None:
            if not files.stat(KEY):  # it is not in place yet
                swept.append(sweep.remove_stale_uploads(later))
            sync_folder(path)

        monkeypatch.setattr(durable, "sync_folder", after_a_sweep)
        assert files.finish_upload(KEY) == files.stat(KEY)
        assert set(swept) == {0}

    @pytest.mark.parametrize(("moment", "days"), [("all", 2), ("get", 0)])
    def test_another_upload_that_came_under_the_same_key_is_left_alone(
        self,
        files: DiskFiles,
        again: Callable[[], DiskFiles],
        clock: HandClock,
        monkeypatch: pytest.MonkeyPatch,
        moment: str,
        days: int,
    ) -> None:
        """After all were listed, or, as old as the first, after that one was opened to lock it."""
        begin(files)
        sweep, stale_before = again(), clock.now + timedelta(days=1)
        look = getattr(sweep._uploads, moment)

        def replaced_meanwhile(*key: str) -> object:
            seen = list(look()) if moment == "all" else None
            files.delete(KEY)
            clock.now += timedelta(days=days)
            begin(files)
            return look(*key) if seen is None else seen

        monkeypatch.setattr(sweep._uploads, moment, replaced_meanwhile)
        assert sweep.remove_stale_uploads(stale_before) == 0
        put(files, 1)
        assert parts_of(files) == (1,)

    def test_a_live_writers_scratch_is_left_alone(
        self, files: DiskFiles, again: Callable[[], DiskFiles], tmp_path: Path
    ) -> None:
        begin(files)
        mine = set((tmp_path / "root" / "tmp").iterdir())
        again()
        assert set((tmp_path / "root" / "tmp").iterdir()) == mine


class TestLinks:
    def token(self, files: DiskFiles) -> str:
        upload_whole(files)
        link = files.link(KEY, name='a "b".vcf', lifetime=timedelta(minutes=5))
        assert link.startswith("http://site/files/")
        return link.removeprefix("http://site/files/")

    def test_leads_to_the_file_under_its_name(self, files: DiskFiles) -> None:
        linked = files.resolve(self.token(files))
        assert (linked.key, linked.name, linked.size_bytes) == (KEY, 'a "b".vcf', len(WHOLE))

    def test_expires(self, files: DiskFiles, clock: HandClock) -> None:
        token = self.token(files)
        clock.now += timedelta(minutes=5)
        with pytest.raises(Forbidden, match="LINK_EXPIRED"):
            files.resolve(token)

    def test_every_changed_letter_is_seen(self, files: DiskFiles) -> None:
        token = self.token(files)
        for place in range(len(token) - 1):  # the last letter carries bits that say nothing
            other = "A" if token[place] != "A" else "B"
            with pytest.raises(Forbidden, match="LINK_FORGED"):
                files.resolve(token[:place] + other + token[place + 1 :])

    @pytest.mark.parametrize("token", ["", ".", "a.b", "\udc80.x", "é.é", "x" * 5000])
    def test_nonsense_is_forged(self, files: DiskFiles, token: str) -> None:
        with pytest.raises(Forbidden, match="LINK_FORGED"):
            files.resolve(token)

    def test_a_link_made_with_another_secret_is_forged(
        self, files: DiskFiles, tmp_path: Path, clock: HandClock
    ) -> None:
        token = self.token(files)
        other = DiskFiles(tmp_path / "root", secret_key=b"t" * 32, site_url="", clock=clock)
        with pytest.raises(Forbidden, match="LINK_FORGED"):
            other.resolve(token)

    def test_a_later_expiry_cannot_be_written_in(self, files: DiskFiles) -> None:
        body, _, signature = self.token(files).partition(".")
        fields = json.loads(base64.urlsafe_b64decode(body + "=="))
        fields[2] += 1e6
        forged = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
        with pytest.raises(Forbidden, match="LINK_FORGED"):
            files.resolve(f"{forged}.{signature}")

    def test_a_deleted_file_is_not_found(self, files: DiskFiles) -> None:
        token = self.token(files)
        files.delete(KEY)
        with pytest.raises(NotFound):
            files.resolve(token)


def test_parts_survive_in_the_folder_not_in_the_object(again: Callable[[], DiskFiles]) -> None:
    begin(again())
    put(again(), 3)
    upload = again().upload(KEY)
    assert upload is not None
    assert upload.parts == (3,)
