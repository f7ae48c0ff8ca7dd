"""Turns of messages, so that no group of them pushes others out, and how many of one may run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "queue", sa.Column("group_limit", sa.Integer(), nullable=False, server_default="0")
    )
    # Messages that are there: one group, in the order of their ids, hidden until they are due.
    op.add_column("message", sa.Column("group_id", sa.String(), nullable=False, server_default=""))
    op.add_column("message", sa.Column("parked", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("message", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("message", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "dead_letter", sa.Column("group_id", sa.String(), nullable=False, server_default="")
    )
    for name in ("message_due", "message_held"):
        op.drop_index(name, "message")
    _partial("message_due", ["queue", "visible_at"], "place = 0")
    _partial("message_held", ["queue", "turn"], "holder <> ''")
    op.create_index("message_turn", "message", ["queue", "place", "turn", "id"])
    op.create_index("message_group", "message", ["queue", "group_id", "parked", "turn"])
    op.create_index(
        "job_waiting",
        "job",
        ["owner_id", "created_at", "id"],
        sqlite_where=sa.text("state = 'PENDING'"),
        postgresql_where=sa.text("state = 'PENDING'"),
    )


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "message",
        columns,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
