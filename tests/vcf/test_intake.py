"""A whole file taken in: what is mended, what is set aside, what is refused."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import pysam
import pytest

from fuzz.mutations import bgzip_block
from gas.domain.errors import TooLarge
from gas.vcf.caps import Caps
from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Intake
from vcf.taking import COLUMNS, HEADER, RECORD, SAMPLES, header, record, refused, take_in


@pytest.mark.parametrize(
    "content",
    [
        HEADER + RECORD,
        "\ufeff" + HEADER + RECORD,
        (HEADER + RECORD).replace("\n", "\r\n"),
        (HEADER + RECORD).replace("\n", "\r"),
        (HEADER + RECORD).replace("\n", "\r\r\n"),
        (HEADER + RECORD).rstrip("\n"),
        HEADER + RECORD.replace("\n", "\t\n"),
        HEADER + RECORD.replace("\n", "  \n"),
        HEADER + RECORD.replace("\n", "\t\t \n"),
        HEADER.replace("INFO\n", "INFO\t\n") + RECORD,
        HEADER.replace("INFO\n", "INFO\tFORMAT\n") + RECORD,
        COLUMNS + "\n" + RECORD,
        HEADER.replace("VCFv4.2", "VCFv3.3") + RECORD,
        HEADER + "\n" + RECORD,
        HEADER + HEADER + RECORD,
        HEADER + "#comment\n" + RECORD + "\n\n",
        gzip.compress((HEADER + RECORD).encode(), mtime=0),
        gzip.compress(HEADER.encode(), mtime=0) + gzip.compress(RECORD.encode(), mtime=0),
        gzip.compress((HEADER + RECORD).encode(), mtime=0) + b"\0" * 600,
        b"".join(bgzip_block(part) for part in (HEADER.encode(), RECORD.encode(), b"")),
    ],
)
def test_odd_files_give_the_same_record(tmp_path: Path, content: bytes | str) -> None:
    found = take_in(tmp_path, content)
    assert found.rows == [RECORD.rstrip("\n")]
    assert (found.taken.kept, found.taken.rejected) == (1, {})
    assert found.header.startswith("##fileformat=VCFv4.2\n")
    assert found.header.endswith("\tINFO\n")


@pytest.mark.parametrize("chunk", range(15, 22))
def test_line_ends_are_found_across_pieces(tmp_path: Path, chunk: int) -> None:
    """A compressed member ends in the middle of a line end, or nearly."""
    raw = (HEADER + RECORD * 2).replace("\n", "\r\r\n").encode()
    at = len(raw) - chunk
    found = take_in(tmp_path, gzip.compress(raw[:at]) + gzip.compress(raw[at:]))
    assert found.rows == [RECORD.rstrip("\n")] * 2
    assert found.repairs["The line ends of another system (CR) were taken off."] == 4


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (record(chrom="3"), "UNKNOWN_CONTIG"),
        (record(pos="0"), "BAD_POS"),
        (record(pos="-5"), "BAD_POS"),
        (record(pos="x"), "BAD_POS"),
        (record(pos="5.5"), "BAD_POS"),
        (record(pos="1e+05"), "BAD_POS"),
        (record(pos="1001"), "BAD_POS"),
        (record(pos="1000", ref="AC"), "BAD_POS"),
        (record(pos="99999999999999999999"), "BAD_POS"),
        (record(ref=""), "BAD_REF"),
        (record(ref="-"), "BAD_REF"),
        (record(ref="<DEL>"), "BAD_REF"),
        (record(alt=""), "BAD_ALT"),
        (record(alt="C,"), "BAD_ALT"),
        (record(alt="-"), "BAD_ALT"),
        (record(alt="I"), "BAD_ALT"),
        (record(alt="D3"), "OLD_INDEL"),
        (record(alt="IACG"), "OLD_INDEL"),
        (record(alt="<DEL>"), "BAD_END"),
        (record(qual="bad"), "BAD_QUAL"),
        (record(qual="1,5"), "BAD_QUAL"),
        (record(info="A B=1"), "BAD_INFO"),
        (record(info="=1"), "BAD_INFO"),
        ("1\t5\t.\tA\tC\t.\t.\n", "BAD_COLUMNS"),
        (record().replace("\n", "\tGT\t0/1\n"), "BAD_COLUMNS"),
        (record().replace("\t", " "), "BAD_COLUMNS"),
    ],
)
def test_bad_lines_are_set_aside_with_code_line_and_cure(
    tmp_path: Path, row: str, code: str
) -> None:
    found = take_in(tmp_path, HEADER + RECORD + row + RECORD)
    assert found.rows == [RECORD.rstrip("\n")] * 2
    assert found.taken.rejected == {code: 1}
    path = found.taken.rejected_path
    assert path is not None
    assert f"GAS_CODE={code};GAS_LINE=4" in path.read_text()
    assert f"##GAS_CODE=<ID={code},Reason=" in path.read_text()
    with pysam.VariantFile(str(path)) as source:
        assert [one.info["GAS_CODE"] for one in source] == [code]


def test_a_line_set_aside_holds_no_field_of_ours(tmp_path: Path) -> None:
    found = take_in(tmp_path, HEADER + RECORD + record(chrom="3", qual="1e3"), quality_key="Q")
    assert found.taken.rejected_path is not None
    assert "\t1e3\t" in found.taken.rejected_path.read_text()
    assert "Q=1e3" not in found.taken.rejected_path.read_text()


def test_zero_bytes_set_a_line_aside(tmp_path: Path) -> None:
    rows = record(id="a\0b") + record(alt="<DUP\0>")
    found = take_in(tmp_path, HEADER + RECORD * 300 + rows)
    assert (found.taken.kept, found.taken.rejected) == (300, {"BAD_BYTES": 2})
    path = found.taken.rejected_path
    assert path is not None
    assert "GAS_LINE=303;GAS_TEXT=1%095%09a%00b%09A" in path.read_text()
    with pysam.VariantFile(str(path)) as source:
        assert [one.info["GAS_LINE"] for one in source] == [303, 304]


def test_place_of_a_rejected_record_stays_where_it_can_be_read(tmp_path: Path) -> None:
    rows = record(pos="2000", id="rs1") + record(chrom="chrUn_7", info="DP=1;NEW=2", filter="")
    found = take_in(tmp_path, HEADER + RECORD + rows)
    assert found.taken.rejected_path is not None
    with pysam.VariantFile(str(found.taken.rejected_path)) as source:
        first, second = source
    assert (first.chrom, first.pos, first.id, first.info["GAS_CODE"]) == (
        "1",
        2000,
        "rs1",
        "BAD_POS",
    )
    assert (second.chrom, second.pos, second.info["DP"]) == ("chrUn_7", 5, 1)


@pytest.mark.parametrize(
    ("row", "mended", "repair"),
    [
        (record(info=""), record(), "Empty or missing values"),
        (record(id="", qual=""), record(), "Empty or missing values"),
        (record(qual="NA"), record(), "Empty or missing values"),
        (record(filter=""), record(), "FILTER"),
        (record(filter="q;;q;."), record(filter="q"), "FILTER"),
        (record(filter="a,b<c"), record(filter="a_b_c"), "FILTER"),
        (record(filter="0"), record(filter="PASS"), "FILTER"),
        (record(pos=" 5", info="DP=1 "), record(info="DP=1"), "Spaces"),
        (record(pos="5.0"), record(), "POS was written as a whole number."),
        (record(id="n\xe9"), record(id="n\xe9"), ""),
    ],
)
def test_columns_are_mended_and_told(tmp_path: Path, row: str, mended: str, repair: str) -> None:
    found = take_in(tmp_path, HEADER + row)
    assert found.rows == [mended.rstrip("\n")]
    assert any(told.startswith(repair) for told in found.repairs) or not repair


def test_text_that_is_not_utf8_is_read_as_latin1(tmp_path: Path) -> None:
    raw = (header("##source=\xe9") + record(info="X=\xe9")).encode("latin-1")
    found = take_in(tmp_path, raw)
    assert found.infos == ["X=\xe9"]
    assert "##source=\xe9" in found.header
    assert found.repairs["Text that is not UTF-8 was read as Latin-1."] == 1


@pytest.mark.parametrize(
    "alt",
    ["*", ".", "<DUP:TANDEM>", "<CNV:TR>", "C,*,<NON_REF>", "<*>", "A[2:5[", "]2:5]A", ".A", "A.",
     "A[<ctg1>:7[", "c", "R", "A", "C,.", "C,C"],
)  # fmt: skip
def test_every_kind_of_alt_is_taken_as_it_is(tmp_path: Path, alt: str) -> None:
    found = take_in(tmp_path, HEADER + record(alt=alt))
    assert (found.taken.kept, found.taken.kept_alleles) == (1, alt.count(",") + 1)
    assert found.rows == [record(alt=alt).rstrip("\n")]


def test_iupac_codes_are_kept_and_told(tmp_path: Path) -> None:
    found = take_in(tmp_path, HEADER + record(ref="R") + record(alt="CY") + RECORD)
    assert found.taken.kept == 3
    assert [n for told, n in found.repairs.items() if told.startswith("Bases that are")] == [2]


def test_ids_doubles_and_percent_codes_stay(tmp_path: Path) -> None:
    row = record(id="rs1;rs2", info="X=a%3Bb;DP=1")
    assert take_in(tmp_path, HEADER + row * 2).rows == [row.rstrip("\n")] * 2


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("", "EMPTY_FILE", ""),
        ("hello\n", "NOT_VCF", "line 1"),
        ("##fileformat=VCFv4.2\n", "NO_COLUMN_LINE", ""),
        ("##fileformat=VCFv4.2\n" + RECORD, "NO_COLUMN_LINE", "line 2"),
        (HEADER.replace("\t", " "), "BAD_COLUMNS", "line 2"),
        (HEADER + RECORD.replace("\t", " "), "BAD_COLUMNS", "line 3"),
        (HEADER.encode("utf-16"), "UTF16", ""),
        (gzip.compress((HEADER + RECORD).encode(), mtime=0)[:-9], "TRUNCATED_GZIP", "byte"),
        (gzip.compress(HEADER.encode(), mtime=0)[:-20] + b"x" * 60, "BAD_GZIP", "byte"),
        (SAMPLES + SAMPLES.replace("A\tB", "C\tD"), "TWO_HEADERS", "line 4"),
    ],
)
def test_unusable_files_are_refused_with_code_and_place(
    tmp_path: Path, content: bytes | str, code: str, place: str
) -> None:
    reason = refused(tmp_path, content).reason
    assert reason.code == code
    assert reason.place.startswith(place)
    assert reason.cure


def test_order_is_noticed(tmp_path: Path) -> None:
    later, other = record(pos="9"), record(chrom="2", pos="9")
    assert take_in(tmp_path, HEADER + RECORD + later + other).taken.sorted
    assert not take_in(tmp_path, HEADER + later + RECORD).taken.sorted
    assert not take_in(tmp_path, HEADER + RECORD + other + later).taken.sorted


def test_line_bomb_stops_at_the_cap(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = [packer.compress(HEADER.encode() + b"1\t5\t.\tA\t")]
    bomb += [packer.compress(b"C" * 2**20) for _ in range(64)]
    error = refused(tmp_path, b"".join(bomb) + packer.flush(), Caps(line_bytes=2**20))
    assert isinstance(error, TooLarge)
    assert (error.reason.code, error.reason.place) == ("LINE_TOO_LONG", "line 3")


@pytest.mark.parametrize(
    ("caps", "code"),
    [
        (Caps(unpacked_bytes=10**4), "EXPANDS_TOO_MUCH"),
        (Caps(records=999), "TOO_MANY_RECORDS"),
        (Caps(samples=1), "TOO_MANY_SAMPLES"),
        (Caps(contigs=1), "TOO_MANY_CONTIGS"),
        (Caps(keys=1), "TOO_MANY_KEYS"),
        (Caps(header_bytes=100), "HEADER_TOO_LONG"),
    ],
)
def test_every_cap_has_its_code(tmp_path: Path, caps: Caps, code: str) -> None:
    text = header(
        "##contig=<ID=1>", "##contig=<ID=2>", '##FILTER=<ID=q,Description="">', samples=True
    )
    error = refused(tmp_path, text + record(filter="q").replace("\n", "\tGT\t0\t1\n") * 1000, caps)
    assert isinstance(error, TooLarge)
    assert error.reason.code == code
    assert error.reason.cure


def test_records_that_would_become_too_many_are_set_aside(tmp_path: Path) -> None:
    many = record(alt=",".join("C" * 40))
    for caps in (Caps(alleles=39), Caps(split_bytes=40 * len(many) - 100)):
        found = take_in(tmp_path, HEADER + RECORD + many, caps)
        assert found.taken.rejected == {"TOO_MANY_ALLELES": 1}
    assert refused(tmp_path, HEADER + many * 9, Caps(unpacked_bytes=9_000)).reason.code == (
        "EXPANDS_TOO_MUCH"
    )


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:

    raw = gzip.compress((HEADER + RECORD * 100_000).encode())
    seen: list[int] = []
    Intake(ContigNames({"1": 1000})).take(
        io.BytesIO(raw), spool_path=tmp_path / "s", rejected_path=tmp_path / "r", report=seen.append
    )
    assert seen[-1] == len(raw)
    assert len(seen) > 1
