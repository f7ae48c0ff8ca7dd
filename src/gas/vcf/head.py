"""The quick look at the first bytes of a file, before it is taken in."""

from __future__ import annotations

import zlib

from gas.vcf import faults
from gas.vcf.sniff import UTF8_BOM, Kind, sniff

COLUMNS = (b"#CHROM", b"POS", b"ID", b"REF", b"ALT", b"QUAL", b"FILTER", b"INFO")
GZIP_WINDOW = 31  # zlib: gzip wrapping, largest window
UNPACK_BYTES = 1 << 20
LONGEST_HEAD = 4096
"""Of a gzip member, without its content; its file name is all that can make it long."""


def check_head(first_bytes: bytes, name: str) -> None:
    """InputError if these first bytes (64 KB are plenty, fewer will do) of the file called `name`
    cannot be a VCF or BCF. What they do not show is left to the intake."""
    kind = sniff(first_bytes)
    if kind in (Kind.GZIP, Kind.BGZIP):
        packed, first_bytes = first_bytes, _unpack(first_bytes)
        if not first_bytes and len(packed) > LONGEST_HEAD:
            return  # nothing to tell by yet
        kind = sniff(first_bytes)
    elif name.lower().endswith((".gz", ".bgz")) and kind is Kind.TEXT:
        raise faults.NOT_GZIP.error()
    check_kind(kind)
    if kind is Kind.TEXT:
        _check_text(first_bytes)


def check_kind(kind: Kind) -> None:
    """InputError unless it is text or BCF."""
    if kind is Kind.EMPTY:
        raise faults.EMPTY_FILE.error()
    if kind is Kind.UTF16:
        raise faults.UTF16.error()
    if kind not in (Kind.TEXT, Kind.BCF):
        raise faults.NOT_VCF.error()


def check_column_line(line: bytes, number: int) -> list[bytes]:
    """The columns of the line '#CHROM...'; InputError BAD_COLUMNS if they are not a VCF's."""
    columns = line.rstrip(b"\t \r\n").split(b"\t")
    fixed = [column.strip().upper() for column in columns[: len(COLUMNS)]]
    if fixed != list(COLUMNS):
        raise faults.BAD_COLUMNS.error(place=f"line {number}")
    if len(columns) > len(COLUMNS) and columns[len(COLUMNS)].strip().upper() != b"FORMAT":
        raise faults.BAD_COLUMNS.error(place=f"line {number}", detail="FORMAT is missing.")
    return columns


def _unpack(packed: bytes) -> bytes:
    """As much as these bytes give; empty if too few to tell."""
    try:
        unpacked = zlib.decompressobj(wbits=GZIP_WINDOW).decompress(packed, UNPACK_BYTES)
    except zlib.error as error:
        raise faults.BAD_GZIP.error() from error
    if not unpacked and len(packed) < 18:  # a gzip without any content has 20 bytes
        raise faults.TRUNCATED_GZIP.error()
    return unpacked


def _check_text(text: bytes) -> None:
    text = text.removeprefix(UTF8_BOM)
    *whole, cut = text.split(b"\n")
    for number, line in enumerate(whole, start=1):
        if line.startswith(b"##") or not line.strip():
            continue
        if line[:6].upper() == b"#CHROM":
            check_column_line(line, number)
            return
        headed = whole[0].startswith(b"##")
        raise (faults.NO_COLUMN_LINE if headed else faults.NOT_VCF).error(place=f"line {number}")
    if not text.strip() or not (cut.startswith(b"##") or b"#CHROM".startswith(cut[:6].upper())):
        raise faults.NOT_VCF.error(place=f"line {len(whole) + 1}")
