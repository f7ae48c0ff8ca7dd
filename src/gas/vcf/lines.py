"""Lines of a file that may be compressed, with caps on a line and on the whole.

Memory is bounded by the cap on a line. A gzip of several members (bgzip is one) is read through.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from gas.vcf import faults
from gas.vcf.head import GZIP_WINDOW, check_kind
from gas.vcf.sniff import UTF8_BOM, Kind, sniff

CHUNK_BYTES = 1 << 18
UNPACK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Caps:
    line_bytes: int = 64 * 2**20
    """A cohort of a million genotypes is about 4 MB wide."""
    unpacked_bytes: int = 4 * 2**40


class Unpacker:
    """Chunks of a file's content, and how far it got in the file."""

    def __init__(self, source: BinaryIO, caps: Caps) -> None:
        self._source = source
        self._caps = caps
        self.read_bytes = 0
        """As stored; what progress is told by."""
        self.unpacked_bytes = 0

    def chunks(self) -> Iterator[bytes]:
        """Text only: InputError for every other kind of content."""
        first = self._read()
        kind = sniff(first)
        packed = kind in (Kind.GZIP, Kind.BGZIP)
        marked = kind is Kind.BGZIP
        parts = self._members(first, marked=marked) if packed else self._plain(first)
        start = next(parts, b"")
        check_text(sniff(start))
        yield self._counted(start.removeprefix(UTF8_BOM))
        for part in parts:
            yield self._counted(part)

    def _plain(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            yield chunk
            chunk = self._read()

    def _members(self, chunk: bytes, *, marked: bool) -> Iterator[bytes]:
        """`marked`: the last member has to be an empty one, as bgzip ends its files, since a
        file cut between two members is a good gzip otherwise."""
        member = zlib.decompressobj(wbits=GZIP_WINDOW)
        fresh = True  # nothing of this member was fed yet
        ended_filled = True
        filled = False  # it had content
        while chunk:
            try:
                part = member.decompress(chunk, UNPACK_BYTES)
            except zlib.error as error:
                raise faults.BAD_GZIP.error(place=self._place()) from error
            fresh = False
            if part:
                filled = True
                yield part
            chunk = member.unused_data if member.eof else member.unconsumed_tail
            if member.eof:
                ended_filled, filled = filled, False
                member, fresh = zlib.decompressobj(wbits=GZIP_WINDOW), True
                chunk = chunk.lstrip(b"\0")  # tapes and some tools pad with zeros
            chunk = chunk or self._read()
        if not fresh or (marked and ended_filled):
            raise faults.TRUNCATED_GZIP.error(place=self._place())

    def _read(self) -> bytes:
        chunk = self._source.read(CHUNK_BYTES)
        self.read_bytes += len(chunk)
        return chunk

    def _counted(self, part: bytes) -> bytes:
        self.unpacked_bytes += len(part)
        if self.unpacked_bytes > self._caps.unpacked_bytes:
            raise faults.EXPANDS_TOO_MUCH.error(
                detail=f"At most {self._caps.unpacked_bytes:,} bytes are."
            )
        return part

    def _place(self) -> str:
        return f"byte {self.read_bytes}"


def check_text(kind: Kind) -> None:
    check_kind(kind)
    if kind is Kind.BCF:
        raise faults.BAD_BCF.error()  # an engine turns BCF into text before


def lines(unpacker: Unpacker, max_line_bytes: int) -> Iterator[bytes]:
    """Each without its end (LF, CRLF or CR CR LF); TooLarge for one past the cap."""
    rest: list[bytes] = []
    held = 0
    number = 0
    for chunk in unpacker.chunks():
        whole = chunk.split(b"\n")
        if len(whole) > 1:
            whole[0] = b"".join((*rest, whole[0]))
            for line in whole[:-1]:
                yield line.rstrip(b"\r")
            number += len(whole) - 1
            rest, held = [], 0
        rest.append(whole[-1])
        held += len(whole[-1])
        if held > max_line_bytes:
            raise faults.LINE_TOO_LONG.error(
                place=f"line {number + 1}", detail=f"More than {max_line_bytes:,} bytes."
            )
    last = b"".join(rest).rstrip(b"\r")
    if last:
        yield last
