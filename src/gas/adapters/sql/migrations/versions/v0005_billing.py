"""Who pays, and which events of the billing vendor were noted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "payer",
        sa.Column("account_id", sa.String(), primary_key=True),
        sa.Column("customer_id", sa.String()),
        sa.Column("subscription_id", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("check_due_at", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.UniqueConstraint("customer_id", name="payer_customer"),
    )
    op.create_index("payer_check", "payer", ["check_due_at"])
    op.create_table(
        "billing_event",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("billing_event_at", "billing_event", ["at"])
