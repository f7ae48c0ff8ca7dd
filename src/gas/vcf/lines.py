"""Lines of a file that may be compressed, with caps on a line and on the whole.

Memory is bounded by the cap on a line. A gzip of several members (bgzip is one) is read through.
A line ends with LF, CRLF, CR CR LF (a file that was converted twice) or CR alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from gas.vcf import faults
from gas.vcf.caps import Caps
from gas.vcf.head import GZIP_WINDOW, check_kind
from gas.vcf.sniff import UTF8_BOM, Kind, sniff

CHUNK_BYTES = 1 << 18
FED_BYTES = 1 << 15
"""To zlib at once: what a member leaves over is copied, and a file may consist of tiny members."""
UNPACK_BYTES = 1 << 20


class Unpacker:
    """Chunks of a file's content, and how far it got in the file."""

    def __init__(self, source: BinaryIO, caps: Caps) -> None:
        self._source = source
        self._caps = caps
        self._ahead = memoryview(b"")
        self.read_bytes = 0
        """As stored; what progress is told by."""
        self.unpacked_bytes = 0

    def chunks(self) -> Iterator[bytes]:
        """Text only: InputError for every other kind of content."""
        first = self._read()
        kind = sniff(first)
        packed = kind in (Kind.GZIP, Kind.BGZIP)
        marked = kind is Kind.BGZIP
        self._ahead = memoryview(first)
        parts = self._members(marked=marked) if packed else self._plain(first)
        start = next(parts, b"")
        check_text(sniff(start))
        yield self._counted(start.removeprefix(UTF8_BOM))
        for part in parts:
            yield self._counted(part)

    def _plain(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            yield chunk
            chunk = self._read()

    def _members(self, *, marked: bool) -> Iterator[bytes]:
        """`marked`: the last member has to be an empty one, as bgzip ends its files, since a
        file cut between two members is a good gzip otherwise."""
        member = zlib.decompressobj(wbits=GZIP_WINDOW)
        fresh = True  # nothing of this member was fed yet
        ended_filled = True
        filled = False  # it had content
        fed: bytes | memoryview = self._feed()
        while fed:
            try:
                part = member.decompress(fed, UNPACK_BYTES)
            except zlib.error as error:
                raise faults.BAD_GZIP.error(place=self._place()) from error
            fresh = False
            if part:
                filled = True
                yield part
            fed = member.unused_data if member.eof else member.unconsumed_tail
            if member.eof:
                ended_filled, filled = filled, False
                member, fresh = zlib.decompressobj(wbits=GZIP_WINDOW), True
                fed = self._past_zeros(fed)
            fed = fed or self._feed()
        if not fresh or (marked and ended_filled):
            raise faults.TRUNCATED_GZIP.error(place=self._place())

    def _past_zeros(self, fed: bytes) -> bytes | memoryview:
        """Tapes and some tools pad a file with zeros."""
        rest: bytes | memoryview = fed.lstrip(b"\0")
        while not rest and (more := self._feed()):
            rest = bytes(more).lstrip(b"\0")
        return rest

    def _feed(self) -> memoryview:
        if not self._ahead:
            self._ahead = memoryview(self._read())
        fed, self._ahead = self._ahead[:FED_BYTES], self._ahead[FED_BYTES:]
        return fed

    def _read(self) -> bytes:
        chunk = self._source.read(CHUNK_BYTES)
        self.read_bytes += len(chunk)
        return chunk

    def _counted(self, part: bytes) -> bytes:
        self.unpacked_bytes += len(part)
        if self.unpacked_bytes > self._caps.unpacked_bytes:
            raise too_much(self._caps)
        return part

    def _place(self) -> str:
        return f"byte {self.read_bytes}"


def too_much(caps: Caps) -> Exception:
    return faults.EXPANDS_TOO_MUCH.error(detail=f"At most {caps.unpacked_bytes:,} bytes are.")


def check_text(kind: Kind) -> None:
    check_kind(kind)
    if kind is Kind.BCF:
        raise faults.BAD_BCF.error()  # an engine turns BCF into text before


class Lines:
    """The lines of a file, in batches, each line without its end."""

    def __init__(self, chunks: Iterator[bytes], max_line_bytes: int) -> None:
        self._chunks = chunks
        self._max_line_bytes = max_line_bytes
        self._rest: list[bytes] = []
        """Pieces of the line that is not complete yet."""
        self._odd = False
        """Whether one of them is."""
        self._held = 0
        self._number = 0
        self.returns = 0
        """Lines that ended with CR in one of its ways."""

    def batches(self) -> Iterator[tuple[list[bytes], bool]]:
        """Lines, and whether any of them may hold what is not ASCII, or a zero byte. TooLarge for
        a line past the cap."""
        for chunk in self._line_feeds():
            odd = not chunk.isascii() or b"\0" in chunk
            whole = chunk.split(b"\n")
            last = whole.pop()
            if whole:
                self._held += len(whole[0])
                self._check()  # the cap may lie within one chunk
                self._rest.append(whole[0])
                whole[0] = b"".join(self._rest)
                self._number += len(whole)
                yield whole, odd or self._odd
                self._rest, self._held, self._odd = [], 0, False
            if last:
                self._rest.append(last)
                self._held += len(last)
                self._odd = self._odd or odd
                self._check()
        if self._rest:
            yield [b"".join(self._rest)], self._odd

    def _check(self) -> None:
        if self._held > self._max_line_bytes:
            raise faults.LINE_TOO_LONG.error(
                place=f"line {self._number + 1}",
                detail=f"More than {self._max_line_bytes:,} bytes.",
            )

    def _line_feeds(self) -> Iterator[bytes]:
        """Chunks in which LF ends every line."""
        held = b""  # returns whose line feed may be in the next chunk; never more than two
        for chunk in self._chunks:
            if held or b"\r" in chunk:
                joined = held + chunk
                end = joined[-2:]
                held = end[len(end.rstrip(b"\r")) :]
                yield self._with_line_feeds(joined[: len(joined) - len(held)])
            else:
                yield chunk
        if held:
            yield self._with_line_feeds(held)

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        self.returns += chunk.count(b"\r") - chunk.count(b"\r\r\n")
        chunk = chunk.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
        return chunk.replace(b"\r", b"\n")
