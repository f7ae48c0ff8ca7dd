"""Sessions and one-time sign-in links in SQL, both known by a hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gas.adapters.sql.accounts import COLUMNS, account_of
from gas.adapters.sql.database import Database, Transaction
from gas.adapters.sql.moments import micros, moment
from gas.domain.account import Account, Identity, Session

ACCOUNT = (
    f"SELECT {', '.join(f'a.{name.strip()}' for name in COLUMNS.split(','))}"  # noqa: S608
    " FROM session s JOIN account a ON a.id = s.account_id WHERE s.id = ? AND s.expires_at > ?"
    " AND a.deleted_at IS NULL"
)


class SqlSessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: Session) -> None:
        insert = "INSERT INTO session (id, account_id, created_at, expires_at) VALUES (?, ?, ?, ?)"
        values = (
            session.id,
            session.account_id,
            micros(session.created_at),
            micros(session.expires_at),
        )
        self._database.write(lambda run: run.execute(insert, values))

    def account(self, session_id: str, now: datetime) -> Account | None:
        values = (session_id, micros(now))
        row = self._database.read(lambda run: run.execute(ACCOUNT, values).fetchone())
        return account_of(row) if row else None

    def of(self, account_id: str, now: datetime) -> Sequence[Session]:
        select = (
            "SELECT id, account_id, created_at, expires_at FROM session"
            " WHERE account_id = ? AND expires_at > ? ORDER BY created_at"
        )
        values = (account_id, micros(now))
        rows = self._database.read(lambda run: run.execute(select, values).fetchall())
        return [Session(row[0], row[1], moment(row[2]), moment(row[3])) for row in rows]

    def remove_of(self, account_id: str) -> None:
        delete = "DELETE FROM session WHERE account_id = ?"
        self._database.write(lambda run: run.execute(delete, (account_id,)))

    def remove(self, session_id: str) -> None:
        delete = "DELETE FROM session WHERE id = ?"
        self._database.write(lambda run: run.execute(delete, (session_id,)))

    def expire(self, now: datetime) -> int:
        def work(run: Transaction) -> int:
            values = (micros(now),)
            sessions = run.execute("DELETE FROM session WHERE expires_at <= ?", values).rowcount
            links = run.execute("DELETE FROM sign_in_link WHERE expires_at <= ?", values).rowcount
            return sessions + links

        return self._database.write(work)


class SqlSignInLinks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token_hash: str, identity: Identity, expires_at: datetime) -> None:
        insert = (
            "INSERT INTO sign_in_link (token_hash, issuer, subject, email, name, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?)"
        )
        values = (
            token_hash,
            identity.issuer,
            identity.subject,
            identity.email,
            identity.name,
            micros(expires_at),
        )
        self._database.write(lambda run: run.execute(insert, values))

    def take(self, token_hash: str, now: datetime) -> Identity | None:
        delete = (
            "DELETE FROM sign_in_link WHERE token_hash = ? AND expires_at > ?"
            " RETURNING issuer, subject, email, name"
        )
        values = (token_hash, micros(now))
        row = self._database.write(lambda run: run.execute(delete, values).fetchone())
        return Identity(*row) if row else None
