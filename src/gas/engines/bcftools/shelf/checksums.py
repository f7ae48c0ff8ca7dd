"""Sums of files: those that servers publish, and our own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHUNK_BYTES = 1 << 20
BSD, MD5 = "bsd", "md5"
_ROTATED = [((number & 0xFFFF) >> 1) | ((number & 1) << 15) for number in range(0x10000 + 0xFF)]
"""16 bits rotated right by one, for sums that were not cut to 16 bits yet."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a server says of a file."""

    kind: str
    """BSD (of `sum -r`, as Ensembl's CHECKSUMS have it) or MD5."""
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Sums:
    bytes: int
    sha256: str
    published: str
    """The sum of the kind that was asked for; empty if none was."""


def sums_of(
    path: Path, kind: str = "", report: Callable[[int], object] = lambda _done: None
) -> Sums:
    """In one pass. `report` is told the bytes read."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    rotating = done = 0
    for chunk in _chunks(path):
        sha256.update(chunk)
        if kind == MD5:
            md5.update(chunk)
        elif kind == BSD:
            rotating = bsd_sum(chunk, rotating)
        done += len(chunk)
        report(done)
    published = {MD5: md5.hexdigest(), BSD: str(rotating)}.get(kind, "")
    return Sums(done, sha256.hexdigest(), published)


def bsd_sum(data: bytes, start: int = 0) -> int:
    """The 16-bit sum of `sum -r`, gone on with from `start`: rotate right, add the next byte."""
    rotated = _ROTATED
    total = start
    for byte in data:
        total = rotated[total] + byte
    return total & 0xFFFF


def described(path: Path) -> dict[str, Any]:
    """As `reference.json` and `source.json` keep it."""
    sums = sums_of(path)
    return {"bytes": sums.bytes, "sha256": sums.sha256}


def listed(text: str, kind: str) -> dict[str, Checksum]:
    """By name of file: of a CHECKSUMS ('sum blocks name') or a list of md5sum ('sum  name')."""
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2:
            continue
        name = words[-1].lstrip("*").rpartition("/")[2]
        if kind == MD5 and re.fullmatch(r"[0-9a-fA-F]{32}", words[0]):
            found[name] = Checksum(MD5, words[0].lower())
        elif kind == BSD and words[0].isdecimal():
            found[name] = Checksum(BSD, str(int(words[0])))
    return found


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk
