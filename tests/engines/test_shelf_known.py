"""What a run finds of known variants: exactly what their source says of the same variant."""

from __future__ import annotations

import gzip
from collections import defaultdict
from pathlib import Path

import pysam
import pytest

from data import shared
from engines.shelf_bench import (
    DEPTH,
    Annotated,
    KnownBench,
    info_of,
    known_bench,
    rows,
    small_bench,
    table,
)


@pytest.fixture
def bench(tmp_path: Path) -> KnownBench:
    return small_bench(tmp_path)


Key = tuple[str, int, str, str]


def source_of(path: Path, genome: pysam.FastaFile) -> dict[Key, list[dict[str, str]]]:
    """What the file says of each allele, trimmed and left-aligned by plain Python."""
    found: dict[Key, list[dict[str, str]]] = defaultdict(list)
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        if line.startswith("#"):
            continue
        contig, position, name, ref, alts, _, _, info = line.split("\t")
        told = info_of(line.split("\t"))
        for at, alt in enumerate(alts.split(",")):
            key = aligned(genome, contig, int(position), ref, alt)
            one = {"rs": name, "CLNSIG": told.get("CLNSIG", ".")}
            for field in ("AF_1KG", "AF_gnomADe"):
                one[field] = told.get(field, ".").split(",")[at] if field in told else "."
            found[key].append(one)
    assert info
    return found


def aligned(genome: pysam.FastaFile, contig: str, position: int, ref: str, alt: str) -> Key:
    """1-based. As the VCF specification asks for: to the left, without what both share."""
    while ref and alt and ref[-1] == alt[-1] and (len(ref) > 1 or len(alt) > 1):
        ref, alt = ref[:-1], alt[:-1]
        if not ref or not alt:
            position -= 1
            base = genome.fetch(contig, position - 1, position)
            ref, alt = base + ref, base + alt
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        ref, alt, position = ref[1:], alt[1:], position + 1
    return contig, position, ref, alt


def same_number(one: str, other: str) -> bool:
    """To the precision of a VCF's 32 bits."""
    return abs(float(one) - float(other)) <= 1e-6 * abs(float(other))


def compare(annotated: Annotated, source: dict[Key, list[dict[str, str]]]) -> dict[str, int]:
    """How many records have an rs number and so on; all of it has to be what the source says."""
    count: dict[str, int] = defaultdict(int)
    for row in annotated.rows:
        contig, position, name, ref, alt = row[:5]
        info = info_of(row)
        told = source.get((contig, int(position), ref, alt), [])
        assert ("in_slice" in info) == bool(told), row[:5]
        expected = dict.fromkeys(one["rs"] for one in told)
        assert name.split(";") == (list(expected) or ["."])
        assert info.get("slice_ID", "").split(",") == (list(expected) or [""])
        count["rs"] += bool(expected)
        for field in ("AF_1KG", "AF_gnomADe"):
            values = [one[field] for one in told if one[field] != "."]
            assert (field in info) == bool(values), row[:5]
            if values:
                assert same_number(info[field], values[0])
                count[field] += 1
        significance = dict.fromkeys(one["CLNSIG"] for one in told if one["CLNSIG"] != ".")
        assert info.get("CLNSIG", "") == ",".join(significance)
        count["CLNSIG"] += bool(significance)
    return count


@pytest.mark.parametrize("sparse", [False, True], ids=["streaming", "look-up"])
def test_real_variants_get_what_the_source_says(tmp_path: Path, sparse: bool) -> None:
    folder = shared("human_chr21")
    bench = known_bench(tmp_path, "chr21", folder / "chr21.fa.gz", folder / "chr21.gff3.gz")
    known = bench.add(folder / "known_slice.vcf.gz", "slice", "ID,AF_1KG,AF_gnomADe,CLNSIG")
    assert known.records == 119_072
    annotated = bench.annotate(folder / "na12878_slice.vcf.gz", sparse=sparse)
    assert len(annotated.rows) == 1677
    with pysam.FastaFile(str(folder / "chr21.fa.gz")) as genome:
        source = source_of(folder / "known_slice.vcf.gz", genome)
    count = compare(annotated, source)
    assert count["rs"] >= 1460
    assert count["AF_1KG"] > 600


