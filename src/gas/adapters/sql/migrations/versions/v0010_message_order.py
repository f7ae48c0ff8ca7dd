"""Messages lie in the order of their ids: what is new goes to the end of the table, whatever its
queue. Under the name of its queue each went into the midst of others, and moved them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

COLUMNS = (
    "id, queue, body, published_at, visible_at, receive_count, token, holder, abandoned, group_id,"
    " turn, place, parked"
)
INDEXES = {
    "message_turn": ["queue", "place", "turn", "id"],
    "message_group": ["queue", "group_id", "parked", "turn"],
}
PARTIAL = {
    "message_due": (["queue", "visible_at"], "place = 0"),
    "message_held": (["queue", "turn"], "holder <> ''"),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("message_pkey", "message", type_="primary")
        op.create_primary_key("message_pkey", "message", ["id", "queue"])
        return
    for name in (*INDEXES, *PARTIAL):
        op.drop_index(name, "message")
    op.rename_table("message", "message_of_before")
    _create()
    op.execute(
        f"INSERT INTO message ({COLUMNS}) SELECT {COLUMNS} FROM message_of_before"  # noqa: S608
        " ORDER BY id, queue"
    )
    op.drop_table("message_of_before")
    for name, columns in INDEXES.items():
        op.create_index(name, "message", columns)
    for name, (columns, where) in PARTIAL.items():
        op.create_index(name, "message", columns, sqlite_where=sa.text(where))


def _create() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("visible_at", sa.BigInteger(), nullable=False),
        sa.Column("receive_count", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False, server_default=""),
        sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("place", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("parked", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", "queue"),
        sqlite_with_rowid=False,
    )
