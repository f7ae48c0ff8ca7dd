"""The audit log, which only grows; exports; accounts that are marked deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ONLY_GROWS = "the audit log only grows"
SQLITE = """
CREATE TRIGGER audit_no_{name} BEFORE {event} ON audit
BEGIN SELECT RAISE(ABORT, '{why}'); END
"""
POSTGRES = f"""
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{ONLY_GROWS}'; END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
"""


def upgrade() -> None:
    op.add_column("account", sa.Column("deleted_at", sa.BigInteger()))
    op.create_index(
        "account_deleted",
        "account",
        ["deleted_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    _make_audit()
    _make_export()


def _make_audit() -> None:
    texts = ("actor", "action", "kind", "thing", "outcome", "detail", "hash")
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("audit_of_actor", "audit", ["actor", "number"], unique=False)
    op.create_index("audit_of_thing", "audit", ["thing", "number"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES)
        op.execute(POSTGRES_TRIGGER)
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(SQLITE.format(name=event.lower(), event=event, why=ONLY_GROWS))


def _make_export() -> None:
    op.create_table(
        "export",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("with_files", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
