"""Accounts in SQL, keyed on issuer and subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gas.adapters.sql.database import Database, Driver, Row, Transaction, Value
from gas.adapters.sql.moments import maybe_micros, maybe_moment, micros, moment
from gas.domain.account import Account, AccountGone, Identity, MailKind, Role, forgotten
from gas.domain.plan import Plan

COLUMNS = (
    "id, issuer, subject, email, name, created_at, role, plan, plan_epoch, version,"
    " institution, time_zone, unwanted_mails, deleted_at, plan_since, settled_epoch, restored_epoch"
)
SELECT = f"SELECT {COLUMNS} FROM account"  # noqa: S608 - column names, ours
EMAIL_HOLDS = "lower(email) LIKE lower(?) ESCAPE '!'"
BY_SUBJECT = f"{SELECT} WHERE issuer = ? AND subject = ?"
UNSETTLED = (
    f"{SELECT} WHERE settled_epoch < plan_epoch AND deleted_at IS NULL"
    " AND (plan_since < ? OR plan_since IS NULL) ORDER BY coalesce(plan_since, 0), id LIMIT ?"
)
LIVING = "SELECT 1 FROM account WHERE id = ? AND deleted_at IS NULL"
MARK = (
    "UPDATE account SET issuer = ?, subject = ?, name = ?, institution = ?,"
    " time_zone = ?, unwanted_mails = ?, role = ?, deleted_at = ?, version = ?"
    " WHERE id = ? AND version = ? AND deleted_at IS NULL"
)


class SqlAccounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, account_id: str) -> Account | None:
        return self._one(f"{SELECT} WHERE id = ? AND deleted_at IS NULL", (account_id,))

    def require_living(self, account_id: str) -> None:
        driver = self._database.driver
        self._database.write(lambda run: require_living(run, driver, account_id))

    def sign_in(self, identity: Identity, new: Account) -> Account:
        def work(run: Transaction) -> Account:
            run.execute(
                f"INSERT INTO account ({COLUMNS})"  # noqa: S608
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?)"
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
                    new.institution,
                    new.time_zone,
                    _unwanted(new),
                    maybe_micros(new.plan_since),
                    new.plan_epoch,  # settled: there is no job yet to which it applies
                    new.restored_epoch,
                ),
            )
            row = run.execute(BY_SUBJECT, (identity.issuer, identity.subject)).fetchone()
            assert row is not None  # noqa: S101 - written here or by another
            return account_of(row)

        return self.by_subject(identity.issuer, identity.subject) or self._database.write(work)

    def by_subject(self, issuer: str, subject: str) -> Account | None:
        return self._one(BY_SUBJECT, (issuer, subject))

    def change(self, account: Account) -> bool:
        update = (
            "UPDATE account SET email = ?, name = ?, role = ?, plan = ?, plan_epoch = ?,"
            " plan_since = ?, settled_epoch = ?, restored_epoch = ?,"
            " institution = ?, time_zone = ?, unwanted_mails = ?, version = ?"
            " WHERE id = ? AND version = ? AND deleted_at IS NULL"
        )
        values = (
            account.email,
            account.name,
            account.role.value,
            account.plan.value,
            account.plan_epoch,
            maybe_micros(account.plan_since),
            account.settled_epoch,
            account.restored_epoch,
            account.institution,
            account.time_zone,
            _unwanted(account),
            account.version,
            account.id,
            account.version - 1,
        )
        return bool(self._database.write(lambda run: run.execute(update, values).rowcount))

    def page(self, *, limit: int, after: str | None = None, email: str = "") -> Sequence[Account]:
        live = f"{SELECT} WHERE id > ? AND deleted_at IS NULL"
        select = f"{live} AND {EMAIL_HOLDS} ORDER BY id LIMIT ?"
        return self._many(select, (after or "", _pattern(email), limit))

    def mark_deleted(self, account: Account, now: datetime) -> Account | None:
        marked = forgotten(account, now)
        values = (
            marked.issuer,
            marked.subject,
            marked.name,
            marked.institution,
            marked.time_zone,
            _unwanted(marked),
            marked.role.value,
            micros(now),
            marked.version,
            account.id,
            account.version,
        )

        def work(run: Transaction) -> Account | None:
            if not run.execute(MARK, values).rowcount:
                return None
            run.execute("DELETE FROM session WHERE account_id = ?", (account.id,))
            links = "DELETE FROM sign_in_link WHERE issuer = ? AND subject = ?"
            run.execute(links, (account.issuer, account.subject))
            return marked

        return self._database.write(work)

    def unsettled(self, *, plan_before: datetime, limit: int) -> Sequence[Account]:
        return self._many(UNSETTLED, (micros(plan_before), limit))

    def marked(self, account_id: str) -> Account | None:
        return self._one(f"{SELECT} WHERE id = ? AND deleted_at IS NOT NULL", (account_id,))

    def marked_before(self, moment: datetime, *, limit: int) -> Sequence[Account]:
        select = f"{SELECT} WHERE deleted_at < ? ORDER BY deleted_at LIMIT ?"
        return self._many(select, (micros(moment), limit))

    def remove(self, account_id: str) -> bool:
        delete = "DELETE FROM account WHERE id = ? AND deleted_at IS NOT NULL"
        return bool(self._database.write(lambda run: run.execute(delete, (account_id,)).rowcount))

    def _one(self, select: str, values: Sequence[Value]) -> Account | None:
        row = self._database.read(lambda run: run.execute(select, values).fetchone())
        return account_of(row) if row else None

    def _many(self, select: str, values: Sequence[Value]) -> Sequence[Account]:
        rows = self._database.read(lambda run: run.execute(select, values).fetchall())
        return [account_of(row) for row in rows]


def require_living(run: Transaction, driver: Driver, account_id: str) -> None:
    """For all that is added for an account. AccountGone if it is marked deleted, or gone. Whoever
    is about to mark it is waited for, and waits for the end of this transaction: what is added here
    is there before the mark, and so is found by those who remove it."""
    if run.execute(LIVING + driver.hold_row, (account_id,)).fetchone() is None:
        raise AccountGone


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
        institution=row[10],
        time_zone=row[11],
        unwanted_mails=frozenset(MailKind(kind) for kind in row[12].split()),
        deleted_at=maybe_moment(row[13]),
        plan_since=maybe_moment(row[14]),
        settled_epoch=row[15],
        restored_epoch=row[16],
    )


def _unwanted(account: Account) -> str:
    return " ".join(sorted(account.unwanted_mails))
