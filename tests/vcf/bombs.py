"""Files that are far larger than they look, made while they are read; and a process that takes
one in: `python -m vcf.bombs NAME FOLDER` prints what came of it, beside a plain file's seconds.
"""

from __future__ import annotations

import io
import json
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path

from gas.domain.errors import GasError
from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Intake

MEGABYTE = 2**20
GIGABYTE = 2**30
PLAIN_RECORDS = 500_000
"""Of a small file that a bomb is measured by: 7 MB."""
VERSION = b"##fileformat=VCFv4.2\n"
COLUMNS = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
HEADER = VERSION + COLUMNS + b"\n"
SAMPLES = VERSION + COLUMNS + b"\tFORMAT\tA\n"
RECORD = b"1\t5\t.\tA\tC\t.\t.\t."


class Stream(io.RawIOBase):
    """Reads what an iterator gives, piece by piece."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._ahead = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._ahead = self._ahead or next(self._parts, b"")
        count = min(len(buffer), len(self._ahead))
        buffer[:count], self._ahead = self._ahead[:count], self._ahead[count:]
        return count


def packed(start: bytes, block: bytes, times: int) -> Iterator[bytes]:
    """A gzip of `start` and so many blocks; a block is packed once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    packer.compress(block)
    once = packer.copy()
    first = packer.flush(zlib.Z_FULL_FLUSH)
    again = once.compress(b"") + once.flush(zlib.Z_FULL_FLUSH)
    yield from repeat(first or again, times)


