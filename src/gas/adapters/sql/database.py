"""Transactions, alike on both databases: who writes, what runs after the commit, what joins.

Statements are text with `?` for values, run on the driver's own connection: to build them anew
for each call would cost more than to run them. A piece of work is a function, so that it can be
run again once room was made on a full disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from gas.domain.errors import GasError, StoreFull, Unavailable

Value = str | int | float | None
Row = tuple[Any, ...]
T = TypeVar("T")


class Rows(Protocol):
    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Row | None: ...
    def fetchall(self) -> list[Row]: ...


class Statements(Protocol):
    """Runs SQL on one connection."""

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Rows: ...


@dataclass(slots=True)
class Transaction:
    """A write under way."""

    statements: Statements | None
    """None until something is written: a `together` that only reads holds nobody up."""
    after: list[Callable[[], None]] = field(default_factory=list)
    """To do once others see it, and not otherwise; before it is durable, as far as it goes."""
    durable: bool = True
    """Whether the writer waits until a power cut cannot undo it."""
    broken: GasError | None = None

    def check(self) -> None:
        if self.broken:
            raise self.broken

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Rows:
        assert self.statements is not None  # noqa: S101 - begun before work is done in it
        return self.statements.execute(sql, values)


class Driver(Protocol):
    """One kind of database. Raises only GasErrors and what the work itself raises."""

    skip_locked: str
    """What a SELECT adds to pass over rows that another transaction holds."""
    hold_row: str
    """What a SELECT adds so that nobody else changes the row until this transaction ends. Empty
    where there is never a second writer."""
    lock_group: str
    """Of those who change one group of messages, the others wait until the first has committed.
    Empty where there is never a second writer."""
    lock_messages: str
    """Waits for all who change messages, and keeps others from it. Empty likewise."""
    errors: tuple[type[Exception], ...]

    def migrate(self) -> None:
        """Brings the tables up to date."""

    def read(self, work: Callable[[Statements], T]) -> T: ...
    def begin(self) -> Statements: ...
    def commit(
        self, statements: Statements, announce: Callable[[], None], *, durable: bool
    ) -> None:
        """Durable when it returns, or as soon as a later one is that has to be. `announce` is
        called once others see it. If it raises, the transaction is over."""

    def rollback(self, statements: Statements) -> None: ...
    def one_at_a_time(self, run: Statements | Transaction) -> None:
        """The rest of this transaction happens as if no other had called this meanwhile."""

    def translated(self, error: Exception) -> GasError: ...
    def make_room(self) -> bool:
        """The disk is full: says whether trying once more may help."""

    def check_room(self) -> None:
        """StoreFull if nothing new may be taken in for want of room."""

    def close(self) -> None: ...


class Database:
    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self._thread = threading.local()

    def read(self, work: Callable[[Statements], T]) -> T:
        """Inside `together` it sees what was written there."""
        current = self._current()
        return work(current) if current and current.statements else self.driver.read(work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """All of `work` or nothing; joins the `together` of this thread. `work` may run twice."""
        current = self._current()
        if current:
            return self._join(current, work)
        try:
            return self._commit(work)
        except StoreFull:
            if not self.driver.make_room():
                raise
            return self._commit(work)

    @contextmanager
    def together(self, *, durable: bool = True) -> Iterator[None]:
        if outer := self._current():
            outer.durable |= durable
            yield
            return
        transaction = Transaction(None, durable=durable)
        self._thread.transaction = transaction
        try:
            yield
            transaction.check()
        except BaseException as error:
            self._thread.transaction = None
            if transaction.statements:
                self.driver.rollback(transaction.statements)
            if isinstance(error, StoreFull):
                self.driver.make_room()  # for whoever comes next to remove something
            raise
        self._thread.transaction = None
        try:
            self._finish(transaction)
        except StoreFull:
            self.driver.make_room()  # a full disk may show at the commit only
            raise

    def _current(self) -> Transaction | None:
        return getattr(self._thread, "transaction", None)

    def _commit(self, work: Callable[[Transaction], T]) -> T:
        statements = self.driver.begin()
        transaction = Transaction(statements)
        try:
            result = work(transaction)
        except self.driver.errors as error:
            self.driver.rollback(statements)
            raise self.driver.translated(error) from error
        except BaseException:
            self.driver.rollback(statements)
            raise
        self._finish(transaction)
        return result

    def _finish(self, transaction: Transaction) -> None:
        def announce() -> None:
            for action in transaction.after:
                action()

        if transaction.statements:
            self.driver.commit(transaction.statements, announce, durable=transaction.durable)

    def _join(self, transaction: Transaction, work: Callable[[Transaction], T]) -> T:
        transaction.check()
        transaction.statements = transaction.statements or self.driver.begin()
        try:
            return work(transaction)
        except self.driver.errors as error:
            # The database may have undone it all by now: whoever catches this must not go on.
            transaction.broken = self.driver.translated(error)
            raise transaction.broken from error


def busy(what: str) -> Unavailable:
    return Unavailable("STORE_BUSY", f"The database is busy: {what}.", cure="Try again.")


def full() -> StoreFull:
    return StoreFull(
        "STORE_FULL",
        "There is no room left for the database.",
        cure="Remove files from the disk, or jobs with their results, then try again.",
    )


def broken(error: Exception) -> Unavailable:
    return Unavailable(
        "STORE_UNAVAILABLE",
        # Not what the driver says: that names hosts and roles, and pages show this.
        f"The database does not answer as it should ({type(error).__name__}).",
        cure="See that it runs and that GAS may use it, then try again.",
    )
