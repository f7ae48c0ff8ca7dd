"""Outputs of whole runs: they agree with each other, and come out the same every time."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engines.conftest import Bench, file_of
from gas.domain.job import FileKind
from gas.engines.bcftools.outputs.provenance import read_provenance
from gas.engines.bcftools.outputs.reproduce import Verdict, compare, differences
from gas.ports.annotation import Outcome

TIMELESS = [kind for kind in FileKind if kind not in (FileKind.PROVENANCE, FileKind.LOG)]


def rows(outcome: Outcome, kind: FileKind, columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        source = f"read_parquet('{file_of(outcome, kind)}')"
        return connection.execute(f"SELECT {columns} FROM {source}").fetchall()


def records(outcome: Outcome) -> list[list[str]]:
    text = gzip.decompress(file_of(outcome, FileKind.ANNOTATED).read_bytes()).decode()
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def csq(record: list[str]) -> list[list[str]]:
    values = [part[4:] for part in record[7].split(";") if part.startswith("CSQ=")]
    return [entry.split("|") for value in values for entry in value.split(",")]


@pytest.fixture
def outcome(bench: Bench) -> Outcome:
    return bench.run(bench.task(bench.demo.vcf))


def test_the_tables_say_what_the_vcf_says(outcome: Outcome) -> None:
    written = records(outcome)
    columns = "contig, position, ref, alt, quality, filter, gt, dp"
    assert rows(outcome, FileKind.VARIANTS, columns) == [
        (*(r[0], int(r[1]), r[3], r[4]), float(r[5]), r[6], *_first(r)) for r in written
    ]
    columns = "rid, Consequence, Feature, SYMBOL, PICK, DISTANCE"
    assert rows(outcome, FileKind.TRANSCRIPTS, columns) == [
        (rid, e[1], e[6] or None, e[3] or None, e[-2] == "1", int(e[18]) if e[18] else None)
        for rid, record in enumerate(written, start=1)
        for e in csq(record)
    ]


def _first(record: list[str]) -> tuple[str, int]:
    genotype, depth = record[9].split(":")
    return genotype, int(depth)


def test_no_output_is_one_that_a_spreadsheet_opens(outcome: Outcome) -> None:
    """It would take a cell that begins with = + - or @ for a formula."""
    opened_by_others = {".vcf", ".gz", ".tbi", ".csi", ".parquet", ".json", ".log"}
    assert {made.path.suffix for made in outcome.files} <= opened_by_others


def test_summary_counts_and_provenance_agree(bench: Bench, outcome: Outcome) -> None:
    summary = json.loads(file_of(outcome, FileKind.SUMMARY).read_text())
    told = read_provenance(file_of(outcome, FileKind.PROVENANCE))
    taken = [x for x in bench.demo.vcf.read_text().splitlines() if x[0] != "#"]
    assert summary["records"]["in"] == len(taken)
    assert summary["records"]["written"] == len(records(outcome)) == dict(outcome.counts)["Total"]
    assert told["records"] == summary["records"]
    assert sum(summary["contigs"].values()) == summary["records"]["written"]
    named = {one["name"]: one["sha256"] for one in told["outputs"]}
    files = [file.path for file in outcome.files if file.kind in TIMELESS]
    assert named == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    header = gzip.decompress(file_of(outcome, FileKind.ANNOTATED).read_bytes()).decode()
    assert f"##gas_provenance=<ID=run,key={told['key']}," in header


def test_the_same_run_gives_the_same_bytes(bench: Bench, outcome: Outcome) -> None:
    again = bench.run(bench.task(bench.demo.vcf))
    then, now = (read_provenance(file_of(o, FileKind.PROVENANCE)) for o in (outcome, again))
    assert {one.verdict for one in compare(then, now)} == {Verdict.SAME}
    assert differences(then, now) == []
    assert then["key"] == now["key"]


def test_another_input_has_other_results_and_another_key(bench: Bench, outcome: Outcome) -> None:
    lines = bench.demo.vcf.read_text().splitlines(keepends=True)
    path: Path = bench.runs_path.parent / bench.demo.vcf.name
    path.write_text("".join(lines[:-1]))
    shorter = bench.run(bench.task(path))
    then, now = (read_provenance(file_of(o, FileKind.PROVENANCE)) for o in (outcome, shorter))
    assert then["key"] != now["key"]
    verdicts = {one.file: one.verdict for one in compare(then, now)}
    assert verdicts["demo.annot.vcf.gz"] is Verdict.DIFFERS
    assert [one.what for one in differences(then, now)] == ["the input"]
