"""PostgreSQL as the database, by way of psycopg: any number of writers, on any machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy.pool import PoolProxiedConnection

from gas.adapters.sql.database import Rows, Statements, T, Transaction, Value, broken, busy, full
from gas.adapters.sql.migrate import migrate
from gas.domain.errors import GasError

CONNECTIONS = 12  # at most, per process; further threads wait their turn
WAIT_SECONDS = 10.0
ONE_AT_A_TIME = 0x67617302  # an advisory lock of ours: 'gas', 2

_inherited: list[object] = []
"""What a forked child got from its parent and must neither use nor close."""


class _Connection:
    """Takes `?` for values, as the statements are written."""

    def __init__(self, lent: PoolProxiedConnection) -> None:
        self.lent = lent
        self._psycopg: psycopg.Connection[Any] = lent.driver_connection  # type: ignore[assignment]

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Rows:
        return self._psycopg.execute(_marked(sql), values or None)

    def check(self) -> None:
        """InFailedSqlTransaction if a statement failed in it, whoever caught that: to a COMMIT the
        server would answer with a ROLLBACK, and no error."""
        if self._psycopg.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
            raise psycopg.errors.InFailedSqlTransaction

    def give_back(self) -> None:
        if self._psycopg.closed or self._psycopg.broken:
            self.lent.invalidate()
        self.lent.close()


class PostgresDriver:
    skip_locked = " FOR UPDATE SKIP LOCKED"
    hold_row = " FOR UPDATE"
    lock_group = "SELECT pg_advisory_xact_lock(1734431489, hashtext(?))"  # 'ga' + 1: any of ours
    lock_messages = "LOCK TABLE message IN SHARE ROW EXCLUSIVE MODE"
    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, url: str) -> None:
        self._url = sqlalchemy.make_url(url).set(drivername="postgresql+psycopg")
        self._engine: sqlalchemy.Engine | None = None
        self._pid = 0
        self._making = threading.Lock()

    def migrate(self) -> None:
        try:
            migrate(self.engine)
        except sqlalchemy.exc.DBAPIError as error:
            raise self._unpooled(error) from error

    def read(self, work: Callable[[Statements], T]) -> T:
        connection = self._connection()
        try:
            return work(connection)
        except self.errors as error:
            raise self.translated(error) from error
        finally:
            connection.give_back()

    def begin(self) -> Statements:
        connection = self._connection()
        try:
            connection.execute("BEGIN")
        except self.errors as error:
            connection.give_back()
            # A connection that the server has dropped is found out only now: once more, anew.
            self.engine.dispose()
            connection = self._connection()
            try:
                connection.execute("BEGIN")
            except self.errors:
                connection.give_back()
                raise self.translated(error) from error
        return connection

    def commit(
        self,
        statements: Statements,
        announce: Callable[[], None],
        *,
        durable: bool,  # noqa: ARG002 - it always is
    ) -> None:
        assert isinstance(statements, _Connection)  # noqa: S101 - from begin()
        try:
            statements.check()
            statements.execute("COMMIT")
        except self.errors as error:
            with suppress(psycopg.Error):
                statements.execute("ROLLBACK")
            raise self.translated(error) from error
        finally:
            statements.give_back()
        announce()

    def rollback(self, statements: Statements) -> None:
        assert isinstance(statements, _Connection)  # noqa: S101 - from begin()
        with suppress(psycopg.Error):
            statements.execute("ROLLBACK")
        statements.give_back()

    def one_at_a_time(self, run: Statements | Transaction) -> None:
        run.execute("SELECT pg_advisory_xact_lock(?)", (ONE_AT_A_TIME,))

    def translated(self, error: Exception) -> GasError:
        if isinstance(error, psycopg.errors.DiskFull):
            return full()
        if isinstance(
            error,
            psycopg.errors.DeadlockDetected
            | psycopg.errors.SerializationFailure
            | psycopg.errors.LockNotAvailable,
        ):
            return busy(type(error).__name__)
        return broken(error)

    def make_room(self) -> bool:
        return False  # the server's disk is not ours

    def check_room(self) -> None:
        """The server says so by itself."""

    def close(self) -> None:
        engine, self._engine = self._engine, None
        if engine and self._pid == os.getpid():
            engine.dispose()

    @property
    def engine(self) -> sqlalchemy.Engine:
        """Of this process."""
        if self._engine is not None and self._pid == os.getpid():
            return self._engine
        with self._making:
            if self._engine is not None and self._pid != os.getpid():
                _inherited.append(self._engine)
                self._engine = None
            if self._engine is None:
                self._engine = sqlalchemy.create_engine(
                    self._url,
                    isolation_level="AUTOCOMMIT",  # BEGIN and COMMIT are ours
                    pool_size=2,
                    max_overflow=CONNECTIONS - 2,
                    pool_timeout=WAIT_SECONDS,
                    pool_use_lifo=True,
                    pool_reset_on_return=None,
                )
                self._pid = os.getpid()
            return self._engine

    def _connection(self) -> _Connection:
        try:
            return _Connection(self.engine.raw_connection())
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise self._unpooled(error) from error

    def _unpooled(self, error: sqlalchemy.exc.SQLAlchemyError) -> GasError:
        cause = getattr(error, "orig", None)
        return self.translated(cause) if cause else busy(str(error))


@lru_cache(maxsize=256)
def _marked(sql: str) -> str:
    return sql.replace("?", "%s")
