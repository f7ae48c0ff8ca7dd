"""Backend `sql`: what must be exact, in one database: SQLite in the home folder, or PostgreSQL.

Offers the store: jobs, accounts, sessions, sign-in links and queues. Every change of a job is a
compare-and-set, and what happens `together` is one transaction. Opening it brings the tables up
to date. A store may be used by many threads, and by a child after a fork; the child opens its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gas.ports.backend import Context, Manifest, Store

__all__ = ["MANIFEST", "SqlSettings"]


@dataclass(frozen=True, slots=True)
class SqlSettings:
    url: str = field(default="", repr=False)
    """`sqlite:////path/to/gas.sqlite3` or `postgresql://user@host/name`; in the home if empty."""


def _store(context: Context[SqlSettings]) -> Store:
    from gas.adapters.sql.store import open_store

    url = context.own.url or f"sqlite:///{context.home / 'gas.sqlite3'}"
    store = open_store(url, run_path=context.run_path, clock=context.clock)
    context.closing.callback(store.close)
    return store


MANIFEST = Manifest(
    name="sql",
    settings=SqlSettings,
    prefix="database",  # GAS_DATABASE_URL, as everybody calls it
    extra="postgres",
    preload=("gas.adapters.sql.migrate", "gas.adapters.sql.store"),
    store=_store,
)
