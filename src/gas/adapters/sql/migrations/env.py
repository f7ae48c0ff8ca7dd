"""How Alembic runs the migrations: on the connection, and in the transaction, it is given."""

from __future__ import annotations

from alembic import context

from gas.adapters.sql.schema_api import metadata  # with the tables of both modules

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
