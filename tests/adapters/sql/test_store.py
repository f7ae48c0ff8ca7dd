"""The store itself: transactions that join, migrations, and what goes wrong below."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from adapters.sql.conftest import OpenStore, open_sqlite
from contracts.files import HandClock
from contracts.jobs import create, new_job
from contracts.queues import MESSAGE, SPEC
from gas.adapters.sql.migrate import MIGRATIONS
from gas.adapters.sql.schema import HEAD
from gas.adapters.sql.schema_api import metadata
from gas.adapters.sql.sqlite import settle
from gas.adapters.sql.store import SqlStore, open_store
from gas.domain.errors import Conflict, InputError, StaleReceipt, Unavailable
from gas.domain.job import Job, submitted


class _Broke(Exception):
    pass


def _fail_together(store: SqlStore) -> None:
    with store.together():
        store.jobs.create(submitted(new_job(key="x")))
        store.queues.publish(MESSAGE)
        raise _Broke


def test_together_all_or_nothing(store: SqlStore) -> None:
    store.queues.declare(SPEC)
    with pytest.raises(_Broke):
        _fail_together(store)
    assert store.jobs.owned_by("me", limit=9) == []
    assert store.queues.receive("annotate", holder="one") == []
    with store.together():
        job = store.jobs.create(submitted(new_job(key="x")))
        store.queues.publish(MESSAGE)
    assert store.jobs.get(job.id) == job
    assert len(store.queues.receive("annotate", holder="one")) == 1


@pytest.mark.parametrize(("outer", "inner", "waits"), [(1, 1, 1), (0, 0, 0), (0, 1, 1), (1, 0, 1)])
def test_what_need_not_be_durable_is_not_waited_for(
    sqlite_store: SqlStore,
    monkeypatch: pytest.MonkeyPatch,
    outer: int,
    inner: int,
    waits: int,
) -> None:
    syncs: list[int] = []

    def synced(file: int, real: Callable[[int], None] = os.fdatasync) -> None:
        syncs.append(file)
        real(file)

    monkeypatch.setattr(os, "fdatasync", synced)
    with sqlite_store.together(durable=bool(outer)), sqlite_store.together(durable=bool(inner)):
        job = create(sqlite_store.jobs)
    assert len(syncs) == waits
    # Others see it all the same, and so does who comes after the death of this process.
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.append(sqlite_store.jobs.get(job.id)))
    thread.start()
    thread.join()
    assert seen == [job]


def test_together_sees_itself_and_others_do_not(store: SqlStore) -> None:
    seen: list[object] = []
    with store.together():
        job = create(store.jobs)
        assert store.jobs.get(job.id) == job
        other = threading.Thread(target=lambda: seen.append(store.jobs.get(job.id)))
        other.start()
        other.join()
    assert seen == [None]
    assert store.jobs.get(job.id) == job


def test_together_within_together_is_one(store: SqlStore) -> None:
    with pytest.raises(_Broke), store.together():
        with store.together():
            job = create(store.jobs)
        raise _Broke
    assert store.jobs.get(job.id) is None


def test_a_refusal_within_together_can_be_caught(store: SqlStore) -> None:
    with store.together():
        job = create(store.jobs)
        with pytest.raises(StaleReceipt):
            store.queues.delete("annotate/x/y")
    assert store.jobs.get(job.id) == job


def test_a_read_that_failed_and_was_caught_never_loses_the_rest_in_silence(
    store: SqlStore,
) -> None:
    """Either what was written stands, or the end says that it does not."""
    jobs: list[Job] = []
    told = False
    try:
        with store.together():
            jobs.append(create(store.jobs))
            with suppress(Exception):
                store._database.read(lambda run: run.execute("SELECT 1 FROM nowhere").fetchall())
    except Unavailable:
        told = True
    assert (store.jobs.get(jobs[0].id) is None) == told


def test_receivers_wake_after_the_commit_only(store: SqlStore) -> None:
    store.queues.declare(SPEC)
    woken: list[str] = []
    store._wakes.wake = lambda queue, count=1: woken.append(queue)  # type: ignore[method-assign]
    with store.together():
        store.queues.publish(MESSAGE)
        assert woken == []
    assert woken == ["annotate"]
    with pytest.raises(_Broke):
        _fail_together(store)
    assert woken == ["annotate"]


def test_hundreds_of_threads(store: SqlStore) -> None:
    job = create(store.jobs)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(store.jobs.get(job.id))) for _ in range(200)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [job] * 200


def test_migrations_make_the_tables(url: str, store: SqlStore) -> None:
    create(store.jobs)
    address = url.replace("postgresql://", "postgresql+psycopg://")
    engine = sqlalchemy.create_engine(address)
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert difference == []


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_a_start_at_head_does_not_load_alembic(sqlite_store: SqlStore, sqlite_path: Path) -> None:
    code = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from gas.adapters.sql.store import open_store
path = Path({str(sqlite_path)!r})
store = open_store(f"sqlite:///{{path}}", run_path=path.parent / "run",
                   clock=lambda: datetime.now(UTC))
store.close()
sys.exit("alembic" in sys.modules or "psycopg" in sys.modules)
"""
    path = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": path}, timeout=60)


