"""Sessions and one-time sign-in links in SQL, both known by a hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gas.adapters.sql.accounts import COLUMNS, account_of, require_living
from gas.adapters.sql.database import Database, Row, Transaction
from gas.adapters.sql.moments import maybe_micros, maybe_moment, micros, moment
from gas.domain.account import Identity, Session, SignedIn

FIELDS = "id, account_id, created_at, expires_at, seen_at, browser, sealed, renew_at"
OF_ACCOUNT = (
    f"SELECT {FIELDS} FROM session WHERE account_id = ? AND expires_at > ?"  # noqa: S608
    " ORDER BY seen_at DESC, id"
)


def _named(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{name.strip()}" for name in columns.split(","))


LIVE = (
    f"SELECT {_named('s', FIELDS)}, {_named('a', COLUMNS)}"  # noqa: S608 - column names, ours
    " FROM session s JOIN account a ON a.id = s.account_id WHERE s.id = ? AND s.expires_at > ?"
    " AND a.deleted_at IS NULL"
)


class SqlSessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: Session) -> None:
        insert = f"INSERT INTO session ({FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        values = (
            session.id,
            session.account_id,
            micros(session.created_at),
            micros(session.expires_at),
            micros(session.seen_at),
            session.browser,
            session.sealed,
            maybe_micros(session.renew_at),
        )

        def work(run: Transaction) -> None:
            require_living(run, self._database.driver, session.account_id)
            run.execute(insert, values)

        self._database.write(work)

    def live(self, session_id: str, now: datetime) -> SignedIn | None:
        values = (session_id, micros(now))
        row = self._database.read(lambda run: run.execute(LIVE, values).fetchone())
        return SignedIn(account_of(row[8:]), _session_of(row)) if row else None

    def of(self, account_id: str, now: datetime) -> Sequence[Session]:
        values = (account_id, micros(now))
        rows = self._database.read(lambda run: run.execute(OF_ACCOUNT, values).fetchall())
        return [_session_of(row) for row in rows]

    def seen(self, session_id: str, at: datetime, expires_at: datetime) -> None:
        update = "UPDATE session SET seen_at = ?, expires_at = ? WHERE id = ? AND seen_at < ?"
        values = (micros(at), micros(expires_at), session_id, micros(at))
        self._database.write(lambda run: run.execute(update, values))

    def renew(
        self, session_id: str, *, before: datetime, after: datetime | None, sealed: str
    ) -> bool:
        update = "UPDATE session SET renew_at = ?, sealed = ? WHERE id = ? AND renew_at = ?"
        values = (maybe_micros(after), sealed, session_id, micros(before))
        return bool(self._database.write(lambda run: run.execute(update, values).rowcount))

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


def _session_of(row: Row) -> Session:
    return Session(
        id=row[0],
        account_id=row[1],
        created_at=moment(row[2]),
        expires_at=moment(row[3]),
        seen_at=moment(row[4]),
        browser=row[5],
        sealed=row[6],
        renew_at=maybe_moment(row[7]),
    )


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
