"""The life of results: their state and its time, and how far a change of plan has been applied."""

from __future__ import annotations

import json
import time

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ARCHIVED_KINDS = ("annotated", "variants", "transcripts")
PAGE = 1000
NEXT = sa.text(
    "SELECT id, outcome FROM job WHERE id > :after AND outcome <> '' ORDER BY id LIMIT :page"
)
CARRY_OVER = sa.text(
    "UPDATE job SET outcome = :outcome, results_state = :results_state,"
    " results_bytes = :results_bytes WHERE id = :id"
)


def upgrade() -> None:
    _add_columns()
    _carry_over()
    op.execute(
        "UPDATE job SET results_since = finished_at, check_at = finished_at"
        " WHERE state = 'COMPLETED'"
    )
    # Everybody has the whole of the grace period from now on: until now there was none.
    op.get_bind().execute(
        sa.text("UPDATE account SET settled_epoch = plan_epoch, plan_since = :now"),
        {"now": time.time_ns() // 1000},
    )
    _partial(
        "job_results",
        "job",
        ["check_at", "results_state", "results_since", "results_bytes", "state"],
        "state = 'COMPLETED'",
    )
    _partial(
        "job_away",
        "job",
        ["owner_id", "results_state", "deleted_at"],
        "results_state IN ('ARCHIVED', 'RESTORING') AND deleted_at IS NULL",
    )
    _partial(
        "account_unsettled",
        "account",
        ["plan_since"],
        "settled_epoch < plan_epoch AND deleted_at IS NULL",
    )


def _add_columns() -> None:
    state = sa.Column("results_state", sa.String(), nullable=False, server_default="AVAILABLE")
    op.add_column("job", state)
    op.add_column("job", sa.Column("results_since", sa.BigInteger()))
    op.add_column("job", sa.Column("check_at", sa.BigInteger()))
    size = sa.Column("results_bytes", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("job", size)
    op.add_column("account", sa.Column("plan_since", sa.BigInteger()))
    for name, begins in (("settled_epoch", "1"), ("restored_epoch", "0")):
        column = sa.Column(name, sa.Integer(), nullable=False, server_default=begins)
        op.add_column("account", column)


def _carry_over() -> None:
    """What was in the JSON. A page at a time: there may be more jobs than memory."""
    after = ""
    while page := op.get_bind().execute(NEXT, {"after": after, "page": PAGE}).fetchall():
        op.get_bind().execute(CARRY_OVER, [_carried(*row) for row in page])
        after = page[-1][0]


def _carried(job_id: str, outcome: str) -> dict[str, str | int]:
    fields = json.loads(outcome)
    return {
        "id": job_id,
        "results_state": fields.pop("results_state"),
        "results_bytes": sum(
            size for kind, _, _, size, _ in fields["results"] if kind in ARCHIVED_KINDS
        ),
        "outcome": json.dumps(fields, separators=(",", ":")),
    }


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
