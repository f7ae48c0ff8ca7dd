"""Small genes whose consequences were worked out by hand: golden/<name>/expected.tsv.

`forward` and `reverse` are the same gene on both strands: three exons, 22 codons.
"""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import pytest

from engines.consequence_rig import GOLDEN, golden

NAMES = sorted(path.parent.name for path in GOLDEN.glob("*/expected.tsv"))
AFTER_COLON = ("HGVSc", "HGVSp")


def _rows(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name / "expected.tsv").open(newline="") as source:
        return list(csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_what_was_worked_out(name: str, tmp_path: Path) -> None:
    predictor = golden(tmp_path, name)
    contig = (GOLDEN / name / "genome.fa").read_text().partition("\n")[0][1:]
    for (position, ref, alt), group in groupby(
        _rows(name), key=lambda row: (int(row["POS"]), row["REF"], row["ALT"])
    ):
        expected = list(group)
        entries = predictor.predict(contig, position, ref, alt).entries
        found = []
        for entry in entries:
            fields = entry._asdict()
            told = {key: fields[key] for key in expected[0] if key in fields}
            told |= {key: told[key].partition(":")[2] for key in AFTER_COLON}
            found.append(told)
        wanted = [{key: row[key] for key in found[0]} for row in expected]
        assert found == wanted, f"{name} {position} {ref[:12]}>{alt[:12]}: {expected[0]['why']}"


def test_both_strands_of_the_same_gene_tell_the_same_hgvs() -> None:
    forward = {row["HGVSc"]: row["HGVSp"] for row in _rows("forward") if row["HGVSc"]}
    for row in _rows("reverse"):
        if row["HGVSc"]:
            assert forward[row["HGVSc"]] == row["HGVSp"]


def test_hgvs_names_carry_a_version_only_where_the_source_has_one(tmp_path: Path) -> None:
    (entry,) = golden(tmp_path, "forward").predict("7", 44, "G", "A").entries
    assert entry.HGVSc == "T1.2:c.4G>A"
    assert entry.HGVSp == "T1P:p.Ala2Thr"
    assert entry.HGVSg == "7:g.44G>A"
    assert entry.Feature == "T1"


def test_hgvs_of_the_genome_is_moved_and_named(tmp_path: Path) -> None:
    predictor = golden(tmp_path, "forward")
    cases = {
        (121, "CA", "C"): "7:g.127del",
        (121, "C", "CA"): "7:g.127dup",
        (121, "CAAA", "C"): "7:g.125_127del",
        (44, "GC", "AA"): "7:g.44_45delinsAA",
        (50, "CA", "TG"): "7:g.50_51inv",
        (44, "G", "GTTC"): "7:g.44_45insTTC",
    }
    for (position, ref, alt), wanted in cases.items():
        assert predictor.predict("7", position, ref, alt).entries[0].HGVSg == wanted
    mitochondrion = golden(tmp_path, "mitochondrion")
    assert mitochondrion.predict("MT", 16, "A", "G").entries[0].HGVSg == "MT:m.16A>G"
