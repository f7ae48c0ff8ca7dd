"""docs/results.md names every column, field and place there is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from engines.streams import NOTHING, line, stream
from gas.engines.bcftools.consequence.fields import CSQ_FIELDS
from gas.engines.bcftools.outputs.located import PLACES
from gas.engines.bcftools.outputs.origin import FileUsed, Origin
from gas.engines.bcftools.outputs.plan import Plan
from gas.engines.bcftools.outputs.provenance import provenance_of

PAGE = (Path(__file__).parents[2] / "docs" / "results.md").read_text()


def unnamed(names: Iterable[str]) -> list[str]:
    return [name for name in names if not re.search(rf"\b{re.escape(name)}\b", PAGE)]


def test_every_column_of_the_variants_is_named() -> None:
    assert not unnamed(Plan((), 0, (), ()).columns)


def test_every_field_of_csq_and_every_place_is_named() -> None:
    assert not unnamed(CSQ_FIELDS)
    assert not unnamed(PLACES)


def test_every_field_of_the_summary_is_named(tmp_path: Path) -> None:
    row = line("1", 1, ".", "A", "C", ".", ".", ".", "GT", "0/1")
    told = stream(tmp_path, (row, NOTHING), samples=["S"]).made().summary
    parts = [told, told["records"], told["known"], told["quality"], *told["samples"]]
    assert not unnamed(name for part in parts for name in part)


def test_every_field_of_the_provenance_is_named() -> None:
    origin = Origin(FileUsed("a", 1, ""), "r", "1", {})
    told = provenance_of(origin, outputs=[], counts={}, stages=[], made_at="")
    assert not unnamed([*told, *told["input"], *told["reference"]])
