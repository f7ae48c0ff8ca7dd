"""When what is left of a file makes no sense, the file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcf.taking import HEADER, RECORD, record, refused, take_in


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (record(pos="2000"), "BAD_POS"),
        (record(ref="-"), "BAD_REF"),
        (record(alt="I"), "BAD_ALT"),
        (record().replace("\t", " "), "BAD_COLUMNS"),
        (record(qual="PASS"), "BAD_QUAL"),
    ],
)
def test_one_reason_for_more_than_half_refuses_the_file(
    tmp_path: Path, row: str, code: str
) -> None:
    reason = refused(tmp_path, HEADER + RECORD * 9 + row * 11).reason
    assert (reason.code, reason.place) == (code, "line 12")
    assert "11 of its 20 records" in reason.message
    assert reason.cure


@pytest.mark.parametrize(
    "rows",
    [
        RECORD * 10 + record(ref="-") * 10,
        RECORD + record(ref="-") * 9,
        RECORD * 5 + record(ref="-") * 8 + record(alt="-") * 8,
        RECORD + record(chrom="7") * 99,
        RECORD + record(alt="<DEL>") * 99,
    ],
)
def test_the_rest_is_used_where_it_makes_sense(tmp_path: Path, rows: str) -> None:
    found = take_in(tmp_path, HEADER + rows)
    assert found.taken.kept + sum(found.taken.rejected.values()) == rows.count("\n")


def test_nothing_left_is_refused_however_few(tmp_path: Path) -> None:
    assert "all 1 records" in refused(tmp_path, HEADER + record(ref="-")).reason.message


def test_header_without_records_is_taken(tmp_path: Path) -> None:
    assert take_in(tmp_path, HEADER).taken.kept == 0
