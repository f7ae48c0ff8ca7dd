"""`summary.json`: what a run found, in numbers. docs/results.md says what each field means.

Samples, places and consequences were counted as the records went by; the rest is asked of the
table of variants, of which few columns have to be read. It holds no time and no path: equal
input, reference and options give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gas.engines.bcftools.outputs.located import PLACES
from gas.engines.bcftools.outputs.plan import KnownSource
from gas.engines.bcftools.outputs.samples import ratio, samples_table
from gas.engines.bcftools.outputs.tables import Made, connect, name, pattern

if TYPE_CHECKING:
    import duckdb

FORMAT = 1
QUALITY_EDGES = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200, 500, 1000)
LONGEST_INDEL = 50
"""Longer ones share the first or the last bar."""
SIGNIFICANCE = "CLNSIG"
MOST_SIGNIFICANCES = 100
IN_DBSNP = (
    "(starts_with(id, 'rs') OR contains(id, ';rs') "
    "OR coalesce(list_contains(string_split(sources, ','), 'dbsnp'), false))"
)
TRANSITION = "upper(ref || alt) IN ('AG', 'GA', 'CT', 'TC')"
TRANSVERSION = "upper(ref || alt) IN ('AC', 'CA', 'AT', 'TA', 'CG', 'GC', 'GT', 'TG')"

Pairs = list[tuple[Any, int]]


@dataclass(frozen=True, slots=True)
class Taking:
    """What became of the input's records before they were annotated."""

    input_name: str
    reference: str
    kept: int
    rejected: Mapping[str, int]
    """Count by code."""

    @property
    def total(self) -> int:
        return self.kept + sum(self.rejected.values())


def summarise(made: Made, taking: Taking, *, variants_path: Path, folder: Path) -> dict[str, Any]:
    """`folder`: for temporary files."""
    with connect(folder) as connection:
        source = f"read_parquet({pattern(variants_path)})"
        connection.execute(f"CREATE VIEW variants AS FROM {source}")
        ask = _Questions(connection)
        changes = ask.row(
            f"count(*) FILTER (type = 'snv' AND {TRANSITION})",
            f"count(*) FILTER (type = 'snv' AND {TRANSVERSION})",
            f"count(*) FILTER ({IN_DBSNP} OR sources IS NOT NULL)",
            f"count(*) FILTER ({IN_DBSNP})",
        )
        transitions, transversions, known, in_dbsnp = changes
        return {
            "format": FORMAT,
            "input": taking.input_name,
            "reference": taking.reference,
            "records": {
                "in": taking.total,
                "annotated": taking.kept,
                "rejected": dict(sorted(taking.rejected.items())),
                "written": made.records,
            },
            "contigs": ask.counted("contig", order="min(rid)"),
            "types": ask.counted("type"),
            "transitions": transitions,
            "transversions": transversions,
            "ts_tv": ratio(transitions, transversions),
            "most_severe": ask.counted("consequence"),
            "consequences": made.fed.consequences,
            "impacts": ask.counted("impact"),
            "places": {place: made.fed.places[place] for place in PLACES},
            "known": {
                "known": known,
                "novel": made.records - known,
                "in_dbsnp": in_dbsnp,
                "sources": _sources(ask, made.plan.known),
            },
            "clinvar": _significances(ask, made.plan.known),
            "quality": _qualities(ask),
            "indel_lengths": _indels(ask),
            "samples": samples_table(made.plan.samples, made.fed.samples),
            "more_samples": made.plan.more_samples,
        }


class _Questions:
    """To the view `variants`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def row(self, *expressions: str) -> tuple[int, ...]:
        row = self._connection.execute(f"FROM variants SELECT {', '.join(expressions)}").fetchone()
        return tuple(row) if row else (0,) * len(expressions)

    def pairs(self, sql: str) -> Pairs:
        return [(value, count) for value, count in self._connection.execute(sql).fetchall()]

    def counted(self, column: str, order: str = "2 DESC, 1") -> dict[str, int]:
        """Records by value; those without one are left out."""
        sql = (
            f"SELECT {column}, count(*) FROM variants WHERE {column} IS NOT NULL "  # noqa: S608
            f"GROUP BY 1 ORDER BY {order}"
        )
        return dict(self.pairs(sql))


def _sources(ask: _Questions, known: Sequence[KnownSource]) -> dict[str, int]:
    """Records by source of known variants, those that know none too."""
    sql = (
        "SELECT unnest(string_split(sources, ',')), sum(records)::BIGINT FROM "
        "(SELECT sources, count(*) AS records FROM variants WHERE sources IS NOT NULL GROUP BY 1) "
        "GROUP BY 1"
    )
    found = dict(ask.pairs(sql))
    return {source.name: found.get(source.name, 0) for source in known}


def _significances(ask: _Questions, known: Sequence[KnownSource]) -> dict[str, int]:
    """Each record once for each of its values; those joined by '/' are one, as ClinVar has it."""
    columns = [
        field.column
        for source in known
        for field in source.fields
        if SIGNIFICANCE in field.key.upper().split("_")
    ]
    if not columns:
        return {}
    column = columns[0]
    sql = (
        "SELECT value, sum(records)::BIGINT FROM (SELECT unnest(list_distinct("  # noqa: S608
        f"regexp_split_to_array({name(column)}, '[,|&]'))) AS value, count(*) AS records "
        f"FROM variants WHERE {name(column)} IS NOT NULL GROUP BY {name(column)}) "
        f"WHERE value <> '' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_SIGNIFICANCES}"
    )
    return dict(ask.pairs(sql))


def _qualities(ask: _Questions) -> dict[str, Any]:
    """Records from one edge up to, not including, the next; the last bar has no end."""
    bars = [
        f"count(*) FILTER (quality >= {low} AND quality < {high})"
        for low, high in zip(QUALITY_EDGES, (*QUALITY_EDGES[1:], "'infinity'::DOUBLE"), strict=True)
    ]
    found = ask.row("count(*) FILTER (quality IS NULL)", *bars)
    return {"missing": found[0], "from": list(QUALITY_EDGES), "records": list(found[1:])}


def _indels(ask: _Questions) -> dict[str, list[int]]:
    """Deletions have lengths below 0."""
    bar = f"greatest(least(length, {LONGEST_INDEL + 1}), {-LONGEST_INDEL - 1})"
    sql = (
        f"SELECT {bar}, count(*) FROM variants "  # noqa: S608 - numbers of ours
        "WHERE type IN ('ins', 'del', 'delins') "
        "GROUP BY 1 ORDER BY 1"
    )
    found = ask.pairs(sql)
    return {"length": [length for length, _ in found], "records": [count for _, count in found]}
