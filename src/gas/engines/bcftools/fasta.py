"""A FASTA on its way into a reference: checked, measured, and written as bgzip."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from gas.domain.errors import InputError

if TYPE_CHECKING:
    from pysam import BGZFile

WIDTH = 1 << 13
"""Bases on a line of what we write: few lines to write, and an index takes any width."""
GZIP_MAGIC = b"\x1f\x8b"


def text_lines(path: Path, digest: hashlib._Hash) -> Iterator[bytes]:
    """Lines of a plain or gzipped file; `digest` takes the file as it is stored."""
    rest = b""
    with path.open("rb") as source:
        for part in _unpacked(source, digest):
            whole = (rest + part).split(b"\n")
            rest = whole.pop()
            yield from whole
    if rest:
        yield rest


def copy_fasta(source_path: Path, target_path: Path, digest: hashlib._Hash) -> dict[str, int]:
    """Writes it as bgzip with an index; gives length by contig. InputError BAD_FASTA."""
    import pysam

    bases: dict[str, int] = {}
    name = ""
    held: list[bytes] = []
    held_bytes = 0
    with pysam.BGZFile(str(target_path), "wb", None) as target:
        for number, raw in enumerate(text_lines(source_path, digest), start=1):
            line = raw.strip()
            if line.startswith(b">"):
                _write(target, held, whole=True)
                held, held_bytes = [], 0
                name = _name(line, number, bases)
                bases[name] = 0
                target.write(b">" + name.encode() + b"\n")
            elif line:
                if not name or not line.isalpha():
                    raise bad_fasta("This is no line of a FASTA.", number)
                bases[name] += len(line)
                held.append(line)
                held_bytes += len(line)
                if held_bytes > 1 << 20:
                    held = _write(target, held, whole=False)
                    held_bytes = sum(map(len, held))
        _write(target, held, whole=True)
    if not bases or not all(bases.values()):
        empty = next((contig for contig, length in bases.items() if not length), "")
        raise bad_fasta(f"It has no sequence {empty}".rstrip() + ".", 0)
    pysam.faidx(str(target_path))
    return bases


def bad_fasta(what: str, number: int) -> InputError:
    return InputError(
        "BAD_FASTA",
        f"The FASTA cannot be used. {what}",
        place=f"line {number}" if number else "",
        cure="Give the genome as FASTA, plain or gzipped.",
    )


def _write(target: BGZFile, held: list[bytes], *, whole: bool) -> list[bytes]:
    sequence = b"".join(held)
    end = len(sequence) if whole else len(sequence) // WIDTH * WIDTH
    lines = (sequence[start : min(start + WIDTH, end)] for start in range(0, end, WIDTH))
    target.write(b"".join(line + b"\n" for line in lines))
    return [sequence[end:]]


def _name(line: bytes, number: int, known: dict[str, int]) -> str:
    words = line[1:].split()
    name = words[0].decode("ascii", "replace") if words else ""
    if not name or "�" in name or any(c in name for c in "<>\",'@"):
        raise bad_fasta("A contig has no usable name.", number)
    if name in known:
        raise bad_fasta(f"The contig {name} comes twice.", number)
    return name


def _unpacked(source: BinaryIO, digest: hashlib._Hash) -> Iterator[bytes]:
    chunk = source.read(1 << 20)
    packed = chunk.startswith(GZIP_MAGIC)
    member = zlib.decompressobj(wbits=31)
    fresh = True
    while chunk:
        digest.update(chunk)
        while packed and chunk:
            try:
                yield member.decompress(chunk)
            except zlib.error as error:
                raise _damaged(source) from error
            fresh, chunk = member.eof, member.unused_data
            member = zlib.decompressobj(wbits=31) if fresh else member
        yield chunk
        chunk = source.read(1 << 20)
    if packed and not fresh:
        raise _damaged(source)


def _damaged(source: BinaryIO) -> InputError:
    return InputError(
        "BAD_GZIP",
        f"The compressed file {Path(str(source.name)).name} is damaged or cut off.",
        cure="Copy or download it again; `gzip -t` says whether it is whole.",
    )
