"""Webhooks in SQL, with what was announced to each; of what is done with, the newest are kept."""

from __future__ import annotations

from collections.abc import Sequence

from gas.adapters.sql.accounts import require_living
from gas.adapters.sql.database import Database, Row, Transaction, Value
from gas.adapters.sql.moments import maybe_micros, maybe_moment, micros, moment
from gas.domain.webhook import Announcement, AnnouncementState, HookEvent, Webhook

KEPT = 50
"""Announcements of a webhook that are done with."""
COLUMNS = "id, account_id, url, events, created_at, is_on, given_up, failures, not_before, version"
SELECT = f"SELECT {COLUMNS} FROM webhook"  # noqa: S608 - column names, ours
SAID = "id, webhook_id, event, body, created_at, state, tries, status, trouble, tried_at, version"
SELECT_SAID = f"SELECT {SAID} FROM announcement"  # noqa: S608 - the same
MAKE_ROOM = (
    "DELETE FROM announcement WHERE webhook_id = ? AND state <> 'OPEN' AND id NOT IN"
    " (SELECT id FROM announcement WHERE webhook_id = ? ORDER BY created_at DESC, id DESC LIMIT ?)"
)


class SqlWebhooks:
    """Implements `Webhooks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, webhook: Webhook, *, most: int) -> bool:
        count = "SELECT count(*) FROM webhook WHERE account_id = ?"
        insert = f"INSERT INTO webhook ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608

        def work(run: Transaction) -> bool:
            require_living(run, self._database.driver, webhook.account_id)
            row = run.execute(count, (webhook.account_id,)).fetchone()
            if row is None or row[0] >= most:
                return False
            run.execute(insert, _values(webhook))
            return True

        return self._database.write(work)

    def get(self, webhook_id: str) -> Webhook | None:
        rows = self._read(f"{SELECT} WHERE id = ?", webhook_id)
        return _webhook(rows[0]) if rows else None

    def owned_by(self, account_id: str) -> Sequence[Webhook]:
        return [
            _webhook(row)
            for row in self._read(f"{SELECT} WHERE account_id = ? ORDER BY id", account_id)
        ]

    def change(self, webhook: Webhook) -> bool:
        update = (
            "UPDATE webhook SET url = ?, events = ?, is_on = ?, given_up = ?, failures = ?,"
            " not_before = ?, version = ? WHERE id = ? AND version = ?"
        )
        _, _, url, events, _, *rest = _values(webhook)
        values = (url, events, *rest, webhook.id, webhook.version - 1)
        return bool(self._database.write(lambda run: run.execute(update, values).rowcount))

    def remove(self, webhook_id: str) -> None:
        def work(run: Transaction) -> None:
            # In this order: whoever announces something to it meanwhile has locked its row.
            run.execute("DELETE FROM webhook WHERE id = ?", (webhook_id,))
            run.execute("DELETE FROM announcement WHERE webhook_id = ?", (webhook_id,))

        self._database.write(work)

    def remove_all(self, account_id: str) -> int:
        delete = "DELETE FROM webhook WHERE account_id = ? RETURNING id"

        def work(run: Transaction) -> int:
            rows = run.execute(delete, (account_id,)).fetchall()
            for row in rows:
                run.execute("DELETE FROM announcement WHERE webhook_id = ?", row)
            return len(rows)

        return self._database.write(work)

    def announce(self, announcement: Announcement) -> Announcement | None:
        insert = (
            f"INSERT INTO announcement ({SAID}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
            " ON CONFLICT (id) DO NOTHING"
        )
        hook = announcement.webhook_id

        def work(run: Transaction) -> Announcement | None:
            # Locks the webhook's row: it goes before this or after, and takes this along.
            if not run.execute("UPDATE webhook SET id = id WHERE id = ?", (hook,)).rowcount:
                return None
            if run.execute(insert, _said_values(announcement)).rowcount:
                run.execute(MAKE_ROOM, (hook, hook, KEPT))
                return announcement
            row = run.execute(f"{SELECT_SAID} WHERE id = ?", (announcement.id,)).fetchone()
            return _announcement(row) if row else announcement

        return self._database.write(work)

    def announcement(self, announcement_id: str) -> Announcement | None:
        rows = self._read(f"{SELECT_SAID} WHERE id = ?", announcement_id)
        return _announcement(rows[0]) if rows else None

    def announcements(self, webhook_id: str, *, limit: int) -> Sequence[Announcement]:
        select = f"{SELECT_SAID} WHERE webhook_id = ? ORDER BY created_at DESC, id DESC LIMIT ?"
        return [_announcement(row) for row in self._read(select, webhook_id, limit)]

    def change_announcement(self, announcement: Announcement) -> bool:
        update = (
            "UPDATE announcement SET state = ?, tries = ?, status = ?, trouble = ?, tried_at = ?,"
            " version = ? WHERE id = ? AND version = ?"
        )
        values = (*_said_values(announcement)[5:], announcement.id, announcement.version - 1)
        return bool(self._database.write(lambda run: run.execute(update, values).rowcount))

    def _read(self, select: str, *values: Value) -> list[Row]:
        return self._database.read(lambda run: run.execute(select, values).fetchall())


def _values(webhook: Webhook) -> tuple[Value, ...]:
    return (
        webhook.id,
        webhook.account_id,
        webhook.url,
        " ".join(webhook.events),
        micros(webhook.created_at),
        int(webhook.on),
        webhook.given_up,
        webhook.failures,
        maybe_micros(webhook.not_before),
        webhook.version,
    )


def _webhook(row: Row) -> Webhook:
    return Webhook(
        id=row[0],
        account_id=row[1],
        url=row[2],
        events=tuple(HookEvent(name) for name in row[3].split()),
        created_at=moment(row[4]),
        on=bool(row[5]),
        given_up=row[6],
        failures=row[7],
        not_before=maybe_moment(row[8]),
        version=row[9],
    )


def _said_values(said: Announcement) -> tuple[Value, ...]:
    return (
        said.id,
        said.webhook_id,
        said.event.value,
        said.body,
        micros(said.created_at),
        said.state.value,
        said.tries,
        said.status,
        said.trouble,
        maybe_micros(said.tried_at),
        said.version,
    )


def _announcement(row: Row) -> Announcement:
    return Announcement(
        id=row[0],
        webhook_id=row[1],
        event=HookEvent(row[2]),
        body=row[3],
        created_at=moment(row[4]),
        state=AnnouncementState(row[5]),
        tries=row[6],
        status=row[7],
        trouble=row[8],
        tried_at=maybe_moment(row[9]),
        version=row[10],
    )
