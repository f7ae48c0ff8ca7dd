"""Accounts in SQL, keyed on issuer and subject."""

from __future__ import annotations

from collections.abc import Sequence

from gas.adapters.sql.database import Database, Row, Transaction
from gas.adapters.sql.moments import micros, moment
from gas.domain.account import Account, Identity, Role
from gas.domain.plan import Plan

COLUMNS = "id, issuer, subject, email, name, created_at, role, plan, plan_epoch, version"
SELECT = f"SELECT {COLUMNS} FROM account"  # noqa: S608 - column names, ours
EMAIL_HOLDS = "lower(email) LIKE lower(?) ESCAPE '!'"
BY_SUBJECT = f"{SELECT} WHERE issuer = ? AND subject = ?"


class SqlAccounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, account_id: str) -> Account | None:
        select = f"{SELECT} WHERE id = ?"
        row = self._database.read(lambda run: run.execute(select, (account_id,)).fetchone())
        return account_of(row) if row else None

    def sign_in(self, identity: Identity, new: Account) -> Account:
        def work(run: Transaction) -> Account:
            run.execute(
                f"INSERT INTO account ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
                " ON CONFLICT (issuer, subject) DO NOTHING",
                (
                    new.id,
                    identity.issuer,
                    identity.subject,
                    new.email,
                    new.name,
                    micros(new.created_at),
                    new.role.value,
                    new.plan.value,
                    new.plan_epoch,
                    new.version,
                ),
            )
            row = run.execute(BY_SUBJECT, (identity.issuer, identity.subject)).fetchone()
            assert row is not None  # noqa: S101 - written here or by another
            return account_of(row)

        return self.by_subject(identity.issuer, identity.subject) or self._database.write(work)

    def by_subject(self, issuer: str, subject: str) -> Account | None:
        values = (issuer, subject)
        row = self._database.read(lambda run: run.execute(BY_SUBJECT, values).fetchone())
        return account_of(row) if row else None

    def change(self, account: Account) -> bool:
        update = (
            "UPDATE account SET email = ?, name = ?, role = ?, plan = ?, plan_epoch = ?,"
            " version = ? WHERE id = ? AND version = ?"
        )
        values = (
            account.email,
            account.name,
            account.role.value,
            account.plan.value,
            account.plan_epoch,
            account.version,
            account.id,
            account.version - 1,
        )
        return bool(self._database.write(lambda run: run.execute(update, values).rowcount))

    def page(self, *, limit: int, after: str | None = None, email: str = "") -> Sequence[Account]:
        select = f"{SELECT} WHERE id > ? AND {EMAIL_HOLDS} ORDER BY id LIMIT ?"
        values = (after or "", _pattern(email), limit)
        rows = self._database.read(lambda run: run.execute(select, values).fetchall())
        return [account_of(row) for row in rows]


def _pattern(email: str) -> str:
    for wild in "!%_":
        email = email.replace(wild, f"!{wild}")
    return f"%{email}%"


def account_of(row: Row) -> Account:
    return Account(
        id=row[0],
        issuer=row[1],
        subject=row[2],
        email=row[3],
        name=row[4],
        created_at=moment(row[5]),
        role=Role(row[6]),
        plan=Plan(row[7]),
        plan_epoch=row[8],
        version=row[9],
    )