def test_a_newer_database_is_refused(sqlite_path: Path, tmp_path: Path, clock: HandClock) -> None:
    open_sqlite(sqlite_path, tmp_path, clock).close()
    with closing(sqlite3.connect(sqlite_path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict) as caught:
        open_sqlite(sqlite_path, tmp_path, clock)
    assert caught.value.reason.code == "STORE_NEWER"


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "mysql://here/gas", ""])
def test_an_address_that_is_none(url: str, tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(InputError) as caught:
        open_store(url, run_path=tmp_path, clock=clock)
    assert caught.value.reason.code == "STORE_URL"


def test_a_server_that_is_not_there(tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(Unavailable) as caught:
        open_store("postgresql://nobody@127.0.0.1:1/gas", run_path=tmp_path, clock=clock)
    assert caught.value.reason.code == "STORE_UNAVAILABLE"


def test_a_file_that_is_no_database(sqlite_path: Path, tmp_path: Path, clock: HandClock) -> None:
    sqlite_path.write_text("This is no database." * 100)
    with pytest.raises(Unavailable) as caught:
        open_sqlite(sqlite_path, tmp_path, clock)
    assert caught.value.reason.code == "STORE_UNAVAILABLE"


def test_without_write_ahead_log_it_refuses() -> None:
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(Unavailable) as caught,
    ):
        settle(connection)
    assert caught.value.reason.code == "STORE_NO_WAL"


def test_a_stopped_writer_makes_others_unavailable_not_stuck(
    sqlite_path: Path, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gas.adapters.sql.sqlite.BUSY_SECONDS", 0.05)
    with (
        closing(open_sqlite(sqlite_path, tmp_path, clock)) as one,
        closing(open_sqlite(sqlite_path, tmp_path, clock)) as two,
    ):
        with one.together():
            job = create(one.jobs)
            with pytest.raises(Unavailable) as caught:
                create(two.jobs)
            assert two.jobs.get(job.id) is None  # reading goes on
        assert caught.value.reason.code == "STORE_BUSY"
        assert create(two.jobs, 1)


def test_files_of_holders_that_died_with_empty_hands_go(
    opened: OpenStore, clock: HandClock, tmp_path: Path
) -> None:
    folder = tmp_path / "run" / "holders"
    for number in range(3):
        with closing(opened(clock)) as store:
            store.queues.declare(SPEC)
            store.queues.wait(SPEC.name, holder=f"idle-{number}", seconds=0)
    alive = opened(clock)
    alive.queues.wait(SPEC.name, holder="alive", seconds=0)
    opened(clock).queues.wait(SPEC.name, holder="new", seconds=0)
    assert {path.name for path in folder.iterdir()} == {"alive", "new"}


def test_a_queue_that_stands_as_declared_is_not_written(sqlite_store: SqlStore) -> None:
    """So a command of the operator's starts beside a writer, and on a full disk."""
    sqlite_store.queues.declare(SPEC)
    sqlite_store.queue_desk.configure(SPEC.name, delay_seconds=7)
    again = threading.Thread(target=sqlite_store.queues.declare, args=(SPEC,))
    with sqlite_store.together():
        sqlite_store.queues.publish(MESSAGE)
        again.start()
        again.join(5)
        assert not again.is_alive()
    (state,) = sqlite_store.queue_desk.states()
    assert state.delay_seconds == 7
    sqlite_store.queues.declare(replace(SPEC, topics=("JobFinished",), max_receives=5))
    (state,) = sqlite_store.queue_desk.states()
    assert (state.topics, state.max_receives) == (("JobFinished",), 5)
