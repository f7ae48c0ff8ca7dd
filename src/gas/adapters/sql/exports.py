"""Which exports were asked for, in SQL: one row of an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gas.adapters.sql.accounts import require_living
from gas.adapters.sql.database import Database, Row, Transaction, Value
from gas.adapters.sql.moments import maybe_micros, maybe_moment, micros, moment
from gas.domain.export import Export, ExportState

COLUMNS = "account_id, id, asked_at, with_files, state, size_bytes, finished_at, told_at, version"
SELECT = f"SELECT {COLUMNS} FROM export"  # noqa: S608 - column names, ours
OF_ACCOUNT = f"{SELECT} WHERE account_id = ?"
NAMES = COLUMNS.split(", ")
ASK = (
    f"INSERT INTO export ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
    " ON CONFLICT (account_id) DO UPDATE SET "
    f"{', '.join(f'{name} = excluded.{name}' for name in NAMES[1:])}"
    " WHERE export.state <> 'ASKED'"
)
CHANGE = (
    "UPDATE export SET state = ?, size_bytes = ?, finished_at = ?, told_at = ?, version = ?"
    " WHERE account_id = ? AND id = ? AND version = ?"
)


class SqlExports:
    """Implements `Exports`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, export: Export) -> Export:
        def work(run: Transaction) -> Export:
            require_living(run, self._database.driver, export.account_id)
            run.execute(ASK, _values(export))
            row = run.execute(OF_ACCOUNT, (export.account_id,)).fetchone()
            assert row is not None  # noqa: S101 - written here, or in the way
            return _export(row)

        return self._database.write(work)

    def of_account(self, account_id: str) -> Export | None:
        values = (account_id,)
        row = self._database.read(lambda run: run.execute(OF_ACCOUNT, values).fetchone())
        return _export(row) if row else None

    def change(self, export: Export) -> bool:
        values = (
            export.state.value,
            export.size_bytes,
            maybe_micros(export.finished_at),
            maybe_micros(export.told_at),
            export.version,
            export.account_id,
            export.id,
            export.version - 1,
        )
        return bool(self._database.write(lambda run: run.execute(CHANGE, values).rowcount))

    def remove(self, export: Export) -> None:
        delete = "DELETE FROM export WHERE account_id = ? AND id = ?"
        values = (export.account_id, export.id)
        self._database.write(lambda run: run.execute(delete, values))

    def asked_before(self, moment: datetime, *, limit: int) -> Sequence[Export]:
        select = f"{SELECT} WHERE asked_at < ? ORDER BY asked_at LIMIT ?"
        values = (micros(moment), limit)
        rows = self._database.read(lambda run: run.execute(select, values).fetchall())
        return [_export(row) for row in rows]


def _values(export: Export) -> tuple[Value, ...]:
    return (
        export.account_id,
        export.id,
        micros(export.asked_at),
        int(export.with_files),
        export.state.value,
        export.size_bytes,
        maybe_micros(export.finished_at),
        maybe_micros(export.told_at),
        export.version,
    )


def _export(row: Row) -> Export:
    return Export(
        account_id=row[0],
        id=row[1],
        asked_at=moment(row[2]),
        with_files=bool(row[3]),
        state=ExportState(row[4]),
        size_bytes=row[5],
        finished_at=maybe_moment(row[6]),
        told_at=maybe_moment(row[7]),
        version=row[8],
    )
