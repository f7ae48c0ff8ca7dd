"""Who pays, in SQL. What is never searched is JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gas.adapters.sql.accounts import require_living
from gas.adapters.sql.database import Database, Row, Transaction, Value
from gas.adapters.sql.moments import maybe_micros, maybe_moment, micros, moment
from gas.adapters.sql.schema_billing import payer as table
from gas.domain.billing import Payer, Standing, Subscription

NAMES = tuple(column.name for column in table.columns)
COLUMNS = ", ".join(NAMES)
MARKS = ", ".join("?" for _ in NAMES)
SELECT = f"SELECT {COLUMNS} FROM payer"  # noqa: S608 - column names, ours
CHANGE = (
    f"UPDATE payer SET {', '.join(f'{name} = ?' for name in NAMES[1:])}"  # noqa: S608
    " WHERE account_id = ? AND version = ?"
)


class SqlPayers:
    """Implements `Payers`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, account_id: str) -> Payer | None:
        return self._one(f"{SELECT} WHERE account_id = ?", account_id)

    def of_customer(self, customer_id: str) -> Payer | None:
        return self._one(f"{SELECT} WHERE customer_id = ?", customer_id)

    def _one(self, select: str, value: str) -> Payer | None:
        row = self._database.read(lambda run: run.execute(select, (value,)).fetchone())
        return payer_of(row) if row else None

    def begin(self, payer: Payer) -> Payer:
        insert = f"INSERT INTO payer ({COLUMNS}) VALUES ({MARKS})"  # noqa: S608

        def work(run: Transaction) -> Payer:
            # Of two that begin at once one waits here. Without ON CONFLICT: that would wait for
            # who changes the payer as well, and who does may be about to change the account.
            require_living(run, self._database.driver, payer.account_id)
            row = run.execute(f"{SELECT} WHERE account_id = ?", (payer.account_id,)).fetchone()
            if row is not None:
                return payer_of(row)
            run.execute(insert, values_of(payer))
            return payer

        return self.get(payer.account_id) or self._database.write(work)

    def change(self, payer: Payer) -> bool:
        values = (*values_of(payer)[1:], payer.account_id, payer.version - 1)
        return bool(self._database.write(lambda run: run.execute(CHANGE, values).rowcount))

    def due(self, now: datetime, *, limit: int) -> Sequence[Payer]:
        select = (
            f"{SELECT} WHERE customer_id IS NOT NULL AND check_due_at <= ?"
            " ORDER BY check_due_at LIMIT ?"
        )
        values = (micros(now), limit)
        rows = self._database.read(lambda run: run.execute(select, values).fetchall())
        return [payer_of(row) for row in rows]

    def remove(self, payer: Payer) -> bool:
        delete = "DELETE FROM payer WHERE account_id = ? AND version = ?"
        values = (payer.account_id, payer.version)
        return bool(self._database.write(lambda run: run.execute(delete, values).rowcount))

    def heard(self, event_id: str) -> bool:
        select = "SELECT 1 FROM billing_event WHERE id = ?"
        return bool(self._database.read(lambda run: run.execute(select, (event_id,)).fetchone()))

    def note(self, event_id: str, at: datetime) -> None:
        insert = "INSERT INTO billing_event (id, at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
        self._database.write(lambda run: run.execute(insert, (event_id, micros(at))))

    def expire(self, noted_before: datetime) -> int:
        delete = "DELETE FROM billing_event WHERE at < ?"
        values = (micros(noted_before),)
        return self._database.write(lambda run: run.execute(delete, values).rowcount)


def values_of(payer: Payer) -> tuple[Value, ...]:
    """In the order of COLUMNS."""
    subscription = payer.subscription
    return (
        payer.account_id,
        payer.customer_id or None,
        subscription.id if subscription else "",
        subscription.standing.value if subscription else "",
        maybe_micros(payer.check_due_at),
        payer.version,
        json.dumps(_details(payer), separators=(",", ":")),
    )


def _details(payer: Payer) -> dict[str, object]:
    subscription = payer.subscription
    return {
        "email": payer.email,
        "created_at": micros(payer.created_at),
        "customer_gone": payer.customer_gone,
        "customer_number": payer.customer_number,
        "checkout_number": payer.checkout_number,
        "paid_until": maybe_micros(subscription.paid_until) if subscription else None,
        "ends_at": maybe_micros(subscription.ends_at) if subscription else None,
        "live_count": payer.live_count,
        "overdue_since": maybe_micros(payer.overdue_since),
        "granted": payer.granted,
        "failure_number": payer.failure_number,
        "told_number": payer.told_number,
        "checked_at": maybe_micros(payer.checked_at),
    }


def payer_of(row: Row) -> Payer:
    account_id, customer_id, subscription_id, standing, check_due_at, version, text = row
    details: dict[str, Any] = json.loads(text)
    return Payer(
        account_id=account_id,
        email=details["email"],
        created_at=moment(details["created_at"]),
        customer_id=customer_id or "",
        customer_gone=details["customer_gone"],
        customer_number=details["customer_number"],
        checkout_number=details["checkout_number"],
        subscription=_subscription(subscription_id, standing, details),
        live_count=details["live_count"],
        overdue_since=maybe_moment(details["overdue_since"]),
        granted=details["granted"],
        failure_number=details["failure_number"],
        told_number=details["told_number"],
        checked_at=maybe_moment(details["checked_at"]),
        check_due_at=maybe_moment(check_due_at),
        version=version,
    )


def _subscription(id_: str, standing: str, details: dict[str, Any]) -> Subscription | None:
    if not id_:
        return None
    return Subscription(
        id=id_,
        standing=Standing(standing),
        paid_until=maybe_moment(details["paid_until"]),
        ends_at=maybe_moment(details["ends_at"]),
    )
