"""A whole file taken in: what is mended, what is set aside, what is refused."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import pytest

from gas.domain.errors import InputError, TooLarge
from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Intake, Taken
from gas.vcf.lines import Caps

NAMES = {"1": 1000, "2": 500, "MT": 16569}
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
HEADER = f"##fileformat=VCFv4.2\n{COLUMNS}\n"
SAMPLES = f"##fileformat=VCFv4.2\n{COLUMNS}\tFORMAT\tA\tB\n"
RECORD = "1\t5\t.\tA\tC\t.\t.\t.\n"


def take(tmp_path: Path, content: bytes | str, caps: Caps | None = None) -> tuple[Taken, list[str]]:
    raw = content.encode() if isinstance(content, str) else content
    spool = tmp_path / "spool.gz"
    taken = Intake(ContigNames(NAMES), caps).take(
        io.BytesIO(raw), spool_path=spool, rejected_path=tmp_path / "x.rejected.vcf"
    )
    return taken, gzip.decompress(spool.read_bytes()).decode().splitlines()


def refused(tmp_path: Path, content: bytes | str, caps: Caps | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        take(tmp_path, content, caps)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        HEADER + RECORD,
        "\ufeff" + HEADER + RECORD,
        (HEADER + RECORD).replace("\n", "\r\n"),
        (HEADER + RECORD).rstrip("\n"),
        HEADER + RECORD.replace("\n", "\t\n"),
        HEADER.replace("INFO\n", "INFO\t\n") + RECORD,
        COLUMNS + "\n" + RECORD,
        HEADER.replace("VCFv4.2", "VCFv3.3") + RECORD,
        HEADER + "\n" + RECORD,
        gzip.compress((HEADER + RECORD).encode()),
        gzip.compress(HEADER.encode()) + gzip.compress(RECORD.encode()),
    ],
)
def test_odd_files_give_the_same_record(tmp_path: Path, content: bytes | str) -> None:
    taken, rows = take(tmp_path, content)
    assert rows == [RECORD.rstrip("\n")]
    assert (taken.kept, taken.rejected) == (1, {})
    assert taken.header.text({"1": 1000}).startswith("##fileformat=VCFv4.2\n")


@pytest.mark.parametrize("name", ["1", "chr1"])
def test_contigs_are_found_under_either_name(tmp_path: Path, name: str) -> None:
    taken, _ = take(tmp_path, HEADER + RECORD.replace("1\t5", f"{name}\t5"))
    assert taken.contig_by_name == {name: "1"}
    assert f"##contig=<ID={name},length=1000>" in taken.header.text({name: 1000})


@pytest.mark.parametrize("name", ["MT", "M", "chrM", "chrMT", "NC_012920.1"])
def test_mitochondrion_has_many_names(name: str) -> None:
    assert ContigNames(NAMES).find(name) == "MT"


@pytest.mark.parametrize(
    ("name", "bases", "contig"),
    [
        ("NC_000021.9", 46709983, "21"),
        ("NC_000021.8", 46709983, None),  # that is GRCh37's
        ("NC_000021.8", 48129895, "21"),
        ("CM000683.2", 46709983, "21"),
    ],
)
def test_accessions_count_for_their_very_sequence(
    name: str, bases: int, contig: str | None
) -> None:
    assert ContigNames({"21": bases}).find(name) == contig


def test_single_contig_of_the_same_length_is_adopted(tmp_path: Path) -> None:
    declared = HEADER.replace("#CHROM", "##contig=<ID=mine,length=700>\n#CHROM")
    taken = Intake(ContigNames({"theirs": 700})).take(
        io.BytesIO((declared + RECORD.replace("1\t5", "mine\t5")).encode()),
        spool_path=tmp_path / "s",
        rejected_path=tmp_path / "r",
    )
    assert taken.contig_by_name == {"mine": "theirs"}


def test_header_is_mended(tmp_path: Path) -> None:
    header = (
        "##fileformat=VCFv4.2\n"
        '##INFO=<ID=DP,Number=1,Type=integer,Description="d">\n'
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="again">\n'
        '##INFO=NS,1,Integer,"Number of samples"\n'
        "##FILTER=<ID=q10>\n"
        f"{COLUMNS}\tFORMAT\tA\tA\n"
    )
    row = "1\t5\t.\tA\tC\t.\tmine\tDP=1;XX=2\tGT:GQ\t0/1:3\t0/0:4\n"
    taken, rows = take(tmp_path, header + row)
    text = taken.header.text({"1": 1000})
    assert rows == [row.rstrip("\n")]
    assert text.count("ID=DP,") == 1
    assert "##INFO=<ID=DP,Number=1,Type=Integer" in text
    assert '##INFO=<ID=NS,Number=1,Type=Integer,Description="Number of samples">' in text
    for declared in (
        "##INFO=<ID=XX,",
        "##FORMAT=<ID=GT,",
        "##FORMAT=<ID=GQ,",
        "##FILTER=<ID=mine,",
    ):
        assert declared in text
    assert text.rstrip("\n").endswith("FORMAT\tA\tA.2")
    assert taken.header.repairs


@pytest.mark.parametrize(
    ("genotype", "mended"),
    [
        ("0/1", "0/1"),
        ("1|0", "1|0"),
        ("./.", "./."),
        ("0/2", "."),
        ("2", "."),
        ("1/1/1", "1/1/1"),
        ("/1", "/1"),
        ("0/x", "."),
        ("", "."),
    ],
)
def test_genotypes_beyond_alt_are_blanked(tmp_path: Path, genotype: str, mended: str) -> None:
    row = f"1\t5\t.\tA\tC\t.\t.\t.\tGT:DP\t{genotype}:3\t0/0:4\n"
    taken, rows = take(tmp_path, SAMPLES + row)
    assert rows[0].split("\t")[9] == f"{mended}:3"
    assert taken.blanked_genotypes == (genotype != mended)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("3\t5\t.\tA\tC\t.\t.\t.", "UNKNOWN_CONTIG"),
        ("1\t0\t.\tA\tC\t.\t.\t.", "BAD_POS"),
        ("1\t-5\t.\tA\tC\t.\t.\t.", "BAD_POS"),
        ("1\tx\t.\tA\tC\t.\t.\t.", "BAD_POS"),
        ("1\t1001\t.\tA\tC\t.\t.\t.", "BAD_POS"),
        ("1\t1000\t.\tAC\tC\t.\t.\t.", "BAD_POS"),
        ("1\t99999999999999999999\t.\tA\tC\t.\t.\t.", "BAD_POS"),
        ("1\t5\t.\t\tC\t.\t.\t.", "BAD_REF"),
        ("1\t5\t.\t-\tC\t.\t.\t.", "BAD_REF"),
        ("1\t5\t.\tA\t\t.\t.\t.", "BAD_ALT"),
        ("1\t5\t.\tA\tC,\t.\t.\t.", "BAD_ALT"),
        ("1\t5\t.\tA\tD3\t.\t.\t.", "BAD_ALT"),
        ("1\t5\t.\tA\tC\tbad\t.\t.", "BAD_QUAL"),
        ("1\t5\t.\tA\tC\t.\t.\tA B=1", "BAD_INFO"),
        ("1\t5\t.\tA\tC\t.\t.", "BAD_COLUMNS"),
        ("1 5 . A C . . .", "BAD_COLUMNS"),
    ],
)
def test_bad_lines_are_set_aside_with_code_and_line(tmp_path: Path, row: str, code: str) -> None:
    taken, rows = take(tmp_path, HEADER + RECORD + row + "\n" + RECORD)
    assert (taken.kept, len(rows), taken.rejected) == (2, 2, {code: 1})
    assert taken.rejected_path is not None
    text = taken.rejected_path.read_text()
    assert f"GAS_CODE={code};GAS_LINE=4" in text
    assert f"##GAS_CODE=<ID={code},Reason=" in text
    assert "Cure=" in text


@pytest.mark.parametrize("alt", ["*", ".", "<DEL>", "C,*,<NON_REF>", "A[2:5[", "]2:5]A", ".A"])
def test_every_kind_of_alt_is_taken(tmp_path: Path, alt: str) -> None:
    taken, _ = take(tmp_path, HEADER + f"1\t5\t.\tA\t{alt}\t.\t.\t.\n")
    assert (taken.kept, taken.kept_alleles) == (1, alt.count(",") + 1)


def test_file_of_unknown_contigs_is_refused_by_name(tmp_path: Path) -> None:
    error = refused(tmp_path, HEADER + RECORD.replace("1\t5", "chrUn_7\t5"))
    assert error.reason.code == "UNKNOWN_CONTIGS"
    assert "chrUn_7" in error.reason.message
    assert "MT" in error.reason.message
    assert error.reason.place == "line 3"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "EMPTY_FILE"),
        ("hello\n", "NOT_VCF"),
        ("##fileformat=VCFv4.2\n", "NO_COLUMN_LINE"),
        ("##fileformat=VCFv4.2\n" + RECORD, "NO_COLUMN_LINE"),
        (HEADER.replace("\t", " "), "BAD_COLUMNS"),
        (HEADER + RECORD.replace("\t", " "), "BAD_COLUMNS"),
        (HEADER.encode("utf-16"), "UTF16"),
        (gzip.compress((HEADER + RECORD).encode())[:-9], "TRUNCATED_GZIP"),
        (gzip.compress(HEADER.encode())[:-20] + b"x" * 60, "BAD_GZIP"),
    ],
)
def test_unusable_files_are_refused(tmp_path: Path, content: bytes | str, code: str) -> None:
    assert refused(tmp_path, content).reason.code == code


def test_order_is_noticed(tmp_path: Path) -> None:
    later = RECORD.replace("1\t5", "1\t9")
    other = RECORD.replace("1\t5", "2\t9")
    assert take(tmp_path, HEADER + RECORD + later + other)[0].sorted
    assert not take(tmp_path, HEADER + later + RECORD)[0].sorted
    assert not take(tmp_path, HEADER + RECORD + other + later)[0].sorted


def test_line_bomb_stops_at_the_cap(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = [packer.compress(HEADER.encode() + b"1\t5\t.\tA\t")]
    bomb += [packer.compress(b"C" * 2**20) for _ in range(1024)]
    raw = b"".join(bomb) + packer.flush()
    assert len(raw) < 1_100_000
    error = refused(tmp_path, raw, Caps(line_bytes=2**20))
    assert isinstance(error, TooLarge)
    assert (error.reason.code, error.reason.place) == ("LINE_TOO_LONG", "line 3")


def test_unpacked_bytes_are_capped(tmp_path: Path) -> None:
    raw = gzip.compress((HEADER + RECORD * 100_000).encode())
    error = refused(tmp_path, raw, Caps(unpacked_bytes=10**6))
    assert error.reason.code == "EXPANDS_TOO_MUCH"
