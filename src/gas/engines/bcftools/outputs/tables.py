"""The tables: `<stem>.variants.parquet` and `<stem>.transcripts.parquet`, by DuckDB.

Runs as a stage beside the one that delivers, and reads what that one feeds through named pipes.
Two threads, one for each table, each with a DuckDB of its own: so neither waits for the other,
and one thread in each makes the same bytes of the same lines every time (the row groups too).
Rows stream through; memory does not grow with the file.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gas.engines.bcftools.outputs.fed import Fed, read_fed
from gas.engines.bcftools.outputs.plan import (
    MANE,
    MANE_PICK,
    PICK,
    PICK_PICK,
    TEXT,
    TYPED_CSQ,
    Plan,
    read_plan,
)

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "256MB"
"""Of one DuckDB. What is larger would go to the run's folder; nothing here is."""
ROW_GROUP_ROWS = 61_440
"""Read whole, so small enough for a page; many enough to keep the file's footer short at 5 M."""
DICTIONARY_VALUES = 1000
"""Columns of a transcript or gene have fewer in a row group, and get a bloom filter with it; those
of HGVS have more, and to try a dictionary on them costs a tenth of the time."""
TAB, BAR = "\t", "|"
LINE_BYTES, BUFFER_BYTES = 2**20, 2**22
GLOB = re.compile(r"([*?\[])")
ARENA_MAX, ARENAS = -8, 2
"""M_ARENA_MAX of glibc's malloc.h, and one for each table."""
TOLD = ("out of memory", "no space left", "disk quota exceeded", "cannot allocate")
"""What DuckDB may say that the engine looks for."""
ESCAPES = {
    "%3A": ":",
    "%3B": ";",
    "%3D": "=",
    "%2C": ",",
    "%0D": " ",
    "%0A": " ",
    "%09": " ",
    "%25": "%",
}
"""As VCF 4.3 writes what would break a line; '%25' is the last, so that it makes no other one."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the summary is made from."""

    records: int
    fed: Fed
    plan: Plan


class FeedBroken(Exception):
    """The feed ended before its last record: whoever fed is to blame."""

    def __init__(self) -> None:
        super().__init__("broken pipe: the records ended too early")


class TablesFailed(Exception):
    """DuckDB gave up. It quotes lines of the file, which nobody has to see."""


def make_tables(folder: Path, *, variants_path: Path, transcripts_path: Path) -> Made:
    """`folder`: where `lay_pipes` was, for temporary files too. Blocks until the feed ends;
    FeedBroken if it ended too early. To be called in a process of its own, which has to end when
    this raises: of two threads one may wait for ever then."""
    _use_few_arenas()
    import duckdb  # noqa: F401 (loaded here, while the feed still gets ready)

    plan = read_plan(folder / "plan")
    if plan is None:
        raise FeedBroken
    pool = ThreadPoolExecutor(2)
    variants = pool.submit(_copy, folder / "variants", partial(_variants_sql, plan), variants_path)
    transcripts = pool.submit(
        _copy, folder / "transcripts", partial(_transcripts_sql, plan), transcripts_path
    )
    for done in as_completed((variants, transcripts)):
        done.result()
    pool.shutdown()
    records = variants.result()
    fed = read_fed(folder)
    if fed is None or fed.records != records:
        raise FeedBroken
    return Made(records, fed, plan)


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """In memory, with one thread, bounded, and without a look at the net or the home folder."""
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(folder / "duckdb"),
            "max_temp_directory_size": "4GB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )


def _use_few_arenas() -> None:
    """DuckDB starts threads that hardly do a thing, and the C library keeps 64 MB of addresses for
    each: eight times that for one DuckDB, against a limit on addresses (RLIMIT_AS)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # of glibc only
        mallopt(ARENA_MAX, ARENAS)


def text(value: str | Path) -> str:
    """As a literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def pattern(path: Path) -> str:
    """As a literal that matches this file alone: DuckDB takes a path to read for a pattern."""
    return text(GLOB.sub(r"[\1]", str(path)))


def name(column: str) -> str:
    """As an identifier of SQL."""
    return '"' + column.replace('"', '""') + '"'


def _copy(pipe: Path, sql: Callable[[str], str], target: Path) -> int:
    """Rows written."""
    import duckdb

    options = (
        f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS}, "
        f"DICTIONARY_SIZE_LIMIT {DICTIONARY_VALUES}"
    )
    # By the number of its folder: a name may hold '[' or '*', and then DuckDB looks for files that
    # match, not for pipes.
    folder = os.open(pipe.parent, os.O_PATH)
    try:
        with connect(pipe.parent) as connection:
            source = sql(f"/dev/fd/{folder}/{pipe.name}")
            found = connection.execute(f"COPY ({source}) TO {text(target)} ({options})").fetchone()
    except duckdb.Error as error:
        said = str(error)
        known = next((words for words in TOLD if words in said.lower()), "")
        raise TablesFailed(f"{type(error).__name__} {known}".rstrip()) from None
    finally:
        os.close(folder)
    return int(found[0]) if found else 0


def _variants_sql(plan: Plan, source: str) -> str:
    texts = {field.column for field in plan.known_fields}
    wanted = []
    for column, sql_type in plan.columns.items():
        fed = column
        if column in MANE:
            fed = MANE_PICK + MANE[column]
        elif column in PICK:
            fed = PICK_PICK + PICK[column]
        found = name(fed)
        if sql_type != TEXT and column not in ("rid", "position"):
            found = f"TRY_CAST({found} AS {sql_type})"
        elif column in texts or "HGVS" in fed:
            found = _unescaped(found)
        wanted.append(f"{found} AS {name(column)}")
    types = {**dict.fromkeys(plan.fed_columns, TEXT), "rid": "INTEGER", "position": "INTEGER"}
    return f"SELECT {', '.join(wanted)} FROM {_read(source, types, TAB, ('', '.'))}"  # noqa: S608


def _transcripts_sql(plan: Plan, source: str) -> str:
    wanted = ["rid"]
    for field in plan.csq_fields:
        found = name(field)
        if TYPED_CSQ.get(field) == "BOOLEAN":
            found = f"({found} IS NOT NULL) AS {found}"
        elif field in TYPED_CSQ:
            found = f"TRY_CAST({found} AS {TYPED_CSQ[field]}) AS {found}"
        elif "HGVS" in field:
            found = f"{_unescaped(found)} AS {found}"
        wanted.append(found)
    types = {"rid": "INTEGER", **dict.fromkeys(plan.csq_fields, TEXT)}
    return f"SELECT {', '.join(wanted)} FROM {_read(source, types, BAR, ('',))}"  # noqa: S608


def _read(source: str, types: Mapping[str, str], separator: str, nulls: tuple[str, ...]) -> str:
    columns = ", ".join(f"{text(column)}: {text(kind)}" for column, kind in types.items())
    nothing = ", ".join(map(text, nulls))
    return (
        f"read_csv({text(source)}, auto_detect = false, header = false, delim = {text(separator)}, "
        f"quote = '', escape = '', comment = '', nullstr = [{nothing}], new_line = '\\n', "
        f"max_line_size = {LINE_BYTES}, buffer_size = {BUFFER_BYTES}, "
        f"columns = {{{columns}}})"
    )


def _unescaped(column: str) -> str:
    """Looked at closer only where there is a '%': hardly anywhere."""
    inner = column
    for written, meant in ESCAPES.items():
        inner = f"replace({inner}, {text(written)}, {text(meant)})"
    return f"CASE WHEN contains({column}, '%') THEN {inner} ELSE {column} END"
