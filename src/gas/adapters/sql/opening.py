"""From a URL to a driver whose tables are up to date."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy

from gas.adapters.sql.database import Driver
from gas.adapters.sql.sqlite import SqliteDriver
from gas.domain.errors import InputError


def open_driver(url: str, *, run_path: Path) -> Driver:
    try:
        parsed = sqlalchemy.make_url(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise _bad_url() from error
    kind = parsed.get_backend_name()
    if kind == "sqlite" and parsed.database not in (None, "", ":memory:"):
        driver: Driver = SqliteDriver(Path(str(parsed.database)), run_path=run_path)
    elif kind in ("postgresql", "postgres"):
        from gas.adapters.sql.postgres import PostgresDriver  # the extra may not be installed

        driver = PostgresDriver(url)
    else:
        raise _bad_url()
    try:
        driver.migrate()
    except BaseException:
        driver.close()
        raise
    return driver


def _bad_url() -> InputError:
    return InputError(
        "STORE_URL",
        "The address of the database is not one that GAS knows.",
        cure="Give sqlite:////path/to/gas.sqlite3 or postgresql://user@host/name.",
    )
