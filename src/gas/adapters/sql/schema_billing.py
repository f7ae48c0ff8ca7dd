"""Tables of who pays. See `schema` for the rules."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint

from gas.adapters.sql.schema import metadata

payer = Table(
    "payer",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("customer_id", String),  # NULL while there is none: any number of those may be
    Column("subscription_id", String, nullable=False),
    Column("standing", String, nullable=False),  # of that subscription; for operators to read
    Column("check_due_at", BigInteger),
    Column("version", Integer, nullable=False),
    Column("details", Text, nullable=False),  # all the rest of `Payer`
    UniqueConstraint("customer_id", name="payer_customer"),
    Index("payer_check", "check_due_at"),
)

billing_event = Table(
    "billing_event",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index("billing_event_at", "at"),
)
