"""How files of known variants, of all sorts, become tables."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest

from engines.mirror import bgzipped, other_than
from engines.shelf_bench import (
    HEAD,
    KnownBench,
    bench_base,
    info_of,
    notes,
    rows,
    small_bench,
    table,
)
from gas.domain.errors import GasError, InputError


@pytest.fixture
def bench(tmp_path: Path) -> KnownBench:
    return small_bench(tmp_path)


def test_messy_file_is_mended(bench: KnownBench) -> None:
    """Other names of contigs, no order, lower case, blanks in values, fields nobody declared."""
    base, far = bench_base(bench, "2", 1500), bench_base(bench, "1", 2500)
    text = rows(
        f"1 2500 rs2 {far.lower()} {other_than(far).lower()} . . .",
        f"chr2 1500 rs5 {base} {other_than(base)} . . ODD=two_words",
        "chr1 1001 rs1 g A . . ODD=b",
    )
    bench.add_text(text.replace("two_words", "two words"), fields="ID,ODD")
    assert [(row[0], row[1], row[2], row[6], row[7]) for row in table(bench)] == [
        ("1", "1001", "G", "rs1", "b"),
        ("1", "2500", far, "rs2", "."),
        ("2", "1500", base, "rs5", "two_words"),
    ]
    assert "they are sorted" in notes(bench)


def test_contigs_may_come_in_any_order(bench: KnownBench) -> None:
    base = bench_base(bench, "2", 1500)
    text = rows(f"2 1500 . {base} {other_than(base)} . . .", "1 1001 . G A . . .")
    bench.add_text(text)
    assert [row[0] for row in table(bench)] == ["2", "1"]
    assert "they are sorted" not in notes(bench)
    for sparse in (False, True):
        alts = ["1 1001 . G A .", f"2 1500 . {base} {other_than(base)} ."]
        found = bench.annotate_rows(alts, sparse=sparse)
        assert ["in_lab" in info_of(row) for row in found.rows] == [True, True]


@pytest.mark.parametrize("packing", ["plain", "crlf", "bom", "gzip", "bgzip", "bcf"])
def test_packing_makes_no_difference(bench: KnownBench, packing: str) -> None:
    text = rows("1 1001 rs1 G A . . AF=0.5;NOTE=x", "1 1002 rs2 A C,T . . AF=0.1,.").replace(
        ' "quoted"', ""
    )
    name = {"gzip": "lab.vcf.gz", "bgzip": "lab.vcf.gz", "bcf": "lab.bcf"}.get(packing, "lab.vcf")
    path = bench.path / name
    declared = text.replace("#CHROM", "##contig=<ID=1,length=3000>\n#CHROM")
    content = {
        "crlf": text.replace("\n", "\r\n").encode(),
        "bom": b"\xef\xbb\xbf" + text.encode(),
        "gzip": gzip.compress(text.encode()),
        "bgzip": bgzipped(text, bench.path / "x.gz"),
    }.get(packing, declared.encode())
    path.write_bytes(content)
    if packing == "bcf":
        path.unlink()
        (bench.path / "d.vcf").write_text(declared)
        subprocess.run(["bcftools", "view", "-Ob", "-o", path, bench.path / "d.vcf"], check=True)
    bench.add(path, "lab", "ID,AF,NOTE")
    assert [row[2:] for row in table(bench)] == [
        ["G", "A", "rs1", "1", "rs1", "0.5", "x"],
        ["A", "C", "rs2", "1", "rs2", "0.1", "."],
        ["A", "T", "rs2", "1", "rs2", ".", "."],
    ]


def test_what_cannot_be_used_is_left_out_and_told(bench: KnownBench) -> None:
    known = bench.add_text(
        rows(
            "1 1001 rs1 G A,<DEL>,* . . .",
            "1 1002 rs2 A . . . .",
            "other 5 rs3 A C . . .",
            "1 9999 rs4 A C . . .",
            "1 x rs5 A C . . .",
            "1 1003",
            "1 1004 rs6 R A . . .",
        ),
        fields="ID",
    )
    assert known.records == 1
    said = notes(bench)
    assert "2 records with an ALT that is no sequence" in said
    assert "2 records with a REF or ALT that is no sequence" in said
    assert "1 records on a contig that the reference does not have" in said
    assert "2 records beyond the end of its contig" in said
    assert "1 records with too few columns" in said


def test_values_that_are_not_of_their_kind_are_left_out(bench: KnownBench) -> None:
    text = rows(
        "1 1001 . G A . . AF=low;COUNT=99999999999",
        "1 1002 . A C,T . . AF=0.1;COUNT=3",
        "1 1003 . T C . . AF=1e-5;COUNT=4.5",
        "1 1004 . T C . . AF=nan",
    )
    bench.add_text(text, fields="AF,COUNT")
    assert [row[6:] for row in table(bench)] == [
        [".", "."],
        [".", "3"],
        [".", "3"],
        ["1e-5", "."],
        [".", "."],
    ]
    assert "unreadable value of AF" in notes(bench)
    found = bench.annotate_rows(["1 1001 . G A .", "1 1003 . T C ."])
    assert found.info(1)["lab_AF"] == "1e-05"


def test_description_that_would_break_a_header_is_mended(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 . G A . . NOTE=x"), fields="NOTE")
    found = bench.annotate_rows(["1 1001 . G A ."])
    (line,) = [line for line in found.header if "ID=NOTE," in line]
    assert "Some 'quoted' words (GAS known: lab 20260102)" in line
    assert 'Source="lab",Version="20260102"' in line
    assert found.info(0)["NOTE"] == "x"


@pytest.mark.parametrize(
    ("content", "fields", "code"),
    [
        (b"", "", "KNOWN_UNREADABLE"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "", "KNOWN_UNREADABLE"),
        ("##fileformat\n".encode("utf-16"), "", "KNOWN_UNREADABLE"),
        (gzip.compress(HEAD.encode() * 99, mtime=0)[:-9], "", "BAD_GZIP"),
        (HEAD.encode(), "", "NO_KNOWN_LEFT"),
        (rows("other 5 . A C . . .").encode(), "", "NO_KNOWN_LEFT"),
        (b"<html></html>\n", "", "NO_KNOWN_LEFT"),
        (rows("1 1001 . G A . . .").encode(), "NOT_THERE", "NO_SUCH_FIELD"),
        (
            rows("1 1001 . C A . . .", "1 1002 . C A . . .", "1 1003 . C A . . .").encode(),
            "",
            "KNOWN_WRONG_BUILD",
        ),
        (b"BCF\x02\x02\0\0\0\0", "", "KNOWN_UNREADABLE"),
    ],
)
def test_unusable_files_are_told_and_leave_nothing(
    bench: KnownBench, content: bytes, fields: str, code: str
) -> None:
    path = bench.path / "lab.vcf"
    path.write_bytes(content)
    with pytest.raises(GasError) as caught:
        bench.add(path, "lab", fields)
    assert caught.value.reason.code == code
    assert caught.value.reason.cure
    assert bench.installed.all_known == ()
    assert [p.name for p in (bench.path / "references").iterdir()] == ["small"]


def test_bgzip_that_was_cut_between_blocks_is_found_out(bench: KnownBench) -> None:
    path = bench.path / "lab.vcf.gz"
    path.write_bytes(bgzipped(rows("1 1001 . G A . . ."), path)[:-28])
    with pytest.raises(InputError, match="BAD_GZIP"):
        bench.add(path, "lab")


BED = """track name=x
chr1\t1000\t1010\tfirst\t5
chr1\t1005\t1020\tsecond;\t.
chr2\t0\t9999\twhole\t1
nowhere\t1\t2\tx\t0
"""


@pytest.mark.parametrize("sparse", [False, True], ids=["streaming", "look-up"])
def test_intervals_that_a_variant_overlaps(bench: KnownBench, sparse: bool) -> None:
    known = bench.add_text(BED, "regions", "name,score", name="lab.bed")
    assert (known.intervals, known.records) == (True, 3)
    base = bench_base(bench, "2", 3000)
    found = bench.annotate_rows(
        [
            "1 1000 . {} T .".format(bench_base(bench, "1", 1000)),
            "1 1001 . G T .",
            "1 1006 . C T .",
            "1 1011 . C T .",
            "1 1021 . A T .",
            f"2 3000 . {base} {other_than(base)} .",
        ],
        sparse=sparse,
    )
    names = [info_of(row).get("name") for row in found.rows]
    assert names == [None, "first", "first,second_", "second_", None, "whole"]
    assert [("in_regions" in info_of(row)) for row in found.rows] == [bool(name) for name in names]


def test_deletion_overlaps_all_that_it_takes_away(bench: KnownBench) -> None:
    bench.add_text("1\t1008\t1009\tinner\n", "regions", "name", name="lab.bed")
    found = bench.annotate_rows(["1 1001 . GATTACACACA G .", "1 1001 . G GTT ."])
    assert [info_of(row).get("name") for row in found.rows] == ["inner", None]


def test_columns_of_a_bed_have_the_names_of_its_header(bench: KnownBench) -> None:
    text = "#chrom\tstart\tend\tgene name\n1\t1020\t1030\tB\n1\t1000\t1010\tA\n"
    bench.add_text(text, "panel", "gene_name", name="panel.bed")
    assert table(bench) == [["1", "1001", "1010", "1", "A"], ["1", "1021", "1030", "1", "B"]]
    with pytest.raises(InputError, match="NO_SUCH_FIELD"):
        bench.add_text(text, "other", "score", name="panel.bed")
