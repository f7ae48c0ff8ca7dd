"""SQLite as the database: any number of readers, one writer at a time, every commit synced.

Writers of all processes take a lock on `run/write.lock` before BEGIN IMMEDIATE: SQLite's own
busy handler starves one of two hot writers for seconds. The write-ahead log is synced by us
after the lock is given back (`synchronous=NORMAL` and an fdatasync before a call returns): as
durable as `synchronous=FULL`, but writers wait for no other writer's disk, and syncs that
coincide are one. What is committed and not yet synced is seen by others for a moment; what they
write on its account lies behind it in the same log, so that no sync can keep the one and lose
the other.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy.pool import PoolProxiedConnection

from gas.adapters.sql.ballast import Ballast
from gas.adapters.sql.database import Statements, T, Transaction, broken, busy, full
from gas.adapters.sql.locks import LockFile
from gas.adapters.sql.migrate import migrate
from gas.domain.errors import GasError, Unavailable

BUSY_SECONDS = 10.0
CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)"  # answers 0 first if it got through
READERS = 8  # readers at once in one process; they are short and share one interpreter lock

_inherited: list[object] = []
"""What a forked child got from its parent and must neither use nor close."""


class _Writer:
    """The one connection of this process that writes, and its descriptor of the log."""

    def __init__(self, path: Path) -> None:
        self.connection = connect(path)
        # A log exists from the first read on, and stays while a connection is open.
        self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self.log = os.open(f"{path}-wal", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)  # the log's name must survive a power cut as its content does
        finally:
            os.close(folder)

    def close(self) -> None:
        self.connection.close()
        os.close(self.log)


class _Process:
    """What must not be shared with a forked child."""

    def __init__(self, path: Path, lock_path: Path) -> None:
        self.pid = os.getpid()
        self.lock = LockFile(lock_path)
        self.turn = threading.Lock()
        self.writer: _Writer | None = None
        self.resting: list[PoolProxiedConnection] = []
        """Readers lent from the pool and kept: to ask it each time costs more than a query."""
        self.engine = sqlalchemy.create_engine(
            "sqlite://",
            creator=lambda: connect(path),
            poolclass=sqlalchemy.QueuePool,
            pool_size=READERS,
            max_overflow=0,
            pool_timeout=BUSY_SECONDS,
            pool_reset_on_return=None,
        )
        self.places = threading.BoundedSemaphore(READERS)

    def lend(self) -> PoolProxiedConnection:
        try:
            return self.resting.pop()  # the one used last: its pages are warm
        except IndexError:
            return self.engine.raw_connection()

    def close(self) -> None:
        while self.resting:
            self.resting.pop().close()
        self.engine.dispose()
        if self.writer:
            self.writer.close()
        self.lock.close()


class SqliteDriver:
    skip_locked = hold_row = lock_group = lock_messages = ""  # there is never a second writer
    errors: tuple[type[Exception], ...] = (sqlite3.Error, OSError)

    def __init__(self, path: Path, *, run_path: Path) -> None:
        self.path = path
        self._lock_path = run_path / "write.lock"
        self._ballast = Ballast(path.parent / "ballast")
        self._process: _Process | None = None
        self._making = threading.Lock()

    def migrate(self) -> None:
        """Under the write lock, also the change to WAL: it needs the file for itself."""
        self._ballast.ensure()
        here = self._here()
        here.lock.acquire(time.monotonic() + 6 * BUSY_SECONDS)
        try:
            migrate(here.engine)
        except sqlalchemy.exc.DBAPIError as error:
            raise self._unpooled(error) from error
        finally:
            here.lock.release()

    def read(self, work: Callable[[Statements], T]) -> T:
        here = self._here()
        if not here.places.acquire(timeout=BUSY_SECONDS):
            raise busy("readers queue up in this process")
        try:
            lent = here.lend()
            try:
                return work(lent.dbapi_connection)  # type: ignore[arg-type]
            finally:
                here.resting.append(lent)
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise self._unpooled(error) from error
        except self.errors as error:
            raise self.translated(error) from error
        finally:
            here.places.release()

    def begin(self) -> Statements:
        here = self._here()
        deadline = time.monotonic() + BUSY_SECONDS
        if not here.turn.acquire(timeout=BUSY_SECONDS):
            raise busy("writers queue up in this process")
        try:
            here.lock.acquire(deadline)
            try:
                here.writer = here.writer or _Writer(self.path)
                here.writer.connection.execute("BEGIN IMMEDIATE")
            except BaseException:
                here.lock.release()
                raise
        except self.errors as error:
            here.turn.release()
            raise self.translated(error) from error
        except BaseException:
            here.turn.release()
            raise
        return here.writer.connection

    def commit(
        self, statements: Statements, announce: Callable[[], None], *, durable: bool
    ) -> None:
        here = self._here()
        assert here.writer is not None  # noqa: S101 - begin() made it
        log = here.writer.log
        try:
            statements.execute("COMMIT")
        except self.errors as error:
            self.rollback(statements)
            raise self.translated(error) from error
        here.lock.release()
        here.turn.release()
        announce()
        if not durable:
            return
        try:
            os.fdatasync(log)
        except OSError as error:
            # Not StoreFull, whatever the kernel says: the work is committed, and must not be
            # done a second time once there is room.
            if not self._saved_from_cache():
                raise broken(error) from error

    def rollback(self, statements: Statements) -> None:
        here = self._here()
        try:
            with suppress(sqlite3.Error):  # undone already when the disk was full
                statements.execute("ROLLBACK")
        finally:
            here.lock.release()
            here.turn.release()

    def _saved_from_cache(self) -> bool:
        """After a failed sync the kernel counts the log's pages as clean, and a later sync says
        nothing of them. They are still readable: copy them to the database and sync that. True
        if all of it is durable there."""
        for _ in range(2):
            with suppress(GasError):
                row = self.read(lambda run: run.execute(CHECKPOINT).fetchone())
                return row is not None and row[0] == 0
            self.make_room()  # a full disk may be what was in the way
        return False

    def one_at_a_time(self, run: Statements | Transaction) -> None:
        """There is never a second writer."""

    def translated(self, error: Exception) -> GasError:
        if isinstance(error, OSError):
            return full() if error.errno in (errno.ENOSPC, errno.EDQUOT) else broken(error)
        code = getattr(error, "sqlite_errorcode", None)
        primary = code & 0xFF if code is not None else None
        if primary == sqlite3.SQLITE_FULL:
            return full()
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return busy(str(error))
        if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and self._ballast.disk_full:
            return full()  # the log's index could not grow
        return broken(error)

    def make_room(self) -> bool:
        return self._ballast.release()

    def check_room(self) -> None:
        if not self._ballast.ensure():
            raise full()

    def close(self) -> None:
        process, self._process = self._process, None
        if process and process.pid == os.getpid():
            process.close()

    def _here(self) -> _Process:
        process = self._process
        if process and process.pid == os.getpid():
            return process
        with self._making:
            if self._process and self._process.pid != os.getpid():
                _inherited.append(self._process)
                self._process = None
            self._process = self._process or _Process(self.path, self._lock_path)
            return self._process

    def _unpooled(self, error: sqlalchemy.exc.SQLAlchemyError) -> GasError:
        cause = getattr(error, "orig", None)
        return self.translated(cause) if cause else busy(str(error))


def connect(path: Path) -> sqlite3.Connection:
    """A connection that leaves transactions to us. Unavailable if it is not what we need."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
    )
    try:
        settle(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def settle(connection: sqlite3.Connection) -> None:
    # It answers with the mode it is in: after an input or output error that may be another one.
    answer: tuple[Any, ...] = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if answer[0] != "wal":
        raise Unavailable(
            "STORE_NO_WAL",
            f"The database answers journal mode {answer[0]!r} where 'wal' is needed.",
            cure="Put the home folder on a local disk (not a network share) that can be written.",
        )
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA wal_autocheckpoint=4000")  # each costs two syncs under the lock
    connection.execute("PRAGMA cache_size=-1000")
