"""What people say of themselves; which browser a session is, and what its authenticator gave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name in ("institution", "time_zone", "unwanted_mails"):
        op.add_column("account", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for column in (
        sa.Column("seen_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("browser", sa.String(), nullable=False, server_default=""),
        sa.Column("sealed", sa.Text(), nullable=False, server_default=""),
        sa.Column("renew_at", sa.BigInteger()),
    ):
        op.add_column("session", column)
    op.execute("UPDATE session SET seen_at = created_at")
    op.create_index("session_of_account", "session", ["account_id"])
