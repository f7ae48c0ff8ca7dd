"""Where in a home something of somebody is still to be found."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

METADATA_BYTES = 1 << 20


def traces(home: Path, words: Sequence[str]) -> list[str]:
    """Places that hold one of the words: 'audit.actor', 'files/kept/...'. Every column of every
    table; names of all files and folders, and what is in small ones."""
    found = [*_in_tables(home / "gas.sqlite3", words), *_in_folders(home, words)]
    return sorted(set(found))


def _in_tables(path: Path, words: Sequence[str]) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            rows = connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in rows.description]
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    if any(word in str(value) for word in words):
                        yield f"{table}.{name}"


def _in_folders(home: Path, words: Sequence[str]) -> Iterator[str]:
    for folder in ("files", "outbox", "work", "run"):
        for path in (home / folder).rglob("*"):
            place = str(path.relative_to(home))
            if any(word in place for word in words):
                yield place
            if path.is_file() and path.stat().st_size <= METADATA_BYTES:
                content = path.read_bytes()
                if any(word.encode() in content for word in words):
                    yield f"{place} (inside)"
