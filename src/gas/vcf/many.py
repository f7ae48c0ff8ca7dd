"""Many rows at once that are like those before them: one look for all, in place of one for each.

What is found so is what `RecordCheck.quick` gives; rows in between that differ are left to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import add
from typing import Protocol

MOST_SAMPLES = 16
"""Wider rows are looked at one by one: what is the same for all of them costs little there."""


class Place(Protocol):
    @property
    def name(self) -> bytes: ...
    @property
    def bases(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Many:
    """Rows of one contig."""

    rows: Sequence[bytes]
    """As the spool has them."""
    contig: bytes
    positions: Sequence[int]
    refs: Sequence[bytes]
    others: Sequence[int]
    """Places of rows, from 0, that have to be looked at one by one: what is here says nothing of
    them."""


def found_in(
    rows: Sequence[bytes],
    pattern: re.Pattern[bytes],
    places: Mapping[bytes, Place],
    filters: Collection[bytes],
) -> Many | None:
    """`pattern`: of `rows_pattern`. None if all of them have to be looked at one by one."""
    found = pattern.findall(b"\n".join(rows) + b"\n")
    if len(found) != len(rows):
        return None
    names, digits, refs, alts, qualities, known = zip(*found, strict=True)
    unlike = [not name for name in names]
    if any(qualities) or b"." in alts or any(unlike):
        unlike = [
            not name or bool(quality) or alt == b"."
            for name, quality, alt in zip(names, qualities, alts, strict=True)
        ]
    others = list(compress(range(len(rows)), unlike))
    if len(others) * 2 > len(rows):
        return None
    (name, *more), place = {*names} - {b""}, None
    if not more:
        place = places.get(name)
    if place is None or not {*known} - {b""} <= {*filters}:
        return None
    positions = [int(text or b"0") for text in digits]
    lasts = map(add, positions, map(len, refs))
    if max(lasts) > place.bases + 1:
        return None
    if place.name != name:
        rows = [place.name + row[len(name) :] for row in rows]
    return Many(rows, place.name, positions, refs, others)
