"""Split and left-aligned known variants in, as text of a VCF; rows of the table out.

Equal variants become one row: their identifiers and texts are joined, of numbers the first counts.
What `annotate` could not read later (a text where a number belongs) is left out now.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gas.engines.bcftools.shelf.known import KnownField

RS = re.compile(rb"rs[0-9]+\Z")
SEQUENCE = re.compile(rb"[ACGTN]+\Z")
WHOLE = re.compile(rb"[+-]?[0-9]{1,10}\Z")
LARGEST = 2**31 - 8
"""BCF keeps the lowest eight numbers of 32 bits for itself."""
SYMBOLIC = "with an ALT that is no sequence"
BASES = frozenset((b"A", b"C", b"G", b"T"))
BATCH_ROWS = 4096
Record = tuple[bytes, bytes, bytes, bytes]
"""REF, ALT, ID and INFO."""


class NotSortedError(Exception):
    """The rows are not in order; they have to be sorted first."""


@dataclass(slots=True)
class Tabulated:
    rows: Counter[str] = field(default_factory=Counter)
    """By contig."""
    left_out: Counter[str] = field(default_factory=Counter)
    joined: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    """Values that were left out, by field."""
    has_rs: bool = False

    def plain(self) -> dict[str, Any]:
        return {
            "rows": dict(self.rows),
            "left_out": dict(self.left_out),
            "unreadable": dict(self.unreadable),
            "joined": self.joined,
            "has_rs": self.has_rs,
        }


class Tabulator:
    """Writes rows in batches: CONTIG POS REF ALT RS MARK FIELD... Most of an installation's time
    is spent here, so that the usual case, one variant at a position, goes a shorter way."""

    def __init__(self, fields: Sequence[KnownField], write: Callable[[bytes], object]) -> None:
        self._fields = fields
        self._write = write
        self._keys = {b"F%d" % at: at for at in range(len(fields))}
        self._id_at = next((at for at, one in enumerate(fields) if one.source == "ID"), 0)
        self._empty = [b"1", *[b"."] * (len(fields) - 1)]
        self.found = Tabulated()

    def run(self, lines: Iterable[bytes]) -> Tabulated:
        """NotSortedError."""
        batch: list[bytes] = []
        group: list[Record] = []
        contig = position = b""
        last = 0
        for line in lines:
            if line.startswith(b"#"):
                continue
            at_contig, at_position, ids, ref, alt, _, _, info = line.rstrip(b"\n").split(b"\t")
            if at_position != position or at_contig != contig:
                self._take(batch, contig, position, group)
                group = []
                last = self._next(contig, at_contig, last, int(at_position))
                contig, position = at_contig, at_position
                if len(batch) > BATCH_ROWS:
                    self._write(b"".join(batch))
                    batch = []
            if (alt in BASES or SEQUENCE.match(alt)) and ref != alt:
                group.append((ref, alt, ids, info))
            else:
                self.found.left_out[SYMBOLIC] += 1
        self._take(batch, contig, position, group)
        self._write(b"".join(batch))
        return self.found

    def _next(self, contig: bytes, at_contig: bytes, last: int, position: int) -> int:
        """The position, if the order is kept."""
        if at_contig != contig:
            if at_contig.decode() in self.found.rows:
                raise NotSortedError
            self.found.rows[at_contig.decode()] = 0
        elif position < last:
            raise NotSortedError
        return position

    def _take(
        self, batch: list[bytes], contig: bytes, position: bytes, group: list[Record]
    ) -> None:
        """All that begins at one position."""
        if not group:
            return
        if len(group) > 1:
            group = self._joined(group)
        self.found.rows[contig.decode()] += len(group)
        for ref, alt, ids, info in group:
            rs = self._rs(ids)
            cells = self._cells(ids, info)
            batch.append(b"\t".join((contig, position, ref, alt, rs, *cells)) + b"\n")

    def _joined(self, group: list[Record]) -> list[Record]:
        """By alleles, equal ones as one."""
        by_alleles: dict[tuple[bytes, bytes], list[Record]] = {}
        for record in group:
            by_alleles.setdefault(record[:2], []).append(record)
        self.found.joined += len(group) - len(by_alleles)
        return [self._as_one(by_alleles[alleles]) for alleles in sorted(by_alleles)]

    def _as_one(self, equal: list[Record]) -> Record:
        if len(equal) == 1:
            return equal[0]
        ids = [one for record in equal for one in record[2].split(b";") if one != b"."]
        values: dict[bytes, list[bytes]] = {}
        for record in equal:
            for item in record[3].split(b";") if record[3] != b"." else ():
                key, _, value = item.partition(b"=")
                values.setdefault(key, []).append(value)
        told = []
        for key, of_key in values.items():
            if self._fields[self._keys[key]].kind == "String":
                told.append(key + b"=" + b",".join(of_key))
            else:
                first = next((value for value in of_key if value.strip(b".,")), b".")
                told.append(key + b"=" + first)
        joined = b";".join(dict.fromkeys(ids)) or b"."
        return (*equal[0][:2], joined, b";".join(told) or b".")

    def _rs(self, ids: bytes) -> bytes:
        if not self._id_at or ids == b".":
            return b"."
        found = [one for one in ids.split(b";") if RS.match(one)]
        self.found.has_rs = self.found.has_rs or bool(found)
        return b";".join(found) or b"."

    def _cells(self, ids: bytes, info: bytes) -> list[bytes]:
        """The mark and the fields, each as `annotate` reads it; '.' for none."""
        cells = self._empty.copy()
        if self._id_at:
            cells[self._id_at] = ids.replace(b";", b",")
        if info != b".":
            for item in info.split(b";"):
                key, _, value = item.partition(b"=")
                at = self._keys[key]
                cells[at] = self._cell(at, value)
        return cells

    def _cell(self, at: int, value: bytes) -> bytes:
        kind = self._fields[at].kind
        if kind == "Flag":
            return b"1"
        if kind == "String":
            if b"," not in value:
                return value or b"."
            parts = [part for part in value.split(b",") if part not in (b".", b"")]
            return b",".join(dict.fromkeys(parts)) or b"."
        if self._readable(at, value):
            return value
        self.found.unreadable[self._fields[at].source] += bool(value.strip(b".,"))
        return b"."

    def _readable(self, at: int, value: bytes) -> bool:
        number = _is_whole if self._fields[at].kind == "Integer" else _is_number
        if b"," not in value:
            return number(value)
        if self._fields[at].number in ("1", "A") or not value.strip(b".,"):
            return False
        return all(part == b"." or number(part) for part in value.split(b","))


def _is_whole(text: bytes) -> bool:
    return bool(WHOLE.match(text)) and abs(int(text)) < LARGEST


def _is_number(text: bytes) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False
