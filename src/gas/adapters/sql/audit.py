"""The audit log in SQL: one chain. Triggers of the database refuse every change of it.

Entries are appended one after the other: on SQLite there is one writer anyway; on PostgreSQL an
advisory lock that the commit gives back. See docs/decisions/0017-audit.md for what that costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gas.adapters.sql.database import Database, Row, Statements, Transaction, Value
from gas.adapters.sql.moments import micros, moment
from gas.domain.audit import BEGINNING, AuditEntry, AuditOutcome, Deed, Verdict, chained
from gas.ports.audit import EVERYTHING, AuditFilter
from gas.ports.clock import Clock

COLUMNS = "number, at, actor, action, kind, thing, outcome, detail, hash"
SELECT = f"SELECT {COLUMNS} FROM audit"  # noqa: S608 - column names, ours
INSERT = f"INSERT INTO audit ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
LAST = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"
NEXT = f"{SELECT} WHERE number > ? ORDER BY number LIMIT ?"
BATCH = 1000


class SqlAudit:
    """Implements `Audit`."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, told: Deed) -> AuditEntry:
        at = moment(micros(self._clock()))

        def work(run: Transaction) -> AuditEntry:
            self._database.driver.one_at_a_time(run)
            row = run.execute(LAST).fetchone() or (0, BEGINNING)
            number = int(row[0]) + 1
            entry = AuditEntry(number, at, told, chained(row[1], number, at, told))
            run.execute(INSERT, _values(entry))
            return entry

        return self._database.write(work)

    def page(
        self, wanted: AuditFilter = EVERYTHING, *, limit: int, before: int | None = None
    ) -> Sequence[AuditEntry]:
        conditions, values = _conditions(wanted, before)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        select = f"{SELECT}{where} ORDER BY number DESC LIMIT ?"
        rows = self._database.read(lambda run: run.execute(select, [*values, limit]).fetchall())
        return [_entry(row) for row in rows]

    def verify(self) -> Verdict:
        last = BEGINNING
        number = 0
        for entry in self._all():
            fits = chained(last, number + 1, entry.at, entry.deed) == entry.hash
            if entry.number != number + 1 or not fits:
                return Verdict(number, last, number + 1)
            number, last = entry.number, entry.hash
        return Verdict(number, last, None)

    def _all(self) -> Iterator[AuditEntry]:
        number = 0
        while rows := self._after(number):
            yield from map(_entry, rows)
            number = rows[-1][0]

    def _after(self, number: int) -> list[Row]:
        def work(run: Statements) -> list[Row]:
            return run.execute(NEXT, (number, BATCH)).fetchall()

        return self._database.read(work)


def _conditions(wanted: AuditFilter, before: int | None) -> tuple[list[str], list[Value]]:
    conditions: list[str] = []
    values: list[Value] = []

    def require(condition: str, *given: Value) -> None:
        conditions.append(condition)
        values.extend(given)

    if wanted.account_id:
        require("(actor = ? OR thing = ?)", wanted.account_id, wanted.account_id)
    if wanted.action.endswith("."):
        require("substr(action, 1, ?) = ?", len(wanted.action), wanted.action)
    elif wanted.action:
        require("action = ?", wanted.action)
    if wanted.kind:
        require("kind = ?", wanted.kind)
    if wanted.thing:
        require("thing = ?", wanted.thing)
    if wanted.since:
        require("at >= ?", micros(wanted.since))
    if before is not None:
        require("number < ?", before)
    return conditions, values


def _values(entry: AuditEntry) -> tuple[Value, ...]:
    told = entry.deed
    words = (told.actor, told.action, told.kind, told.thing, told.outcome.value, told.detail)
    return (entry.number, micros(entry.at), *words, entry.hash)


def _entry(row: Row) -> AuditEntry:
    number, at, actor, action, kind, thing, outcome, detail, digest = row
    told = Deed(actor, action, kind, thing, AuditOutcome(outcome), detail)
    return AuditEntry(number, moment(at), told, digest)
