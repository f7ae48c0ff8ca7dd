"""The transcripts of one contig in a file: opened in milliseconds, read where they are asked for.

A line of text for each transcript, by start, then id; then one line of JSON with the places and
lengths of all of them; then one of fixed width that says where that index is. Opening reads the
index only; a transcript is parsed when it is first met, and a bounded number of them is kept.
Positions count from 1, ends included.
"""

from __future__ import annotations

import json
import mmap
import re
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from operator import add
from pathlib import Path
from typing import Any, NamedTuple

from gas.domain.errors import EngineFailed
from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.consequence.written import line_of, transcript_of

MAGIC = b"##gas-transcripts 1\n"
FOOTER = re.compile(rb"#index (\d{15}) (\d{15}) ([0-9a-f]{8})\n\Z")
FOOTER_BYTES = 48
KEPT = 2048
"""Parsed transcripts that are kept: about 3 kB each."""
LOWEST, HIGHEST = -(1 << 40), 1 << 40


class Interval(NamedTuple):
    """For any variant within first..last, these are the transcripts near it."""

    first: int
    last: int
    transcripts: Sequence[Transcript]


class Transcripts:
    """Made for positions that ascend: as long as no transcript begins or ends between one
    question and the next, the answer is the one given before."""

    def __init__(self, path: Path, content: mmap.mmap, index: dict[str, list[int]]) -> None:
        """Use `open`."""
        self._path = path
        self._content = content
        self._starts = array("q", accumulate(index["steps"]))
        self._ends = array("q", map(add, self._starts, index["spans"]))
        self._offsets = array("q", accumulate(index["bytes"], initial=len(MAGIC)))
        self._ends_ascending = array("q", sorted(self._ends))
        self._kept: dict[int, Transcript] = {}
        self._numbers: Sequence[int] = ()
        self._found: Sequence[Transcript] = ()
        self._begun = 0
        # The question may begin within above_end + 1..upto_end, and end within
        # from_start..below_start - 1, without a change of the answer.
        self._above_end, self._upto_end = HIGHEST, LOWEST
        self._from_start, self._below_start = HIGHEST, LOWEST

    @classmethod
    def open(cls, path: Path) -> Transcripts:
        """EngineFailed REFERENCE_DAMAGED if the file is not there, not whole or not ours."""
        try:
            with path.open("rb") as source:
                content = mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # a ValueError: it is empty
            raise damaged(path) from error
        try:
            return cls(path, content, _index(content))
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            content.close()
            raise damaged(path) from error

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Transcript]:
        """All of them, by start, then id; none is kept for it."""
        return map(self._read, range(len(self)))

    def close(self) -> None:
        """What was found stays good; nothing more can be asked."""
        self._content.close()

    def near(self, start: int, end: int) -> Sequence[Transcript]:
        """All that overlap start..end, by start, then id."""
        if (
            self._above_end < start <= self._upto_end
            and self._from_start <= end < self._below_start
        ):
            return self._found
        self._look(min(start, end), max(start, end))
        return self._found

    def interval(self, position: int, flank_bases: int = 0) -> Interval:
        """The largest interval around `position` in which the answer stays the same for every
        variant that lies within it, asked with so many bases more at either side."""
        self.near(position - flank_bases, position + flank_bases)
        first = max(self._above_end + 1 + flank_bases, self._from_start - flank_bases)
        last = min(self._upto_end + flank_bases, self._below_start - 1 - flank_bases)
        return Interval(first, last, self._found)

    def nearest(self, start: int, end: int) -> Transcript | None:
        """One that overlaps start..end, else the one with the fewest bases between; of two as
        near, the one before. None if the contig has none."""
        found = self.near(start, end)
        if found:
            return found[0]
        before = bisect_left(self._ends_ascending, start) - 1
        after = bisect_right(self._starts, end)
        sides = []
        if before >= 0:
            last = self._ends_ascending[before]
            sides.append((start - last, self._ends.index(last)))
        if after < len(self):
            sides.append((self._starts[after] - end, after))
        return self._get(min(sides)[1]) if sides else None

    def _look(self, start: int, end: int) -> None:
        begun = bisect_right(self._starts, end)
        over = bisect_left(self._ends_ascending, start)
        numbers = self._overlapping(start, begun, begun - over)
        self._numbers = numbers
        self._found = tuple(map(self._get, numbers))
        self._above_end = self._ends_ascending[over - 1] if over else LOWEST
        self._upto_end = self._ends_ascending[over] if over < len(self) else HIGHEST
        self._from_start = self._starts[begun - 1] if begun else LOWEST
        self._below_start = self._starts[begun] if begun < len(self) else HIGHEST
        self._begun = begun

    def _overlapping(self, start: int, begun: int, count: int) -> list[int]:
        """Numbers of the `count` transcripts among the first `begun` that end at start or later."""
        ends = self._ends
        if start > self._above_end and 0 <= begun - self._begun < 100:  # a step onwards
            found = [number for number in self._numbers if ends[number] >= start]
            found += [number for number in range(self._begun, begun) if ends[number] >= start]
            return found
        found = []
        number = begun - 1
        while len(found) < count:
            if ends[number] >= start:
                found.append(number)
            number -= 1
        return found[::-1]

    def _get(self, number: int) -> Transcript:
        found = self._kept.get(number)
        if found is None:
            found = self._read(number)
            if len(self._kept) >= KEPT:
                for old in list(self._kept)[: KEPT // 4]:
                    del self._kept[old]
            self._kept[number] = found
        return found

    def _read(self, number: int) -> Transcript:
        line = self._content[self._offsets[number] : self._offsets[number + 1]]
        try:
            return transcript_of(line)
        except (ValueError, IndexError) as error:
            raise damaged(self._path) from error


def write_transcripts(path: Path, transcripts: Iterable[Transcript]) -> int:
    """How many were written; they may come in any order. Nothing is synced."""
    ordered = sorted(transcripts, key=lambda transcript: (transcript.start, transcript.id))
    index: dict[str, list[int]] = {"steps": [], "spans": [], "bytes": []}
    before = 0
    with path.open("wb") as target:
        target.write(MAGIC)
        for transcript in ordered:
            line = line_of(transcript)
            target.write(line)
            index["steps"].append(transcript.start - before)
            index["spans"].append(transcript.end - transcript.start)
            index["bytes"].append(len(line))
            before = transcript.start
        packed = json.dumps(index, separators=(",", ":")).encode() + b"\n"
        where = target.tell()
        target.write(packed)
        target.write(b"#index %015d %015d %08x\n" % (where, len(packed), zlib.crc32(packed)))
    return len(ordered)


def damaged(path: Path) -> EngineFailed:
    return EngineFailed(
        "REFERENCE_DAMAGED",
        "A file of the reference is missing, damaged or cut off.",
        place=f"{path.parent.parent.name}/{path.parent.name}/{path.name}",
        cure="Tell the operator: the reference has to be removed and installed again.",
    )


def _index(content: mmap.mmap) -> dict[str, Any]:
    found = FOOTER.match(content[-FOOTER_BYTES:])
    if not content[: len(MAGIC)] == MAGIC or found is None:
        raise ValueError("not a file of transcripts")
    where, length = int(found[1]), int(found[2])
    packed = content[where : where + length]
    whole = where + length + FOOTER_BYTES == len(content)
    if not whole or zlib.crc32(packed) != int(found[3], 16):
        raise ValueError("the index is not whole")
    index = dict(json.loads(packed))
    counts = {len(index[key]) for key in ("steps", "spans", "bytes")}
    if len(counts) != 1 or sum(index["bytes"]) + len(MAGIC) != where:
        raise ValueError("the index does not fit")
    return index
