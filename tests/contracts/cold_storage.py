"""What every `ColdStorage` keeps to. A runner gives the fixtures `files`, `cold_storage`, of the
same backend, and `settle`, which lets the store's time pass and gives the events it told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gas.domain.errors import InputError, NotArchived, NotFound, NotReady
from gas.domain.results import Lodging, Place, Restore
from gas.ports.cold_storage import ColdStorage, Speed, StoreEvent, StoreEventKind
from gas.ports.files import Files

Settle = Callable[[], Sequence[StoreEvent]]

KEY = "results/ada/job/1/a.vcf.gz"
OTHER = "results/ada/job/1/b.parquet"
CONTENT = bytes(range(256)) * 1000
WARM = Lodging(Place.WARM)
COLD = Lodging(Place.COLD)
READY = Lodging(Place.COLD, restore=Restore.READY)
GONE = Lodging(Place.GONE)


@pytest.fixture
def keep(files: Files, tmp_path: Path) -> Callable[..., None]:
    def keep(*keys: str) -> None:
        for key in keys:
            (tmp_path / "made").write_bytes(CONTENT)
            files.store(key, tmp_path / "made")

    return keep


@pytest.fixture
def archive(
    cold_storage: ColdStorage, keep: Callable[..., None], settle: Settle
) -> Callable[..., None]:
    def archive(*keys: str) -> None:
        keep(*keys)
        for key in keys:
            cold_storage.mark(key)
        settle()
        assert {cold_storage.look(key) for key in keys} == {COLD}

    return archive


def content(files: Files, key: str = KEY) -> bytes:
    with files.open(key) as stream:
        return stream.read()


class ColdStorageContract:
    """Subclass it in a runner."""

    def test_it_says_where_files_go(
        self, cold_storage: ColdStorage, archive: Callable[..., None]
    ) -> None:
        assert cold_storage.check()
        archive(KEY)
        assert cold_storage.check()
        assert cold_storage.look(KEY) == COLD

    def test_what_is_not_there(self, cold_storage: ColdStorage) -> None:
        assert cold_storage.look(KEY) == GONE
        cold_storage.unmark(KEY)
        cold_storage.verify(KEY)
        with pytest.raises(NotFound):
            cold_storage.mark(KEY)
        with pytest.raises(NotFound):
            cold_storage.begin_restore(KEY, speed=Speed.FAST)
        with pytest.raises(NotFound):
            cold_storage.finish_restore(KEY)
        assert cold_storage.look(KEY) == GONE

    def test_a_warm_file(
        self, cold_storage: ColdStorage, keep: Callable[..., None], files: Files
    ) -> None:
        keep(KEY)
        assert cold_storage.look(KEY) == WARM
        cold_storage.unmark(KEY)
        cold_storage.verify(KEY)
        cold_storage.finish_restore(KEY)
        with pytest.raises(NotArchived):
            cold_storage.begin_restore(KEY, speed=Speed.STANDARD)
        assert cold_storage.look(KEY) == WARM
        assert content(files) == CONTENT

    def test_marked_it_moves_and_is_told(
        self, cold_storage: ColdStorage, keep: Callable[..., None], files: Files, settle: Settle
    ) -> None:
        keep(KEY, OTHER)
        cold_storage.mark(KEY)
        cold_storage.mark(KEY)
        assert cold_storage.look(KEY) == Lodging(Place.WARM, marked=True)
        assert content(files) == CONTENT
        assert StoreEvent(StoreEventKind.MOVED, KEY) in settle()
        assert cold_storage.look(KEY) == COLD
        assert cold_storage.look(OTHER) == WARM
        assert files.stat(KEY) is None
        with pytest.raises(NotFound):
            files.open(KEY)
        cold_storage.mark(KEY)
        cold_storage.unmark(KEY)
        cold_storage.verify(KEY)
        assert not settle()
        assert cold_storage.look(KEY) == COLD

    def test_unmarked_in_time_it_stays(
        self, cold_storage: ColdStorage, keep: Callable[..., None], settle: Settle
    ) -> None:
        keep(KEY)
        cold_storage.mark(KEY)
        cold_storage.unmark(KEY)
        assert cold_storage.look(KEY) == WARM
        assert not settle()
        assert cold_storage.look(KEY) == WARM

    @pytest.mark.parametrize("speed", Speed)
    def test_it_comes_back_the_same(
        self,
        cold_storage: ColdStorage,
        archive: Callable[..., None],
        files: Files,
        settle: Settle,
        speed: Speed,
    ) -> None:
        archive(KEY)
        with pytest.raises(NotReady):
            cold_storage.finish_restore(KEY)
        cold_storage.begin_restore(KEY, speed=speed)
        cold_storage.begin_restore(KEY, speed=speed)
        assert cold_storage.look(KEY) == Lodging(Place.COLD, restore=Restore.UNDER_WAY)
        with pytest.raises(NotReady):
            cold_storage.finish_restore(KEY)
        assert StoreEvent(StoreEventKind.RESTORED, KEY) in settle()
        assert cold_storage.look(KEY) == READY
        assert files.stat(KEY) is None
        cold_storage.begin_restore(KEY, speed=speed)
        cold_storage.finish_restore(KEY)
        cold_storage.finish_restore(KEY)
        assert cold_storage.look(KEY) == WARM
        assert content(files) == CONTENT
        settle()
        assert cold_storage.look(KEY) == WARM

    def test_it_moves_again_after_it_came_back(
        self, cold_storage: ColdStorage, archive: Callable[..., None], settle: Settle
    ) -> None:
        archive(KEY)
        cold_storage.begin_restore(KEY, speed=Speed.FAST)
        settle()
        cold_storage.finish_restore(KEY)
        cold_storage.mark(KEY)
        assert StoreEvent(StoreEventKind.MOVED, KEY) in settle()
        assert cold_storage.look(KEY) == COLD

    @pytest.mark.parametrize("place", ["marked", "cold", "under way", "ready", "warm again"])
    @pytest.mark.parametrize(
        ("prefix", "beside"),
        [
            (KEY, f"{KEY}.tbi"),
            ("results/ada/job/1", "results/ada/job/11/a.vcf.gz"),
            ("results/ada/job", "results/ada/jobs/1/a.vcf.gz"),
            ("results/ada", "results/adam/job/1/a.vcf.gz"),
        ],
    )
    def test_deleted_it_is_gone_wherever_it_was(
        self,
        cold_storage: ColdStorage,
        archive: Callable[..., None],
        files: Files,
        settle: Settle,
        place: str,
        prefix: str,
        beside: str,
        keep: Callable[..., None],
    ) -> None:
        keep(beside)
        cold_storage.mark(beside)
        archive(KEY)
        if place != "cold":
            cold_storage.begin_restore(KEY, speed=Speed.FAST)
        if place in {"ready", "warm again", "marked"}:
            settle()
        if place in {"warm again", "marked"}:
            cold_storage.finish_restore(KEY)
        if place == "marked":
            cold_storage.mark(KEY)
        files.delete(prefix)
        files.delete(prefix)
        assert cold_storage.look(KEY) == GONE
        assert KEY not in {event.key for event in settle()}
        assert cold_storage.look(KEY) == GONE
        keep(KEY)
        settle()
        assert cold_storage.look(KEY) == WARM
        assert cold_storage.look(beside) == COLD

    def test_all_results_are_deleted_and_nothing_else(
        self,
        cold_storage: ColdStorage,
        archive: Callable[..., None],
        files: Files,
        keep: Callable[..., None],
    ) -> None:
        keep("inputs/ada/1")
        archive(KEY)
        files.delete("results")
        assert cold_storage.look(KEY) == GONE
        assert cold_storage.look("inputs/ada/1") == WARM

    def test_nothing_but_results_is_archived(
        self, cold_storage: ColdStorage, keep: Callable[..., None], settle: Settle
    ) -> None:
        keep("inputs/ada/1")
        with pytest.raises(InputError, match="BAD_KEY"):
            cold_storage.mark("inputs/ada/1")
        assert settle() == []
        assert cold_storage.look("inputs/ada/1") == WARM

    @pytest.mark.parametrize("key", ["", "/", "../a", "a/../b", "a\0b", "\udc80", "x" * 256])
    def test_no_key_leads_astray(self, cold_storage: ColdStorage, key: str) -> None:
        for call in (
            lambda: cold_storage.look(key),
            lambda: cold_storage.mark(key),
            lambda: cold_storage.unmark(key),
            lambda: cold_storage.verify(key),
            lambda: cold_storage.begin_restore(key, speed=Speed.FAST),
            lambda: cold_storage.finish_restore(key),
        ):
            with pytest.raises(InputError, match="BAD_KEY"):
                call()
