"""What the columns of the tables are, in one run: said by whoever feeds them to whoever makes them.

Types of known fields come from the header's declarations: one number is a number, whatever may
hold several values stays the text it is in the VCF.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

DECLARED = re.compile(r"##INFO=<ID=([^,>]+),Number=([^,>]+),Type=([^,>]+)")
SQL_BY_TYPE = {"Integer": "BIGINT", "Float": "DOUBLE", "Flag": "BOOLEAN"}
ONE_VALUE = frozenset({"1", "A"})  # a record has one ALT here
TEXT = "VARCHAR"

PIPES = ("plan", "variants", "transcripts")
"""Named pipes in the run's scratch folder; what goes through them never lies on the disk."""

FIXED = {
    "rid": "INTEGER",
    "contig": TEXT,
    "position": "INTEGER",
    "id": TEXT,
    "ref": TEXT,
    "alt": TEXT,
    "quality": "DOUBLE",
    "filter": TEXT,
    "end_position": "BIGINT",
    "type": TEXT,
    "length": "INTEGER",
    "consequence": TEXT,
    "impact": TEXT,
    "consequences": TEXT,
    "symbols": TEXT,
}
MANE = {
    "mane_transcript": "Feature",
    "mane_refseq": "MANE_SELECT",
    "mane_gene": "Gene",
    "mane_symbol": "SYMBOL",
    "mane_consequence": "Consequence",
    "mane_impact": "IMPACT",
    "mane_exon": "EXON",
    "mane_intron": "INTRON",
    "mane_hgvsc": "HGVSc",
    "mane_hgvsp": "HGVSp",
}
PICK = {
    "pick_transcript": "Feature",
    "pick_gene": "Gene",
    "pick_symbol": "SYMBOL",
    "pick_biotype": "BIOTYPE",
    "pick_consequence": "Consequence",
    "pick_exon": "EXON",
    "pick_intron": "INTRON",
    "pick_hgvsc": "HGVSc",
    "pick_hgvsp": "HGVSp",
    "hgvsg": "HGVSg",
}
"""Field of the entry that is the pick, by column."""
MANE_PICK, PICK_PICK = "mane|", "pick|"
"""What the fed columns of a pick begin with; no other column has a '|'."""
SOURCES = "sources"
SAMPLES = {
    "samples_het": "INTEGER",
    "samples_hom": "INTEGER",
    "samples_missing": "INTEGER",
    "gt": TEXT,
    "gq": "DOUBLE",
    "dp": "BIGINT",
    "ad": TEXT,
}
"""How many samples, and what the first one has."""
MOST_SAMPLES = 10_000
"""So many are counted each for itself: a summary of a million would be of no use to anybody."""
TYPED_CSQ = {"DISTANCE": "INTEGER", "STRAND": "TINYINT", "PICK": "BOOLEAN", "PICK_MANE": "BOOLEAN"}
"""Fields of CSQ that are no text."""


@dataclass(frozen=True, slots=True)
class KnownField:
    """An INFO field that a source of known variants gives."""

    key: str
    column: str
    """Its key, but for one that would be a second of the same name: case makes no difference."""
    sql_type: str


@dataclass(frozen=True, slots=True)
class KnownSource:
    name: str
    mark: str
    """The INFO flag of every record that it holds."""
    fields: tuple[KnownField, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    samples: tuple[str, ...]
    """The first MOST_SAMPLES."""
    more_samples: int
    csq_fields: tuple[str, ...]
    known: tuple[KnownSource, ...]

    @property
    def known_fields(self) -> tuple[KnownField, ...]:
        return tuple(field for source in self.known for field in source.fields)

    @property
    def columns(self) -> dict[str, str]:
        """SQL type by column of the variants, in order."""
        picks = dict.fromkeys((*MANE, *PICK), TEXT)
        known = {field.column: field.sql_type for field in self.known_fields}
        return {**FIXED, **picks, SOURCES: TEXT, **known, **SAMPLES}

    @property
    def fed_columns(self) -> list[str]:
        """Of the lines that are fed, in order: the picks are whole entries there."""
        picks = [f"{pick}{field}" for pick in (MANE_PICK, PICK_PICK) for field in self.csq_fields]
        known = [field.column for field in self.known_fields]
        return [*FIXED, *picks, SOURCES, *known, *SAMPLES]


def make_plan(
    header: Iterable[str],
    *,
    csq_fields: Sequence[str],
    known: Mapping[str, Sequence[str]],
) -> Plan:
    """`header`: the lines of the VCF's header, the column line last. `known`: INFO keys by source
    of known variants, its mark first, in the order in which their columns shall stand."""
    lines = list(header)
    declared = {key: rest for line in lines for key, *rest in DECLARED.findall(line)}
    taken = {name.lower() for name in (*FIXED, *MANE, *PICK, SOURCES, *SAMPLES)}
    sources = []
    for name, (mark, *keys) in known.items():
        fields = [
            KnownField(key, _free_name(key, taken), _sql_type(*declared.get(key, (".", "String"))))
            for key in keys
        ]
        sources.append(KnownSource(name, mark, tuple(fields)))
    columns = lines[-1].rstrip("\r\n").split("\t") if lines else []
    samples = columns[9:]
    counted = tuple(samples[:MOST_SAMPLES])
    return Plan(counted, len(samples) - len(counted), tuple(csq_fields), tuple(sources))


def write_plan(path: Path, plan: Plan) -> None:
    path.write_text(json.dumps(asdict(plan)), encoding="utf-8")


def read_plan(path: Path) -> Plan | None:
    """None if whoever should have written it is gone."""
    text = path.read_text(encoding="utf-8")
    if not text:
        return None
    told = json.loads(text)
    known = tuple(
        KnownSource(one["name"], one["mark"], tuple(KnownField(**row) for row in one["fields"]))
        for one in told["known"]
    )
    return Plan(tuple(told["samples"]), told["more_samples"], tuple(told["csq_fields"]), known)


def _free_name(key: str, taken: set[str]) -> str:
    name, number = key, 1
    while name.lower() in taken:
        number += 1
        name = f"{key}_{number}"
    taken.add(name.lower())
    return name


def _sql_type(number: str, type_name: str) -> str:
    sql_type = SQL_BY_TYPE.get(type_name, TEXT)
    if sql_type == "BOOLEAN" or number in ONE_VALUE:
        return sql_type
    return TEXT
