"""The tables. Times are whole microseconds since 1970 UTC; what is never searched is JSON."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

HEAD = "0010"
"""The newest migration. Beside the tables, so that a start at head need not load Alembic."""

metadata = MetaData()

account = Table(
    "account",
    metadata,
    Column("id", String, primary_key=True),
    Column("issuer", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("email", String, nullable=False),
    Column("name", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("role", String, nullable=False),
    Column("plan", String, nullable=False),
    Column("plan_epoch", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("institution", String, nullable=False, server_default=""),
    Column("time_zone", String, nullable=False, server_default=""),
    Column("unwanted_mails", String, nullable=False, server_default=""),  # kinds of them
    Column("deleted_at", BigInteger),
    Column("plan_since", BigInteger),
    Column("settled_epoch", Integer, nullable=False, server_default="1"),
    Column("restored_epoch", Integer, nullable=False, server_default="0"),
    UniqueConstraint("issuer", "subject", name="account_subject"),
)

session = Table(
    "session",
    metadata,
    Column("id", String, primary_key=True),
    Column("account_id", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False, server_default="0"),
    Column("browser", String, nullable=False, server_default=""),
    Column("sealed", Text, nullable=False, server_default=""),  # the authenticator's own
    Column("renew_at", BigInteger),
    Index("session_expiry", "expires_at"),
    Index("session_of_account", "account_id"),
)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("issuer", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("email", String, nullable=False),
    Column("name", String, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("sign_in_link_expiry", "expires_at"),
)

job = Table(
    "job",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner_id", String, nullable=False),
    Column("request_key", String, nullable=False),
    Column("input", Text, nullable=False),
    Column("reference", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("worker", String, nullable=False),
    Column("message_id", String, nullable=False),
    Column("lease_until", BigInteger),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("stage", String, nullable=False),
    Column("fraction", Float(53), nullable=False),
    Column("outcome", Text, nullable=False),  # reason, results, log, counts
    Column("notified_at", BigInteger),
    Column("deleted_at", BigInteger),
    Column("options", String, nullable=False, server_default=""),  # names of those chosen
    Column("results_state", String, nullable=False, server_default="AVAILABLE"),
    Column("results_since", BigInteger),
    Column("check_at", BigInteger),
    Column("results_bytes", BigInteger, nullable=False, server_default="0"),  # of what is archived
    UniqueConstraint("owner_id", "request_key", name="job_request"),
    sqlite_with_rowid=False,
)


def _partial(name: str, *columns: Column[object], where: str) -> Index:
    """An index of the few rows that the sweep or a list asks for."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


_partial("job_of_owner", job.c.owner_id, job.c.id, where="deleted_at IS NULL")
_partial("job_pending", job.c.created_at, job.c.id, where="state = 'PENDING'")
_partial("job_waiting", job.c.owner_id, job.c.created_at, job.c.id, where="state = 'PENDING'")
_partial("job_running", job.c.lease_until, where="state = 'RUNNING'")
_partial(
    "job_unnotified",
    job.c.finished_at,
    where="notified_at IS NULL AND deleted_at IS NULL AND state IN ('COMPLETED', 'FAILED')",
)
_partial("job_deleted", job.c.deleted_at, where="deleted_at IS NOT NULL")
# For the sweep by `check_at`; and totals are counted in it alone, so that a job which completes has
# one index more to be in, and not two. A column of the condition that is not in an index itself
# makes SQLite look at the row.
_partial(
    "job_results",
    job.c.check_at,
    job.c.results_state,
    job.c.results_since,
    job.c.results_bytes,
    job.c.state,
    where="state = 'COMPLETED'",
)
_partial(
    "job_away",
    job.c.owner_id,
    job.c.results_state,
    job.c.deleted_at,
    where="results_state IN ('ARCHIVED', 'RESTORING') AND deleted_at IS NULL",
)
_partial(
    "account_unsettled",
    account.c.plan_since,
    where="settled_epoch < plan_epoch AND deleted_at IS NULL",
)
_partial("account_deleted", account.c.deleted_at, where="deleted_at IS NOT NULL")

job_event = Table(
    "job_event",
    metadata,
    Column("job_id", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),  # that it made
    Column("at", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_with_rowid=False,
)

queue = Table(
    "queue",
    metadata,
    Column("name", String, primary_key=True),
    Column("delay_seconds", Float(53), nullable=False),
    Column("visibility_seconds", Float(53), nullable=False),
    Column("max_receives", Integer, nullable=False),
    Column("configured", String, nullable=False),  # names of what an operator has set
    Column("group_limit", Integer, nullable=False, server_default="0"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("topic", String, primary_key=True),
    Column("queue", String, primary_key=True),
    sqlite_with_rowid=False,
)

message = Table(
    "message",
    metadata,
    Column("id", String, primary_key=True),  # first, as it grows: new ones go to the end
    Column("queue", String, primary_key=True),
    Column("body", Text, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("visible_at", BigInteger, nullable=False),
    Column("receive_count", Integer, nullable=False),
    Column("token", String, nullable=False),  # of the receipt under which it is held, or empty
    Column("holder", String, nullable=False),
    Column("abandoned", Integer, nullable=False),
    Column("group_id", String, nullable=False, server_default=""),
    Column("turn", BigInteger, nullable=False, server_default="0"),
    Column("place", Integer, nullable=False, server_default="0"),  # see queue_statements
    Column(
        "parked", Integer, nullable=False, server_default="0"
    ),  # alone, as `place` changes often
    Index("message_turn", "queue", "place", "turn", "id"),
    Index("message_group", "queue", "group_id", "parked", "turn"),
    sqlite_with_rowid=False,
)

_partial("message_due", message.c.queue, message.c.visible_at, where="place = 0")
_partial("message_held", message.c.queue, message.c.turn, where="holder <> ''")

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("queue", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("body", Text, nullable=False),
    Column("receive_count", Integer, nullable=False),
    Column("died_at", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("group_id", String, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("thing", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("hash", String, nullable=False),
    Index("audit_of_actor", "actor", "number"),
    Index("audit_of_thing", "thing", "number"),
)

export = Table(
    "export",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("with_files", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("told_at", BigInteger),
    Column("version", Integer, nullable=False),
)

webhook = Table(
    "webhook",
    metadata,
    Column("id", String, primary_key=True),
    Column("account_id", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("is_on", Integer, nullable=False),
    Column("given_up", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("not_before", BigInteger),
    Column("version", Integer, nullable=False),
    Index("webhook_of_account", "account_id", "id"),
)

announcement = Table(
    "announcement",
    metadata,
    Column("id", String, primary_key=True),
    Column("webhook_id", String, nullable=False),
    Column("event", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("trouble", String, nullable=False),
    Column("tried_at", BigInteger),
    Column("version", Integer, nullable=False),
    Index("announcement_of_webhook", "webhook_id", "created_at"),
)
