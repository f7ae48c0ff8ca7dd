"""A disk that is full or fails, below SQLite."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sql.conftest import open_sqlite
from contracts.files import HandClock
from contracts.jobs import create
from contracts.queues import MESSAGE, SPEC
from gas.adapters.sql.ballast import SIZE
from gas.adapters.sql.database import Statements
from gas.adapters.sql.store import SqlStore
from gas.domain.errors import StoreFull, Unavailable
from gas.domain.messages import QueueSpec


def test_a_full_disk_refuses_new_jobs_and_lets_old_ones_go(
    sqlite_store: SqlStore, sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, ballast = sqlite_store, sqlite_path.parent / "ballast"
    assert ballast.stat().st_size == SIZE
    job = create(store.jobs)
    fill = _limit_pages(store)
    monkeypatch.setattr("gas.adapters.sql.ballast.Ballast._free", lambda self: 0)
    with pytest.raises(StoreFull):
        fill()
    assert not ballast.exists()  # thrown off, so that things can be removed
    assert store.jobs.get(job.id) == job
    with pytest.raises(StoreFull):
        create(store.jobs)
    _free_pages(store)
    store.jobs.purge(job.id)
    assert store.jobs.get(job.id) is None
    monkeypatch.undo()
    assert create(store.jobs).owner_id == "me"
    assert ballast.stat().st_size == SIZE


def test_a_disk_that_is_full_at_the_commit_only_throws_off_the_ballast(
    sqlite_store: SqlStore, sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, ballast = sqlite_store, sqlite_path.parent / "ballast"
    driver = store._database.driver
    real = driver.commit

    def full_disk(statements: Statements, announce: Callable[[], None], *, durable: bool) -> None:
        driver.rollback(statements)
        raise StoreFull("STORE_FULL", "There is no room left.")

    monkeypatch.setattr(driver, "commit", full_disk)
    with pytest.raises(StoreFull), store.together():
        create(store.jobs)
    assert not ballast.exists()
    monkeypatch.setattr(driver, "commit", real)
    assert store.jobs.owned_by("me", limit=9) == []


def _writer(store: SqlStore) -> Callable[[str], object]:
    return lambda sql: store._database.write(lambda run: run.execute(sql).fetchall())


def _limit_pages(store: SqlStore) -> Callable[[], None]:
    """SQLite answers 'full' past a count of pages as it does on a full disk."""
    run = _writer(store)
    run("PRAGMA max_page_count = 1")

    def fill() -> None:
        for number in range(500):
            store.queues.declare(QueueSpec(f"queue-{number}-" + "x" * 500, ("T",)))

    return fill


def _free_pages(store: SqlStore) -> None:
    _writer(store)("PRAGMA max_page_count = 1000000")


def _failing_sync(number: int) -> Callable[[int], None]:
    def fail(_: int) -> None:
        raise OSError(number, "told by the test")

    return fail


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_what_a_failed_sync_cannot_promise_is_saved_in_the_database_itself(
    sqlite_store: SqlStore, sqlite_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    create(sqlite_store.jobs)
    with monkeypatch.context() as patched:
        patched.setattr("os.fdatasync", _failing_sync(number))
        job = create(sqlite_store.jobs, 1)
    assert Path(f"{sqlite_path}-wal").stat().st_size == 0
    assert sqlite_store.jobs.get(job.id) == job


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_what_cannot_be_made_durable_is_told_and_not_done_twice(
    sqlite_path: Path,
    tmp_path: Path,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    monkeypatch.setattr("gas.adapters.sql.sqlite.BUSY_SECONDS", 0.05)
    with (
        closing(open_sqlite(sqlite_path, tmp_path, clock)) as store,
        closing(sqlite3.connect(sqlite_path)) as reader,
    ):
        store.queues.declare(SPEC)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM job").fetchone()  # keeps the log from being emptied
        with monkeypatch.context() as patched:
            patched.setattr("os.fdatasync", _failing_sync(number))
            with pytest.raises(Unavailable) as caught:
                store.queues.publish(MESSAGE)
        assert caught.value.reason.code == "STORE_UNAVAILABLE"
        assert store.queue_desk.states()[0].visible == 1
