"""Brings the tables to the newest migration; safe when several processes start at once.

Alembic is loaded only when there is something to do: the version is compared first.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy

from gas.adapters.sql.schema import HEAD
from gas.domain.errors import Conflict

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x67617301  # any number that is ours alone on the server: 'gas', 1


def migrate(engine: sqlalchemy.Engine) -> None:
    """On SQLite the caller holds the write lock."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
        postgres = connection.dialect.name == "postgresql"
        connection.exec_driver_sql("BEGIN" if postgres else "BEGIN IMMEDIATE")
        try:
            if postgres:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            if _version(connection) != HEAD:
                _upgrade(connection)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")


def _version(connection: sqlalchemy.Connection) -> str | None:
    if not sqlalchemy.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _upgrade(connection: sqlalchemy.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Conflict(
            "STORE_NEWER",
            f"The database is at version {_version(connection)}, which this GAS does not know.",
            cure="Run the newer GAS that wrote it, or restore a backup from before.",
        ) from error