def long_line(before: bytes, filler: bytes, total: int, after: bytes = b"\n") -> Iterator[bytes]:
    block = filler * (MEGABYTE // len(filler))
    return chain([before], repeat(block, total // MEGABYTE), [after])


def numbered(before: bytes, line: bytes, count: int, after: bytes = b"") -> Iterator[bytes]:
    """So many lines with a number in each, a few thousand at a time."""
    lines = (
        b"".join(line % number for number in range(start, start + 5000))
        for start in range(0, count, 5000)
    )
    return chain([before], lines, [after])


def wide(row: bytes, filler: bytes) -> Iterator[bytes]:
    """A row just within the cap on a line, full of one separator."""
    return long_line(row, filler, 60 * MEGABYTE)


BOMBS: dict[str, tuple[Callable[[], Iterator[bytes]], str]] = {
    "gz-of-one-line": (
        lambda: packed(HEADER + b"1\t5\t.\tA\t", b"C" * MEGABYTE, 1536),
        "LINE_TOO_LONG",
    ),
    "gigabyte-in-a-line": (lambda: long_line(HEADER + RECORD, b"x", GIGABYTE), "LINE_TOO_LONG"),
    "gigabyte-in-a-header-line": (
        lambda: long_line(VERSION + b"##x=", b"y", GIGABYTE),
        "LINE_TOO_LONG",
    ),
    "ten-million-contigs": (
        lambda: numbered(VERSION, b"##contig=<ID=contig_%d,length=1000>\n", 10**7),
        "TOO_MANY_CONTIGS",
    ),
    "million-infos": (
        lambda: numbered(
            VERSION, b'##INFO=<ID=K%d,Number=1,Type=Integer,Description="x">\n', 10**6
        ),
        "TOO_MANY_KEYS",
    ),
    "endless-header": (
        lambda: numbered(VERSION, b"##line_%d=" + b"z" * 1000 + b"\n", 10**6),
        "HEADER_TOO_LONG",
    ),
    "key-in-each-record": (
        lambda: numbered(HEADER, RECORD[:-1] + b"K%d=1\n", 10**6),
        "TOO_MANY_KEYS",
    ),
    "filter-in-each-record": (
        lambda: numbered(HEADER, RECORD[:-3] + b"F%d\t.\n", 10**6),
        "TOO_MANY_KEYS",
    ),
    "contig-in-each-record": (
        lambda: numbered(HEADER, b"c%d" + RECORD[1:] + b"\n", 10**6),
        "UNKNOWN_CONTIGS",
    ),
    "samples": (lambda: wide(VERSION + COLUMNS + b"\tFORMAT", b"\tA"), "TOO_MANY_SAMPLES"),
    "samples-of-one-name": (
        lambda: chain([VERSION + COLUMNS + b"\tFORMAT", b"\tA" * 900_000, b"\n"]),
        "",
    ),
    "tabs": (lambda: wide(HEADER + RECORD, b"\t"), ""),
    "alleles": (lambda: wide(HEADER + RECORD[:7], b",C"), "BAD_COLUMNS"),
    "alleles-in-place": (
        lambda: long_line(HEADER + RECORD[:9], b",C", 60 * MEGABYTE, b"\t.\t.\t.\n"),
        "TOO_MANY_ALLELES",
    ),
    "entries": (lambda: wide(HEADER + RECORD[:-1] + b"DP=1", b";"), "BAD_INFO"),
    "values": (lambda: wide(SAMPLES + RECORD + b"\tGT\t0/1", b":"), "BAD_FORMAT"),
    "format": (
        lambda: long_line(SAMPLES + RECORD + b"\tGT", b":", 60 * MEGABYTE, b"\t0/1\n"),
        "BAD_FORMAT",
    ),
    "genotype": (lambda: wide(SAMPLES + RECORD + b"\tGT\t0", b"/1"), ""),
    "filters": (
        lambda: long_line(HEADER + RECORD[:-3] + b"q", b";", 60 * MEGABYTE, b"\t.\n"),
        "BAD_COLUMNS",
    ),
    "definition": (lambda: wide(VERSION + b"##INFO=<ID=", b"a"), "NO_COLUMN_LINE"),
    "definition-of-commas": (lambda: wide(VERSION + b"##INFO=<ID=a", b",b="), "NO_COLUMN_LINE"),
    "definition-of-old": (lambda: wide(VERSION + b"##INFO=a,", b" "), "NO_COLUMN_LINE"),
    "returns": (lambda: long_line(HEADER, b"\r", 64 * MEGABYTE, RECORD), ""),
    "empty-members": (
        lambda: chain([zlib_member(HEADER + RECORD)], repeat(zlib_member(b""), 100_000)),
        "",
    ),
    "digits": (
        lambda: long_line(HEADER + b"1\t5\t.\tA\tC\t.\t.\tDP=", b"9", 60 * MEGABYTE),
        "",
    ),
    "position": (lambda: long_line(HEADER + b"1\t", b"9", 60 * MEGABYTE), "BAD_COLUMNS"),
}
"""What each is made of, and the code it ends with; none if it is taken in."""


def zlib_member(content: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(content) + packer.flush()


def main(name: str, folder: Path) -> None:
    make, _ = BOMBS[name]
    code, seconds = taken(make(), folder)
    peak = peak_bytes()
    _, plain = taken(numbered(HEADER, b"1\t5\t.\tA\tC\t.\t.\tDP=%d\n", PLAIN_RECORDS), folder)
    told = {"code": code, "peak_bytes": peak, "seconds": seconds, "plain_seconds": plain}
    print(json.dumps(told))


def taken(parts: Iterator[bytes], folder: Path) -> tuple[str, float]:
    """The code it ends with, none if it is taken in, and the seconds of processor time."""
    begun = time.process_time()
    code = ""
    try:
        Intake(ContigNames({"1": 1000})).take(
            io.BufferedReader(Stream(parts)),
            spool_path=folder / "spool.gz",
            rejected_path=folder / "rejected.vcf",
        )
    except GasError as error:
        code = error.reason.code
    return code, time.process_time() - begun


def peak_bytes() -> int:
    """Most memory of this program. What getrusage() says counts its parent's, too: the tests' own,
    from before the exec."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