def test_every_known_variant_finds_itself(tmp_path: Path) -> None:
    """CLNSIG is rare among the variants of one person: here are all of them."""
    folder = shared("human_chr21")
    bench = known_bench(tmp_path, "chr21", folder / "chr21.fa.gz", folder / "chr21.gff3.gz")
    bench.add(folder / "known_slice.vcf.gz", "slice", "ID,AF_1KG,AF_gnomADe,CLNSIG")
    bare = tmp_path / "bare.vcf"
    text = gzip.decompress((folder / "known_slice.vcf.gz").read_bytes()).decode().splitlines()
    cut = [
        "\t".join([*line.split("\t")[:2], ".", *line.split("\t")[3:7], "."])
        for line in text
        if line[0] != "#"
    ]
    bare.write_text("\n".join([*(line for line in text if line[0] == "#"), *cut]) + "\n")
    annotated = bench.annotate(bare)
    with pysam.FastaFile(str(folder / "chr21.fa.gz")) as genome:
        count = compare(annotated, source_of(folder / "known_slice.vcf.gz", genome))
    assert count["rs"] == len(annotated.rows) == 119_922
    assert count["CLNSIG"] > 50


@pytest.mark.parametrize("sparse", [False, True], ids=["streaming", "look-up"])
def test_exact_alleles_only(bench: KnownBench, sparse: bool) -> None:
    bench.add_text(
        rows("1 1001 rs1 G A . . AF=0.5", "1 1002 rs2 A C,T . . AF=0.1,0.2"), fields="ID,AF"
    )
    found = bench.annotate_rows(
        ["1 1001 . G C .", "1 1001 . G A,T .", "1 1002 . A T .", "1 1003 . T A ."], sparse=sparse
    )
    assert [(row[4], row[2], info_of(row).get("lab_AF")) for row in found.rows] == [
        ("C", ".", None),
        ("A", "rs1", "0.5"),
        ("T", ".", None),
        ("T", "rs2", "0.2"),
        ("A", ".", None),
    ]


def test_indels_match_however_either_side_wrote_them(bench: KnownBench) -> None:
    """ACACACACA is 1005 to 1013, AAAAAA 1018 to 1023 in contig 1."""
    bench.add_text(rows("1 1010 rs1 CAC C . . .", "1 1022 rs2 AA A . . ."), fields="ID")
    found = bench.annotate_rows(["1 1005 . ACA A .", "1 1017 . CA C ."])
    assert [row[2] for row in found.rows] == ["rs1", "rs2"]


def test_equal_records_of_the_input_all_get_it(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 rs1 G A . . ."), fields="ID")
    found = bench.annotate_rows(["1 1001 . G A .", "1 1001 . G A,C .", "1 1001 own G A ."])
    assert [row[2] for row in found.rows if row[4] == "A"] == ["rs1", "rs1", "own"]


def test_id_of_the_input_stays_and_info_says_it_anyway(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 rs1 G A . . ."), fields="ID")
    found = bench.annotate_rows(["1 1001 mine G A DP=5"], header=[DEPTH])
    assert found.rows[0][2] == "mine"
    assert found.info(0) == {"DP": "5", "in_lab": "", "lab_ID": "rs1"}


def test_identifier_that_is_no_rs_number_is_no_id(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 12345 G A . . ."), fields="ID")
    found = bench.annotate_rows(["1 1001 . G A ."])
    assert (found.rows[0][2], found.info(0)["lab_ID"]) == (".", "12345")


def test_equal_variants_of_the_source_are_joined(bench: KnownBench) -> None:
    known = bench.add_text(
        rows(
            "1 1001 rs1 G A . . NOTE=one;COUNT=.",
            "1 1001 rs2;x G A,C . . NOTE=two,one;COUNT=7",
            "1 1001 rs1 G A . . COUNT=8",
        ),
        fields="ID,NOTE,COUNT",
    )
    assert known.records == 2
    assert table(bench)[0][4:] == ["rs1;rs2", "1", "rs1,rs2,x", "one,two", "7"]


def test_rs_numbers_of_dbsnp_go_first(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 rs1 G A . . ."), "aaa", "ID")
    bench.add_text(rows("1 1001 rs9 G A . . ."), "dbsnp", "ID")
    found = bench.annotate_rows(["1 1001 . G A ."])
    assert found.rows[0][2] == "rs9"
    assert found.info(0)["aaa_ID"] == "rs1"


def test_flags_and_marks(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 . G A . . SEEN", "1 1002 . A C . . ."), fields="SEEN")
    found = bench.annotate_rows(["1 1001 . G A .", "1 1002 . A C .", "1 1003 . T C ."])
    assert [set(info_of(row)) for row in found.rows] == [{"in_lab", "SEEN"}, {"in_lab"}, set()]


@pytest.mark.parametrize("sparse", [False, True], ids=["streaming", "look-up"])
def test_input_without_records_is_no_problem(bench: KnownBench, sparse: bool) -> None:
    bench.add_text(rows("1 1001 rs1 G A . . ."), fields="ID")
    bench.add_text("1\t1000\t1010\tx\n", "regions", "name", name="lab.bed")
    found = bench.annotate_rows([], sparse=sparse)
    assert found.rows == []
    assert [line for line in found.header if "ID=name," in line]
