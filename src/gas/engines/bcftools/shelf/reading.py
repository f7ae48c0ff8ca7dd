"""Reads a file of known variants line by line, plain, gzip or bgzip, and tells how far it got."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from gas.domain.errors import InputError
from gas.vcf.sniff import UTF8_BOM, Kind, sniff

CHUNK_BYTES = 1 << 18
LONGEST_LINE = 64 * 2**20
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""SAM specification, section 4.1.2: the empty block that ends a bgzip file."""


def kind_of(path: Path) -> Kind:
    """TEXT or BCF, whatever it is packed in. InputError KNOWN_UNREADABLE for anything else."""
    with path.open("rb") as source:
        head = source.read(1 << 16)
    kind = sniff(head)
    if kind in (Kind.GZIP, Kind.BGZIP):
        try:
            kind = sniff(zlib.decompressobj(wbits=31).decompress(head, 1 << 16))
        except zlib.error as error:
            raise damaged(path) from error
    if kind not in (Kind.TEXT, Kind.BCF):
        what = {Kind.EMPTY: "It is empty.", Kind.UTF16: "It is UTF-16 text."}.get(kind, "")
        raise unreadable(path, what or "It is no text.")
    return kind


def lines_of(path: Path, report: Callable[[int], object]) -> Iterator[bytes]:
    """Without their ends. `report` is told the bytes read, as stored.

    InputError BAD_GZIP for a file that is damaged or cut off, KNOWN_UNREADABLE for a line that is
    longer than any real one.
    """
    _check_end(path)
    rest = b""
    for part in _unpacked(path, report):
        whole = (rest + part).split(b"\n")
        rest = whole.pop()
        yield from (line.rstrip(b"\r") for line in whole)
        if len(rest) > LONGEST_LINE:
            raise unreadable(path, f"It has a line of more than {LONGEST_LINE:,} bytes.")
    if rest.rstrip(b"\r"):
        yield rest.rstrip(b"\r")


def unreadable(path: Path, what: str, place: str = "") -> InputError:
    return InputError(
        "KNOWN_UNREADABLE",
        f"The known variants in {path.name} cannot be read. {what}",
        place=place,
        cure="Give a VCF or BCF, or a BED whose name ends in .bed or .bed.gz.",
    )


def damaged(path: Path) -> InputError:
    return InputError(
        "BAD_GZIP",
        f"The compressed file {path.name} is damaged or cut off.",
        cure="Copy or download it again; `gzip -t` says whether it is whole.",
    )


def _check_end(path: Path) -> None:
    """A bgzip cut off between two blocks is a good gzip: only its last block tells."""
    with path.open("rb") as source:
        if sniff(source.read(64)) is not Kind.BGZIP:
            return
        size = source.seek(0, 2)
        source.seek(max(size - len(BGZF_END), 0))
        if source.read() != BGZF_END:
            raise damaged(path)


def _unpacked(path: Path, report: Callable[[int], object]) -> Iterator[bytes]:
    done = 0
    member = zlib.decompressobj(wbits=31)
    fresh, first = True, True
    with path.open("rb") as source:
        chunk = source.read(CHUNK_BYTES)
        packed = sniff(chunk) in (Kind.GZIP, Kind.BGZIP)
        while chunk:
            done += len(chunk)
            while packed and chunk:
                try:
                    part = member.decompress(chunk, 1 << 20)
                except zlib.error as error:
                    raise damaged(path) from error
                yield part.removeprefix(UTF8_BOM) if first else part
                fresh, first = member.eof, first and not part
                chunk = member.unused_data if member.eof else member.unconsumed_tail
                member = zlib.decompressobj(wbits=31) if member.eof else member
            if not packed:
                yield chunk.removeprefix(UTF8_BOM) if first else chunk
                first = False
            report(done)
            chunk = source.read(CHUNK_BYTES)
    if packed and not fresh:
        raise damaged(path)
