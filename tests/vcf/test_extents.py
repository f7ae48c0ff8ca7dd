"""Symbols with an extent, and records at the ends of a contig."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcf.taking import HEADER, RECORD, header, record, take_in

SVLEN = '##INFO=<ID=SVLEN,Number={},Type=Integer,Description="l">'


@pytest.mark.parametrize(
    ("alt", "info", "then"),
    [
        ("<DEL>", "END=50", "END=50"),
        ("<DEL:ME:ALU>", "SVLEN=-40", "SVLEN=-40"),
        ("<DEL>", "SVLEN=40", "SVLEN=40"),
        ("<DEL>", "END=5;SVLEN=-40", "END=45;SVLEN=-40"),
        ("<DEL>", "END=x;SVLEN=-40", "END=45;SVLEN=-40"),
        ("<DEL>", "END=.;SVLEN=-40", "END=45;SVLEN=-40"),
        ("C,<DEL>", "SVLEN=.,-40", "SVLEN=.,-40"),
        ("C,<DEL>", "SVLEN=-40", "SVLEN=-40;END=45"),
        ("<DUP>", "END=2", "END=2"),
        ("<DUP>", "SVLEN=.", "SVLEN=."),
        ("C,<DUP>", "SVLEN=.,40", "SVLEN=.,40"),
        ("C,<DUP>", "SVLEN=40", "SVLEN=40;END=45"),
        ("<INS>", "END=5", "END=5"),
        ("<NON_REF>", "END=900", "END=900"),
    ],
)
def test_a_deletion_is_given_an_end_that_tools_see(
    tmp_path: Path, alt: str, info: str, then: str
) -> None:
    """One without is moved to the start of the contig by `bcftools norm`."""
    found = take_in(tmp_path, header(SVLEN.format("A")) + record(alt=alt, info=info))
    assert found.infos == [then]
    assert "##INFO=<ID=END,Number=1,Type=Integer" in found.header or "END" not in then


@pytest.mark.parametrize("info", ["SVTYPE=DEL", "END=5", "END=4", "END=x", "SVLEN=0", "SVLEN=."])
def test_a_deletion_without_any_extent_is_set_aside(tmp_path: Path, info: str) -> None:
    found = take_in(tmp_path, HEADER + RECORD + record(alt="<DEL>", info=info))
    assert found.taken.rejected == {"BAD_END": 1}


def test_a_duplication_among_others_without_any_extent_is_set_aside(tmp_path: Path) -> None:
    rows = record(alt="C,<DUP>", info="SVLEN=.") + record(alt="C,<DUP>")
    found = take_in(tmp_path, HEADER + RECORD + rows)
    assert (found.taken.rejected, found.taken.kept) == ({"BAD_END": 1}, 2)


def test_lengths_that_do_not_part_by_alt_are_no_extent(tmp_path: Path) -> None:
    text = header(SVLEN.format(".")) + record(alt="C,<DEL>", info="SVLEN=.,-40")
    assert take_in(tmp_path, text).infos == ["SVLEN=.,-40;END=45"]


@pytest.mark.parametrize("definition", ["Number=1,Type=String", "Number=2,Type=Float"])
def test_end_and_length_stay_whole_numbers(tmp_path: Path, definition: str) -> None:
    lines = [f'##INFO=<ID={key},{definition},Description="d">' for key in ("END", "SVLEN")]
    rows = record(alt="<INS>", info="END=abc;SVLEN=long") + record(alt="<DEL>", info="END=50")
    found = take_in(tmp_path, header(*lines) + rows)
    assert found.infos == ["END=.;SVLEN=.", "END=50"]
    assert found.header.count("Type=Integer") == 2
    assert found.repairs["END or SVLEN that is no whole number was set to missing."] == 2


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        (record(pos="0", ref="N", alt=".[2:5["), True),
        (record(pos="0", ref="N", alt="<DUP>"), True),
        (record(pos="1001", ref="N", alt="].:1]N"), True),
        (record(pos="1000", ref="A", alt="C"), True),
        (record(pos="1", ref="A" * 1000, alt="A"), True),
        (record(pos="0", ref="N", alt="C"), False),
        (record(pos="0", ref="N", alt="*"), False),
        (record(pos="0", ref="N", alt="C,<DUP>"), False),
        (record(pos="1001", ref="A", alt="C"), False),
        (record(pos="1002", ref="N", alt="<DUP>"), False),
        (record(pos="2", ref="A" * 1000, alt="A"), False),
    ],
)
def test_telomeres_are_for_symbols_and_breakends(tmp_path: Path, row: str, kept: bool) -> None:
    found = take_in(tmp_path, HEADER + RECORD + row)
    assert found.taken.rejected == ({} if kept else {"BAD_POS": 1})
