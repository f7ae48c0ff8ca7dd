"""Stores to test: on SQLite in a folder, and on a PostgreSQL server started for the session."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from contracts.files import HandClock
from gas.adapters.sql.store import SqlStore, open_store
from gas.ports.clock import Clock
from gas.ports.queues import QueueDesk, Queues

TABLES = (
    "api_token, request_key, account, session, sign_in_link, job, job_event, queue, subscription,"
    " message, dead_letter, export, webhook, announcement, payer, billing_event"
)
SLOW = {"timeout": 90}
OpenStore = Callable[..., SqlStore]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[str], str]]:
    """Gives the URL of a database by name; the server runs as another user where we are root,
    hence a folder that all may enter."""
    folder = Path(tempfile.mkdtemp(prefix="gas-postgres-"))
    folder.chmod(0o755)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pgserver import postgres_server

        start = postgres_server.pg_ctl  # type: ignore[attr-defined]
        with pytest.MonkeyPatch.context() as patch:
            # It gives the server ten seconds, which is little on a slow disk.
            patch.setattr(postgres_server, "pg_ctl", lambda *a, **given: start(*a, **given | SLOW))
            server = postgres_server.get_server(folder / "data", cleanup_mode="stop")
    made: set[str] = set()

    def database(name: str) -> str:
        if name not in made:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{name}"'.encode())
            made.add(name)
        return server.get_uri(database=name)

    yield database
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gas.sqlite3'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> str:
    """Of an empty database of PostgreSQL."""
    module = request.node.module.__name__.rpartition(".")[2]
    address = str(request.getfixturevalue("postgres")(module))
    with psycopg.connect(address, autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('job')").fetchone() != (None,):
            connection.execute(f"TRUNCATE {TABLES}".encode())
    return address


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens further stores on the same database, and closes them."""
    stores: list[SqlStore] = []

    def open_one(clock: Clock) -> SqlStore:
        stores.append(open_store(url, run_path=tmp_path / "run", clock=clock))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: OpenStore, clock: HandClock) -> SqlStore:
    return opened(clock)


@pytest.fixture
def queues(store: SqlStore) -> Queues:
    return store.queues


@pytest.fixture
def desk(store: SqlStore) -> QueueDesk:
    return store.queue_desk


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    return tmp_path / "gas.sqlite3"


@pytest.fixture
def sqlite_store(sqlite_path: Path, tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    with closing(open_sqlite(sqlite_path, tmp_path, clock)) as store:
        yield store


def open_sqlite(path: Path, folder: Path, clock: HandClock) -> SqlStore:
    return open_store(f"sqlite:///{path}", run_path=folder / "run", clock=clock)
