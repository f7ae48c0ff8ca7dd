"""Header lines: what stays, what is mended, what is declared because records use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcf.taking import HEADER, RECORD, SAMPLES, header, record, take_in


def lines_of(tmp_path: Path, *lines: str, rows: str = RECORD) -> list[str]:
    return take_in(tmp_path, header(*lines) + rows).header.split("\n")


@pytest.mark.parametrize(
    "line",
    [
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="d, <e> \\"f\\"",Source="s",Version="3">',
        '##INFO=<Number=1,Description="",ID=DP,Type=Integer>',
        '##FORMAT=<ID=LAD,Number=LR,Type=Integer,Description="local">',
        '##FORMAT=<ID=MM,Number=M,Type=Integer,Description="bases">',
        '##FILTER=<ID=q10,Description="q">',
        '##ALT=<ID=DUP:TANDEM,Description="t">',
        '##contig=<ID=1,length=1000,assembly="b",md5=abc>',
        "##contig=<ID=HLA-A*01:01>",
        "##META=<ID=Tissue,Type=String,Number=.,Values=[Blood, Skin]>",
        "##SAMPLE=<ID=x,Genomes=a;b,Mixture=.3;.7>",
        "##PEDIGREE=<Name_0=G0,Name_1=G1>",
        '##GATKCommandLine=<ID=x,CommandLine="a \\"b\\" [c, d]",Date="May 3, 2023">',
        '##source="tvc 5.12"',
        "##reference=file:///x.fa",
    ],
)
def test_lines_that_a_strict_reader_takes_stay(tmp_path: Path, line: str) -> None:
    found = take_in(tmp_path, header(line) + RECORD)
    assert line in found.header.split("\n")
    assert not found.repairs


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ('##INFO=<ID=A,Number=1,Type=integer,Description="d">', "A,Number=1,Type=Integer"),
        ('##INFO=<ID=A,Number=-1,Type=String,Description="d">', "A,Number=.,Type=String"),
        ('##INFO=<ID=A,Number=LA,Type=String,Description="d">', "A,Number=.,Type=String"),
        ('##INFO=<ID=A,Type=Long,Description="d">', "A,Number=.,Type=String"),
        ('##INFO=<ID=A,Number=1,Type=Flag,Description="d">', "A,Number=0,Type=Flag"),
        ('##INFO=<ID=A,Number=1,Type=Float,Description="d",IDX=3>', "A,Number=1,Type=Float"),
        ('##INFO=<ID=A,Number=1,Type=Float,Description="d', "A,Number=1,Type=Float"),
        ("##INFO=<ID=A,Number=1,Type=Float,Description=d>", "A,Number=1,Type=Float"),
        ('##INFO=<ID="A",Number=1,Type=Float,Description="d">', "A,Number=1,Type=Float"),
        ('##INFO=A,1,Float,"d"', "A,Number=1,Type=Float"),
    ],
)
def test_definitions_are_written_as_they_should_be(tmp_path: Path, line: str, mended: str) -> None:
    found = take_in(tmp_path, header(line) + RECORD)
    assert f'##INFO=<ID={mended},Description="d">' in found.header.split("\n")
    assert found.repairs == {"A definition was written as it should be.": 1}


def test_quotes_within_a_description_are_mended(tmp_path: Path) -> None:
    line = '##INFO=<ID=A,Number=1,Type=Float,Description="a "b", c">'
    mended = "##INFO=<ID=A,Number=1,Type=Float,Description=\"a 'b', c\">"
    assert mended in lines_of(tmp_path, line)


@pytest.mark.parametrize(
    "line",
    [
        "##INFO=<>",
        '##INFO=<ID=,Number=1,Type=Float,Description="d">',
        '##INFO=<ID=a b,Number=1,Type=Float,Description="d">',
        '##INFO=<ID=A,Number=1,Type=Float,Description="' + "d" * 70_000 + '">',
        "##contig=<>",
        "##contig=<ID=a b>",
        "##ALT=<Description>",
        "##x=<y>",
        "##",
        "##x",
        "##=x",
    ],
)
def test_lines_that_nobody_can_read_are_left_out_and_told(tmp_path: Path, line: str) -> None:
    found = take_in(tmp_path, header(line) + RECORD)
    assert found.header.split("\n")[1].startswith("##contig=<ID=1,")
    assert sum(found.repairs.values()) == 1


def test_second_definitions_and_contigs_are_left_out(tmp_path: Path) -> None:
    info = '##INFO=<ID=DP,Number=1,Type=Integer,Description="{}">'
    contig = "##contig=<ID=1,length={}>"
    lines = [info.format("a"), info.format("b"), contig.format(1000), contig.format(7)]
    found = take_in(tmp_path, header(*lines) + RECORD)
    assert found.header.split("\n")[1:3] == [lines[0], lines[2]]
    assert sum(found.repairs.values()) == 2


def test_indexes_that_bcf_keeps_for_itself_are_taken_off_contigs(tmp_path: Path) -> None:
    assert "##contig=<ID=1,length=9>" in lines_of(tmp_path, "##contig=<ID=1,length=9,IDX=0>")


def test_what_records_use_is_declared_with_the_meaning_it_is_known_for(tmp_path: Path) -> None:
    row = record(info="END=9;AC=1;SB=2;MINE=3", filter="f;g").replace("\n", "\tGT:GQ:X\t0:1:a\t1\n")
    found = take_in(tmp_path, SAMPLES + row)
    for declared in (
        "##INFO=<ID=END,Number=1,Type=Integer,",
        "##INFO=<ID=AC,Number=A,Type=Integer,",
        "##INFO=<ID=MINE,Number=.,Type=String,",
        "##FORMAT=<ID=GT,Number=1,Type=String,",
        "##FORMAT=<ID=GQ,Number=1,Type=Integer,",
        "##FORMAT=<ID=X,Number=.,Type=String,",
        "##FILTER=<ID=f,",
        "##FILTER=<ID=g,",
    ):
        assert declared in found.header
    assert found.rows == [row.rstrip("\n")]


def test_samples_get_names_of_their_own(tmp_path: Path) -> None:
    columns = SAMPLES.replace("A\tB", "A\tA\t\tA.2\tA")
    found = take_in(tmp_path, columns + RECORD.replace("\n", "\tGT" + "\t0/1" * 5 + "\n"))
    assert found.header.endswith("FORMAT\tA\tA.2\tsample\tA.2.2\tA.3\n")


@pytest.mark.parametrize(
    ("version", "written"),
    [
        ("##fileformat=VCFv4.5", "VCFv4.5"),
        ("##fileformat=VCFv4.0", "VCFv4.0"),
        ("##format=VCFv3.3", "VCFv4.2"),
        ("##fileformat=VCFv4.10", "VCFv4.2"),
        ("##fileformat=4.1", "VCFv4.2"),
    ],
)
def test_version_line_is_one_that_readers_know(tmp_path: Path, version: str, written: str) -> None:
    text = HEADER.replace("##fileformat=VCFv4.2", version)
    assert take_in(tmp_path, text + RECORD).header.startswith(f"##fileformat={written}\n")


def test_carrier_header_keeps_values_as_they_are_written(tmp_path: Path) -> None:
    lines = [
        '##INFO=<ID=AF,Number=A,Type=Float,Description="f">',
        '##INFO=<ID=END,Number=1,Type=Integer,Description="e">',
        '##FORMAT=<ID=GP,Number=G,Type=Float,Description="p">',
        '##FORMAT=<ID=VAF,Number=A,Type=Float,Description="v">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="d">',
        "##contig=<ID=chr7>",
    ]
    found = take_in(tmp_path, header(*lines) + RECORD)
    carrier = found.taken.header.carrier_text({"1": 1000}, ["##x=y"]).split("\n")
    assert carrier[1:8] == [
        '##INFO=<ID=AF,Number=A,Type=String,Description="f">',
        lines[1],
        lines[2],
        '##FORMAT=<ID=VAF,Number=A,Type=String,Description="v">',
        lines[4],
        "##contig=<ID=1,length=1000>",
        "##x=y",
    ]
    assert lines[0] in found.header.split("\n")
