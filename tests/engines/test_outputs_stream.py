"""The tables as a stream: the same bytes each time, in order, in bounded memory; and its ends."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engines.streams import (
    NOTHING,
    PATIENCE_SECONDS,
    PEAK,
    Row,
    Said,
    Stream,
    entry,
    header,
    line,
    stream,
)
from gas.engines.bcftools.outputs.tables import ROW_GROUP_ROWS

SAID = Said((entry(Feature="ENST1", SYMBOL="APP", PICK="1"),), "intron_variant", "MODIFIER")


def many(records: int, *, genes: int = 400) -> Iterator[Row]:
    """A made-up chromosome, the same every time."""
    rng = random.Random(7)
    position = 1000
    for number in range(records):
        position += rng.randrange(1, 90)
        gene = number * genes // records
        texts = [
            entry(
                Allele="T",
                Consequence=rng.choice(("intron_variant", "missense_variant")),
                SYMBOL=f"GENE{gene}",
                Gene=f"ENSG{gene:011d}",
                Feature=f"ENST{gene:08d}{copy:03d}",
                HGVSc=f"ENST{gene:08d}{copy:03d}.1:c.{position}+{rng.randrange(900)}G>A",
                HGVSg=f"21:g.{position}G>A",
                PICK="1" if copy == 0 else "",
            )
            for copy in range(3)
        ]
        row = line("21", position, f"rs{position}", "G", "A", "50", "PASS", "DP=3", "GT", "0/1")
        yield row, Said(tuple(texts), "missense_variant", "MODERATE")


def big(folder: Path, records: int) -> Stream:
    return Stream(folder, header(samples=["S"]), lambda: many(records), {})


def sums(made: Stream) -> list[str]:
    paths = made.paths
    files = (paths.variants, paths.transcripts, paths.summary, paths.count_log)
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]


def test_equal_records_make_equal_bytes(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    made = big(first, 30_000).made()
    assert sums(made.again("second").made()) == sums(made)


def test_rows_keep_the_order_of_the_records_in_row_groups_of_their_own(tmp_path: Path) -> None:
    made = big(tmp_path, 65_000).made()
    ((records, ordered),) = made.ask(
        "SELECT count(*), bool_and(position >= before AND rid = last + 1) FROM (SELECT rid, "
        "position, lag(position, 1, 0) OVER () AS before, lag(rid, 1, 0) OVER () AS last FROM v)"
    )
    assert (records, ordered) == (65_000, True)
    groups = made.ask(
        "SELECT row_group_num_rows, stats_min_value, stats_max_value, compression "
        f"FROM parquet_metadata('{made.paths.variants}') "
        "WHERE path_in_schema = 'position' ORDER BY row_group_id"
    )
    assert len(groups) == 2
    assert ROW_GROUP_ROWS <= groups[0][0] < 1.1 * ROW_GROUP_ROWS
    assert int(groups[0][2]) <= int(groups[1][1])
    assert {group[3] for group in groups} == {"ZSTD"}
    blooms = made.ask(
        "SELECT count(*) FROM "
        f"parquet_metadata('{made.paths.transcripts}') "
        "WHERE path_in_schema = 'SYMBOL' AND bloom_filter_offset IS NOT NULL"
    )
    assert blooms[0][0] >= 3


def test_a_feed_that_breaks_off_makes_no_tables(tmp_path: Path) -> None:
    rows = [(line("1", at, ".", "A", "C", ".", ".", "."), SAID) for at in range(1, 100)]
    made = replace(stream(tmp_path, *rows), closes=False)
    deliver, tables = made.run()
    assert deliver.status == 0
    assert tables.status == 1
    assert "broken pipe" in tables.errors_path.read_text()
    assert not made.paths.summary.exists()


def test_a_feed_that_dies_at_once_ends_the_tables_too(tmp_path: Path) -> None:
    def dead() -> list[Row]:
        raise RuntimeError

    _, tables = replace(stream(tmp_path), rows=dead).run()
    assert tables.status == 1


def test_tables_that_cannot_be_written_end_at_once(tmp_path: Path) -> None:
    made = stream(tmp_path, (line("1", 1, ".", "A", "C", ".", ".", "."), SAID))
    made.paths.transcripts.mkdir()
    begun = time.monotonic()
    _, tables = made.run()
    assert tables.status == 1
    assert time.monotonic() - begun < PATIENCE_SECONDS
    assert "TablesFailed" in tables.errors_path.read_text()


def test_what_duckdb_quotes_of_the_file_is_not_repeated(tmp_path: Path) -> None:
    row = line("1", "secret", ".", "AA", "C", ".", ".", ".")
    made = stream(tmp_path, (row, NOTHING))
    deliver, tables = made.run()
    assert "secret" not in tables.errors_path.read_text()
    assert (deliver.status, tables.status) != (0, 0)


def test_a_folder_of_any_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / "a[1]*?'{b,c} é"
    folder.mkdir()
    made = stream(folder, (line("1", 7, ".", "A", "C", ".", ".", "."), SAID)).made()
    assert made.summary["records"]["written"] == 1


@pytest.mark.slow
def test_memory_of_the_tables_stays_flat(tmp_path: Path) -> None:
    """Megabytes that the process which makes them takes, by its records."""
    peaks = []
    for records in (50_000, 200_000):
        folder = tmp_path / str(records)
        folder.mkdir()
        made = big(folder, records).made()
        assert made.summary["records"]["written"] == records
        peaks.append(int((folder / PEAK).read_text()) / 1024)
    assert 20 < peaks[1] < 250
    assert peaks[1] - peaks[0] < 60
