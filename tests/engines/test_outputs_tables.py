"""The tables, read by DuckDB as anybody would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engines.streams import (
    NOTHING,
    Row,
    Said,
    entry,
    line,
    stream,
)
from gas.engines.bcftools.consequence.fields import CSQ_FIELDS
from gas.engines.bcftools.outputs.feed import CUT, LONGEST_VALUE_BYTES

MISSENSE = entry(
    Allele="T",
    Consequence="missense_variant&splice_region_variant",
    IMPACT="MODERATE",
    SYMBOL="APP",
    Gene="ENSG1",
    Feature_type="Transcript",
    Feature="ENST1",
    BIOTYPE="protein_coding",
    EXON="3/18",
    HGVSc="ENST1.5:c.7G>A",
    HGVSp="ENSP1.1:p.Ala3Thr",
    HGVSg="21:g.100G>A",
    DISTANCE="",
    STRAND="-1",
    MANE_SELECT="NM_1.2",
    PICK="1",
    PICK_MANE="1",
)
NEAR = entry(
    Allele="T",
    Consequence="upstream_gene_variant",
    IMPACT="MODIFIER",
    SYMBOL="JAM2",
    Feature="ENST2",
    DISTANCE="512",
    STRAND="1",
)
SAID = Said((NEAR, MISSENSE), "missense_variant", "MODERATE")


def test_a_record_is_a_row_of_variants_and_each_entry_one_of_transcripts(tmp_path: Path) -> None:
    row = line("21", 100, "rs5", "G", "A", "30.5", "PASS", "DP=3")
    made = stream(tmp_path, (row, SAID), (line("22", 7, ".", "C", "T", ".", ".", "."), NOTHING))
    made.made()
    fixed = "rid, contig, position, end_position, id, ref, alt, quality, filter, type, length"
    assert made.row(fixed) == (1, "21", 100, 100, "rs5", "G", "A", 30.5, "PASS", "snv", 0)
    assert made.row(fixed, 2) == (2, "22", 7, 7, None, "C", "T", None, None, "snv", 0)
    told = "consequence, impact, consequences, symbols, mane_transcript, mane_refseq, mane_hgvsc"
    assert made.row(told) == (
        "missense_variant",
        "MODERATE",
        "upstream_gene_variant&missense_variant&splice_region_variant",
        "JAM2,APP",
        "ENST1",
        "NM_1.2",
        "ENST1.5:c.7G>A",
    )
    assert made.row(told, 2) == (None,) * 7
    assert made.row("pick_transcript, pick_exon, hgvsg") == ("ENST1", "3/18", "21:g.100G>A")
    columns = "rid, Feature, SYMBOL, DISTANCE, STRAND, PICK, PICK_MANE, EXON"
    assert made.ask(f"SELECT {columns} FROM t") == [
        (1, "ENST2", "JAM2", 512, 1, False, False, None),
        (1, "ENST1", "APP", None, -1, True, True, "3/18"),
    ]


def test_the_transcripts_have_the_columns_of_csq(tmp_path: Path) -> None:
    made = stream(tmp_path, (line("1", 1, ".", "A", "C", ".", ".", "."), SAID)).made()
    described = made.ask("SELECT column_name, column_type FROM (DESCRIBE t)")
    assert [name for name, _ in described] == ["rid", *CSQ_FIELDS]
    types = dict(described)
    assert types["DISTANCE"] == "INTEGER"
    assert types["PICK"] == "BOOLEAN"
    assert types["HGVSc"] == "VARCHAR"


def test_the_pick_and_the_pick_of_mane_may_be_two(tmp_path: Path) -> None:
    severe = entry(Consequence="stop_gained", Feature="ENST8", PICK="1")
    mane = entry(Consequence="intron_variant", Feature="ENST9", PICK_MANE="1")
    said = Said((mane, entry(Feature="ENST7"), severe), "stop_gained", "HIGH")
    made = stream(tmp_path, (line("1", 1, ".", "A", "C", ".", ".", "."), said)).made()
    assert made.row("pick_transcript, mane_transcript, mane_consequence") == (
        "ENST8",
        "ENST9",
        "intron_variant",
    )


@pytest.mark.parametrize(
    ("ref", "alt", "info", "expected"),
    [
        ("A", "G", ".", ("snv", 0, 10)),
        ("AC", "GT", ".", ("mnv", 0, 11)),
        ("A", "ATT", ".", ("ins", 2, 10)),
        ("ATT", "A", ".", ("del", -2, 12)),
        ("ATT", "GC", ".", ("delins", -1, 12)),
        ("A", "<DEL>", "SVTYPE=DEL;END=900;SVLEN=-890", ("sv", -890, 900)),
        ("A", "<INS>", "SVLEN=.", ("sv", None, 10)),
        ("A", "A]2:50]", "SVTYPE=BND", ("sv", None, 10)),
        ("A", "<NON_REF>", "END=80", ("ref", None, 80)),
        ("A", ".", ".", ("ref", None, 10)),
        ("AT", "*", ".", ("overlap", None, 11)),
        ("N", "A", "END=x", ("snv", 0, 10)),
    ],
)
def test_every_kind_of_variant_has_its_type_length_and_end(
    tmp_path: Path, ref: str, alt: str, info: str, expected: tuple[object, ...]
) -> None:
    made = stream(tmp_path, (line("1", 10, ".", ref, alt, ".", ".", info), NOTHING)).made()
    assert made.row("type, length, end_position") == expected


def test_known_fields_have_the_types_of_their_declarations(tmp_path: Path) -> None:
    infos = ["AF,A,Float", "AC,1,Integer", "SEEN,0,Flag", "CLNSIG,.,String", "MANY,.,Float"]
    known = {"gnomad": ["GNOMAD", "AF", "AC"], "lab": ["LAB", "SEEN", "CLNSIG", "MANY", "OTHER"]}
    rows: list[Row] = [
        (line("1", 1, ".", "A", "C", ".", ".", info), NOTHING)
        for info in (
            "XAF=9;GNOMAD;AF=1.5e-3;AC=7;LAB;SEEN;CLNSIG=Benign/Likely_benign,x;MANY=1,2;OTHER=a%3Bb",
            "AF=0.5;SEEN",  # of the input: no source knows it
            "GNOMAD;AF=.;AC=many",
        )
    ]
    made = stream(tmp_path, *rows, infos=infos, known=known).made()
    columns = 'sources, AF, AC, SEEN, CLNSIG, MANY, "OTHER"'
    assert made.row(columns) == (
        "gnomad,lab",
        0.0015,
        7,
        True,
        "Benign/Likely_benign,x",
        "1,2",
        "a;b",
    )
    assert made.row(columns, 2) == (None,) * 7
    assert made.row(columns, 3) == ("gnomad", *(None,) * 6)
    assert made.summary["known"]["sources"] == {"gnomad": 2, "lab": 1}


def test_a_known_field_named_like_a_column_gets_a_name_of_its_own(tmp_path: Path) -> None:
    known = {"lab": ["LAB", "DP", "Impact", "IMPACT", 'a"{b}']}
    row = line("1", 1, ".", "A", "C", ".", ".", 'LAB;DP=3;Impact=x;IMPACT=y;a"{b}=z')
    made = stream(tmp_path, (row, SAID), known=known, samples=["S"], infos=["DP,1,Integer"])
    made = replace(made, rows=lambda: [(row + b"\tGT:DP\t0/1:9", SAID)]).made()
    assert made.row('dp, DP_2, impact, Impact_2, IMPACT_3, "a""{b}"') == (
        9,
        3,
        "MODERATE",
        "x",
        "y",
        "z",
    )


def test_nasty_values_come_through(tmp_path: Path) -> None:
    nasty = "a\"b'c\\n|#;é"
    said = Said(
        (entry(SYMBOL='"', Gene="g\\", Feature="'", HGVSp="P:p.Ala3%3D", NEAREST="ü%2C"),), "x", "y"
    )
    rows: list[Row] = [
        (line("1", 1, '"id', "A", "C", ".", 'q"', f"LAB;T={nasty.replace(';', '%3B')}"), said),
        ("1\t2\té\tA\tC\tnan\t.\tLAB;T=\r".encode("latin-1"), NOTHING),
        (line("1", 3, ".", "A", "C", "1e400", ".", "LAB;T=50%25%"), NOTHING),
        (line("1", 4, ".", "A", "C", "", "", ""), NOTHING),
    ]
    made = stream(tmp_path, *rows, known={"lab": ["LAB", "T"]}).made()
    assert made.row("id, filter, T") == ('"id', 'q"', nasty)
    assert made.row("id, isnan(quality)", 2) == ("é", True)
    assert made.row("T", 3) == ("50%%",)
    assert made.row("quality, filter, sources", 4) == (None, None, None)
    assert made.ask("SELECT SYMBOL, Gene, Feature, HGVSp FROM t") == [
        ('"', "g\\", "'", "P:p.Ala3=")
    ]
    assert made.row("symbols") == ('"',)


def test_very_long_values_are_cut_and_the_row_stays(tmp_path: Path) -> None:
    alt = "A" + "CGT" * 400_000
    said = Said((entry(Allele=alt, HGVSc=f"E:c.1ins{alt}", Feature="ENST1"), NEAR), "x", "y")
    rows: list[Row] = [
        (line("1", 1, ".", "A", alt, ".", ".", "."), said),
        (line("1", 2, ".", "A", "C", ".", ".", "."), SAID),
    ]
    made = stream(tmp_path, *rows).made()
    assert made.row("length, type, right(alt, 1), length(alt)") == (
        1_200_000,
        "ins",
        CUT.decode(),
        LONGEST_VALUE_BYTES + 1,
    )
    assert made.ask("SELECT Feature FROM t WHERE rid = 1") == [("ENST1",), ("ENST2",)]
    assert made.row("position", 2) == (2,)


def test_without_samples_their_columns_are_empty(tmp_path: Path) -> None:
    made = stream(tmp_path, (line("1", 1, ".", "A", "C", ".", ".", "."), NOTHING)).made()
    assert made.row("samples_het, samples_hom, samples_missing, gt, gq, dp, ad") == (None,) * 7
    assert made.summary["samples"] == []


def test_the_first_samples_values_are_found_wherever_format_has_them(tmp_path: Path) -> None:
    fixed = ("1", 1, ".", "A", "C", ".", ".", ".")
    rows: list[Row] = [
        (line(*fixed, "GT:AD:DP:GQ", "0|1:3,4:7:99", "1/1"), NOTHING),
        (line(*fixed, "DP:GT", "7:1", "3"), NOTHING),
        (line(*fixed, "GT:GQ", "./.", "0/0:."), NOTHING),
        (line(*fixed, "DP", "5", "6"), NOTHING),
    ]
    made = stream(tmp_path, *rows, samples=["A", "B"]).made()
    columns = "samples_het, samples_hom, samples_missing, gt, gq, dp, ad"
    assert made.row(columns) == (1, 1, 0, "0|1", 99.0, 7, "3,4")
    assert made.row(columns, 2) == (0, 1, 1, "1", None, 7, None)
    assert made.row(columns, 3) == (0, 0, 1, "./.", None, None, None)
    assert made.row(columns, 4) == (0, 0, 2, None, None, 5, None)


def test_a_header_without_records_gives_empty_tables_with_all_columns(tmp_path: Path) -> None:
    made = stream(tmp_path, samples=["A"]).made()
    assert made.ask("SELECT count(*) FROM v UNION ALL SELECT count(*) FROM t") == [(0,), (0,)]
    assert len(made.ask("DESCRIBE v")) > 40
    assert made.summary["records"]["written"] == 0
    assert made.summary["ts_tv"] is None
