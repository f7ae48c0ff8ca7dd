"""INFO and samples: values against their definitions, genotypes against ALT."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from gas.vcf.samples import LEFT_OUT
from vcf.taking import HEADER, SAMPLES, Found, header, record, take_in

QUALITIES = [".", "0", "50", "302.64", "0.1", "0.0002", "123456", "99999.9", "999.999"]
TOOLS_CHANGE = ["50.00", "12345.67", "1234567", "0.00001", "1e-5", "007", "5.", ".5", "1000000"]
DP = '##INFO=<ID=DP,Number=1,Type={},Description="d">'
AC = '##INFO=<ID=AC,Number={},Type=Integer,Description="a">'
AD = '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">'


@pytest.mark.parametrize(
    ("declared", "value", "then"),
    [
        ("Integer", "3", "Integer"),
        ("Integer", "-3,.,+4", "Integer"),
        ("Integer", "2147483647", "Integer"),
        ("Integer", ".5", "Float"),
        ("Integer", "1e3", "Float"),
        ("Integer", "2147483648", "String"),
        ("Integer", "99999999999,0.5", "String"),
        ("Integer", "0x1F", "String"),
        ("Integer", "1_000", "String"),
        ("Float", "1", "Float"),
        ("Float", "1.,.5,-1E-5,nan,inf,.", "Float"),
        ("Float", "50%", "String"),
        ("Float", "0.1.2", "String"),
        ("String", "anything = goes", "String"),
        ("Character", "long", "Character"),
    ],
)
def test_the_type_gives_way_and_the_value_stays(
    tmp_path: Path, declared: str, value: str, then: str
) -> None:
    found = take_in(tmp_path, header(DP.format(declared)) + record(info=f"DP={value}") * 3)
    assert found.infos == [f"DP={value}"] * 3
    assert DP.format(then) in found.header
    assert bool(found.repairs) == (declared != then)


def test_types_give_way_once_and_are_told_by_name(tmp_path: Path) -> None:
    rows = "".join(record(info=f"DP={x}") for x in ("1", "1.5", "high", "2.5", "3"))
    found = take_in(tmp_path, header(DP.format("Integer")) + rows)
    assert DP.format("String") in found.header
    assert found.repairs == {
        "INFO/DP was declared Float: not all are Integer.": 1,
        "INFO/DP was declared String: not all are Float.": 1,
    }


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "-", "null", " "])
def test_ways_to_say_nothing_become_missing(tmp_path: Path, missing: str) -> None:
    found = take_in(tmp_path, header(DP.format("Integer")) + record(info=f"DP={missing}"))
    assert found.infos == ["DP=."]
    assert DP.format("Integer") in found.header


@pytest.mark.parametrize(
    ("info", "mended"),
    [
        ("DP=1;DP=2", "DP=1"),
        ("DP=1;;X;", "DP=1;X"),
        (".;DP=1", "DP=1"),
        ("DP=1; X=2 ;Y", "DP=1;X=2 ;Y"),
        (";", "."),
    ],
)
def test_entries_are_mended(tmp_path: Path, info: str, mended: str) -> None:
    found = take_in(tmp_path, HEADER + record(info=info))
    assert found.infos == [mended]
    assert found.repairs


def two_alts(tmp_path: Path, number: str, *values: str) -> Found:
    rows = "".join(record(alt="C,G", info=f"AC={value}") for value in values)
    return take_in(tmp_path, header(AC.format(number)) + rows)


def test_number_that_most_records_do_not_keep_is_declared_as_any(tmp_path: Path) -> None:
    found = two_alts(tmp_path, "A", "1", "2", "1,2")
    assert AC.format(".") in found.header
    assert found.infos == ["AC=1", "AC=2", "AC=1,2"]


def test_number_that_most_records_keep_stays_and_the_others_are_told(tmp_path: Path) -> None:
    found = two_alts(tmp_path, "A", "1,2", "1,2", ".", "1,2,3")
    assert AC.format("A") in found.header
    assert [n for told, n in found.repairs.items() if "INFO/AC does not fit ALT" in told] == [1]


@pytest.mark.parametrize(("number", "value"), [("R", "1,2,3"), ("G", "1,2,3,4,5,6"), (".", "1")])
def test_numbers_are_held_against_alt(tmp_path: Path, number: str, value: str) -> None:
    assert not two_alts(tmp_path, number, value).repairs


@pytest.mark.parametrize("quality", QUALITIES + TOOLS_CHANGE)
def test_quality_that_tools_would_change_is_kept_beside_it(tmp_path: Path, quality: str) -> None:
    """Tools read 32 bits and write six digits."""
    read = struct.unpack("f", struct.pack("f", float(quality)))[0] if quality != "." else 0.0
    changes = quality not in (".", f"{read:g}")
    assert changes == (quality in TOOLS_CHANGE)
    rows = "".join(record(qual=quality, info=info) for info in (".", "DP=1") * 9)
    for text in (HEADER + rows, SAMPLES + rows.replace("\n", "\tGT\t0/1\t.\n")):
        infos = take_in(tmp_path, text, quality_key="Q").infos
        kept = [f"Q={quality}", f"DP=1;Q={quality}"] if changes else [".", "DP=1"]
        assert infos == kept * 9
        assert take_in(tmp_path, text).infos == [".", "DP=1"] * 9


def samples(*values: str, format_: str = "GT:DP", alt: str = "C") -> str:
    return record(alt=alt).replace("\n", "\t" + "\t".join((format_, *values)) + "\n")


@pytest.mark.parametrize(
    ("genotype", "mended"),
    [
        ("0/1", "0/1"),
        ("1|0", "1|0"),
        ("./.", "./."),
        (".|1", ".|1"),
        ("1", "1"),
        ("1/1/1", "1/1/1"),
        ("0|0|1|.", "0|0|1|."),
        ("/1", "/1"),
        ("|0/1", "|0/1"),
        ("0\\1", "0/1"),
        (" 0/1 ", "0/1"),
        ("0/2", "."),
        ("2", "."),
        ("0/x", "."),
        ("0/", "."),
        ("0//1", "."),
        ("-1", "."),
        ("--", "."),
        ("999999999999", "."),
        ("", "."),
    ],
)
def test_genotypes_beyond_alt_are_blanked(tmp_path: Path, genotype: str, mended: str) -> None:
    found = take_in(tmp_path, SAMPLES + samples(f"{genotype}:3", "0/0:4"))
    assert found.rows[0].split("\t")[9:] == [f"{mended}:3", "0/0:4"]
    assert found.taken.blanked_genotypes == (mended == ".")


@pytest.mark.parametrize("version", ["4.2", "4.4", "4.5"])
def test_phase_in_front_of_a_genotype_needs_its_version(tmp_path: Path, version: str) -> None:
    text = (SAMPLES + samples("/0|1:3", "0/0:4")).replace("4.2", version)
    found = take_in(tmp_path, text)
    assert found.rows[0].split("\t")[9] == "/0|1:3"
    assert found.header.startswith(f"##fileformat=VCFv{max(version, '4.4')}\n")


def test_genotypes_of_a_record_without_alt_hold_ref_only(tmp_path: Path) -> None:
    found = take_in(tmp_path, SAMPLES + samples("0/0", "0/1", format_="GT", alt="."))
    assert found.rows[0].split("\t")[9:] == ["0/0", "."]


@pytest.mark.parametrize(
    ("format_", "values", "mended"),
    [
        ("DP:GT", ["3:0/1", "4:0/3"], ["3:0/1", "4:."]),
        ("DP:GT", ["3:0/1", "4"], ["3:0/1", "4:."]),
        ("DP:AD:GT:FT", ["3:1,2:0/1", "."], ["3:1,2:0/1", ".:.:."]),
        ("AD", ["1,2", "."], ["1,2", "."]),
        ("GT:DP:AD", ["0/1", "0/1:3"], ["0/1", "0/1:3"]),
        ("GT:DP", ["0/1:", ""], ["0/1:.", "."]),
        ("GT:DP", ["0/1:NA", "0/1:na"], ["0/1:.", "0/1:."]),
        (".", [".", "."], [".", "."]),
        ("GT:FT", ["0/1:PASS", "0/1:q10;s50"], ["0/1:PASS", "0/1:q10;s50"]),
        ("GT:LAA:LAD", ["0/1:1:4,5", "0/0:.:9"], ["0/1:1:4,5", "0/0:.:9"]),
    ],
)
def test_samples_stay_or_are_mended(
    tmp_path: Path, format_: str, values: list[str], mended: list[str]
) -> None:
    found = take_in(tmp_path, SAMPLES + samples(*values, format_=format_))
    assert found.rows[0].split("\t")[8:] == [format_, *mended]


@pytest.mark.parametrize(
    ("format_", "values"),
    [
        ("GT", ["0/1:5", "0/1"]),
        ("GT:GT", ["0/1", "0/1"]),
        ("GT::DP", ["0/1", "0/1"]),
        ("GT DP", ["0/1", "0/1"]),
        ("", ["0/1", "0/1"]),
        (".", ["0/1", "."]),
    ],
)
def test_samples_that_format_does_not_fit_set_the_record_aside(
    tmp_path: Path, format_: str, values: list[str]
) -> None:
    text = SAMPLES + samples("0/0", "0/1") + samples(*values, format_=format_)
    assert take_in(tmp_path, text).taken.rejected == {"BAD_FORMAT": 1}


def test_sample_values_of_another_type_are_kept_and_declared(tmp_path: Path) -> None:
    rows = samples("0/1:3", "0/1:4") + samples("0/1:.5", "0/1:4") + samples("0/1:7", "0/1:8")
    found = take_in(tmp_path, SAMPLES + rows)
    assert "".join(f"{row}\n" for row in found.rows) == rows
    assert "##FORMAT=<ID=DP,Number=1,Type=Float," in found.header


def test_counts_of_sample_values_are_held_against_alt(tmp_path: Path) -> None:
    fine = samples("0/1:1,2,3", "0/1", format_="GT:AD", alt="C,G")
    short = samples("0/1:1,2", "0/1:1", format_="GT:AD", alt="C,G")
    kept = take_in(tmp_path, header(AD, samples=True) + fine * 2 + short)
    assert AD in kept.header
    assert [n for told, n in kept.repairs.items() if "FORMAT/AD does not fit" in told] == [1]
    assert AD not in take_in(tmp_path, header(AD, samples=True) + fine + short * 2).header


def test_genotypes_that_are_left_out_are_told(tmp_path: Path) -> None:
    rows = samples("3:0/1", "4", format_="DP:GT") + samples("3", "4", format_="DP:GT", alt="C,T")
    found = take_in(tmp_path, SAMPLES + rows)
    assert [row.split("\t")[9:] for row in found.rows] == [["3:0/1", "4:."], ["3:.", "4:."]]
    assert found.taken.header.repairs[LEFT_OUT] == 3
