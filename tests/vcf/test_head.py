"""What the first bytes of a file tell."""

from __future__ import annotations

import gzip

import pytest

from gas.domain.errors import InputError
from gas.vcf.head import check_head
from gas.vcf.sniff import Kind, sniff

COLUMNS = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
GOOD = b"##fileformat=VCFv4.2\n" + COLUMNS + b"1\t5\t.\tA\tC\t.\t.\t.\n"
BGZIP_EOF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", Kind.EMPTY),
        (GOOD, Kind.TEXT),
        (gzip.compress(GOOD, mtime=0), Kind.GZIP),
        (BGZIP_EOF, Kind.BGZIP),
        (b"BCF\x02\x02\0\0", Kind.BCF),
        (GOOD.decode().encode("utf-16"), Kind.UTF16),
        (GOOD.decode().encode("utf-16-le"), Kind.UTF16),
        (b"\x89PNG\r\n\x1a\n\0\0", Kind.BINARY),
    ],
)
def test_kind_is_told_from_first_bytes(head: bytes, kind: Kind) -> None:
    assert sniff(head) is kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (GOOD, "a.vcf"),
        (b"\xef\xbb\xbf" + GOOD, "a.vcf"),
        (GOOD.replace(b"\n", b"\r\n"), "a.vcf"),
        (GOOD.replace(b"\n", b"\r"), "a.vcf"),
        (COLUMNS, "a.vcf"),
        (b"##fileformat=VCFv4.2\n##INFO=<ID=cut", "a.vcf"),
        (b"##fileformat=VCFv4.2\n#CHR", "a.vcf"),
        (GOOD.replace(b"INFO\n", b"INFO\t\n"), "a.vcf"),
        (gzip.compress(GOOD, mtime=0), "a.vcf.gz"),
        (gzip.compress(GOOD, mtime=0)[:40], "a.vcf.gz"),
        (b"BCF\x02\x02\0\0\0", "a.bcf"),
    ],
)
def test_usable_heads_pass(head: bytes, name: str) -> None:
    check_head(head, name)


@pytest.mark.parametrize(
    ("head", "name", "code"),
    [
        (b"", "a.vcf", "EMPTY_FILE"),
        (b"\n\n", "a.vcf", "NOT_VCF"),
        (b"<html><body>Not here</body>\n", "a.vcf", "NOT_VCF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "a.vcf", "NOT_VCF"),
        (b"hello", "a.vcf", "NOT_VCF"),
        (GOOD.decode().encode("utf-16"), "a.vcf", "UTF16"),
        (GOOD, "a.vcf.gz", "NOT_GZIP"),
        (gzip.compress(GOOD, mtime=0)[:11], "a.vcf.gz", "TRUNCATED_GZIP"),
        (b"\x1f\x8b\x08\xff" + b"\xff" * 60, "a.vcf.gz", "BAD_GZIP"),
        (gzip.compress(b"<html>\n", mtime=0), "a.vcf.gz", "NOT_VCF"),
        (gzip.compress(b"", mtime=0), "a.vcf.gz", "EMPTY_FILE"),
        (GOOD.replace(b"\t", b" "), "a.vcf", "BAD_COLUMNS"),
        (GOOD.replace(b"REF\tALT", b"ALT\tREF"), "a.vcf", "BAD_COLUMNS"),
        (GOOD.replace(b"\tINFO", b""), "a.vcf", "BAD_COLUMNS"),
        (GOOD.replace(COLUMNS, b""), "a.vcf", "NO_COLUMN_LINE"),
    ],
)
def test_unusable_heads_are_refused_with_a_code(head: bytes, name: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        check_head(head, name)
    assert caught.value.reason.code == code
    assert caught.value.reason.cure
