"""API tokens in SQL, known by a hash; and the keys under which programs asked for jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gas.adapters.sql.accounts import COLUMNS as ACCOUNT_COLUMNS
from gas.adapters.sql.accounts import account_of, require_living
from gas.adapters.sql.database import Database, Row, Transaction
from gas.adapters.sql.moments import maybe_micros, maybe_moment, micros, moment
from gas.domain.account import Account
from gas.domain.tokens import ApiToken, Scope

FIELDS = "id, account_id, name, scopes, created_at, expires_at, last_used_at"
WIDTH = len(FIELDS.split(","))
INSERT = (
    f"INSERT INTO api_token ({FIELDS}, token_hash)"  # noqa: S608 - column names, ours
    f" VALUES ({', '.join('?' * (WIDTH + 1))})"
)


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{name.strip()}" for name in columns.split(","))


FOUND = (
    f"SELECT {_of('t', FIELDS)}, {_of('a', ACCOUNT_COLUMNS)}"  # noqa: S608
    " FROM api_token t JOIN account a ON a.id = t.account_id"
    " WHERE t.token_hash = ? AND t.expires_at > ? AND a.deleted_at IS NULL"
)


class SqlApiTokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: ApiToken, token_hash: str, *, most: int) -> bool:
        count = "SELECT count(*) FROM api_token WHERE account_id = ?"

        def work(run: Transaction) -> bool:
            # Of two that count at once one waits for the other.
            require_living(run, self._database.driver, token.account_id)
            row = run.execute(count, (token.account_id,)).fetchone()
            if row is None or row[0] >= most:
                return False
            run.execute(INSERT, (*_values(token), token_hash))
            return True

        return self._database.write(work)

    def found(self, token_hash: str, now: datetime) -> tuple[Account, ApiToken] | None:
        values = (token_hash, micros(now))
        row = self._database.read(lambda run: run.execute(FOUND, values).fetchone())
        return (account_of(row[WIDTH:]), _token_of(row)) if row else None

    def of_account(self, account_id: str) -> Sequence[ApiToken]:
        select = f"SELECT {FIELDS} FROM api_token WHERE account_id = ? ORDER BY id DESC"  # noqa: S608
        rows = self._database.read(lambda run: run.execute(select, (account_id,)).fetchall())
        return [_token_of(row) for row in rows]

    def remove(self, account_id: str, token_id: str) -> bool:
        delete = "DELETE FROM api_token WHERE id = ? AND account_id = ?"
        values = (token_id, account_id)
        return bool(self._database.write(lambda run: run.execute(delete, values).rowcount))

    def remove_all(self, account_id: str) -> int:
        delete = "DELETE FROM api_token WHERE account_id = ?"
        return self._database.write(lambda run: run.execute(delete, (account_id,)).rowcount)

    def note_use(self, token_id: str, now: datetime) -> None:
        update = "UPDATE api_token SET last_used_at = ? WHERE id = ?"
        values = (micros(now), token_id)
        self._database.write(lambda run: run.execute(update, values))

    def expire(self, ended_before: datetime) -> int:
        delete = "DELETE FROM api_token WHERE expires_at <= ?"
        values = (micros(ended_before),)
        return self._database.write(lambda run: run.execute(delete, values).rowcount)


class SqlRequestKeys:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, account_id: str, key_hash: str, upload_id: str, now: datetime) -> str:
        insert = (
            "INSERT INTO request_key (account_id, key_hash, upload_id, made_at)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (account_id, key_hash) DO NOTHING"
        )
        select = "SELECT upload_id FROM request_key WHERE account_id = ? AND key_hash = ?"

        def work(run: Transaction) -> str:
            require_living(run, self._database.driver, account_id)
            run.execute(insert, (account_id, key_hash, upload_id, micros(now)))
            row = run.execute(select, (account_id, key_hash)).fetchone()
            assert row is not None  # noqa: S101 - written here or by another
            return str(row[0])

        return self._database.write(work)

    def replace(self, account_id: str, key_hash: str, old: str, new: str) -> bool:
        update = (
            "UPDATE request_key SET upload_id = ?"
            " WHERE account_id = ? AND key_hash = ? AND upload_id = ?"
        )
        values = (new, account_id, key_hash, old)
        return bool(self._database.write(lambda run: run.execute(update, values).rowcount))

    def remove_all(self, account_id: str) -> int:
        delete = "DELETE FROM request_key WHERE account_id = ?"
        return self._database.write(lambda run: run.execute(delete, (account_id,)).rowcount)

    def expire(self, made_before: datetime) -> int:
        delete = "DELETE FROM request_key WHERE made_at <= ?"
        values = (micros(made_before),)
        return self._database.write(lambda run: run.execute(delete, values).rowcount)


def _values(token: ApiToken) -> tuple[str | int | None, ...]:
    """In the order of FIELDS."""
    return (
        token.id,
        token.account_id,
        token.name,
        " ".join(sorted(token.scopes)),
        micros(token.created_at),
        micros(token.expires_at),
        maybe_micros(token.last_used_at),
    )


def _token_of(row: Row) -> ApiToken:
    return ApiToken(
        id=row[0],
        account_id=row[1],
        name=row[2],
        scopes=frozenset(Scope(name) for name in row[3].split()),
        created_at=moment(row[4]),
        expires_at=moment(row[5]),
        last_used_at=maybe_moment(row[6]),
    )
