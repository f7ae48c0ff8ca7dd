"""A BED of known intervals in, rows of the table out: CONTIG START END MARK FIELD...

BED counts from 0 and leaves the end out; rows count from 1 and include it. Fields are columns: by
the names that a '#chrom' line gives them, else by those of the BED specification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from gas.engines.bcftools.shelf.known import KnownField
from gas.engines.bcftools.shelf.mend import NO_COLUMNS, NO_CONTIG, NO_PLACE, no_such_field
from gas.engines.bcftools.shelf.tabulate import NotSortedError, Tabulated
from gas.vcf.contigs import ContigNames

COLUMNS = ("name", "score", "strand", "thickStart", "thickEnd", "itemRgb")
"""From the fourth on."""
OTHER = re.compile(rb"[^\x21-\x2b\x2d-\x3a\x3c\x3e-\x7e]")
"""What has no place in a value of INFO: blanks, ',', ';', '=' and all beyond ASCII."""


def is_bed(name: str) -> bool:
    return name.lower().endswith((".bed", ".bed.gz", ".bed.bgz"))


class BedReader:
    def __init__(self, fields: Sequence[KnownField], names: ContigNames) -> None:
        self._names = names
        self._columns: Sequence[str] = COLUMNS
        self.fields = list(fields)
        self.found = Tabulated()

    def run(
        self, lines: Iterable[bytes], write: Callable[[bytes], object], *, sort: bool
    ) -> Tabulated:
        """InputError NO_SUCH_FIELD; NotSortedError unless it is to be sorted here, in memory."""
        rows: list[tuple[str, int, int, bytes]] = []
        done: set[str] = set()
        last = ("", 0)
        for row in self._rows(lines):
            self.found.rows[row[0]] += 1
            rows.append(row)
            if sort:
                continue
            if row[0] != last[0]:
                done.add(last[0])
            if row[0] in done or (row[0] == last[0] and row[1] < last[1]):
                raise NotSortedError
            last = row[:2]
            if len(rows) > 4096:
                write(b"".join(_text(row) for row in rows))
                rows = []
        order = {contig: at for at, contig in enumerate(self._names.lengths)}
        if sort:
            rows.sort(key=lambda row: (order[row[0]], *row[1:]))
        for start in range(0, len(rows), 4096):
            write(b"".join(_text(row) for row in rows[start : start + 4096]))
        return self.found

    def _rows(self, lines: Iterable[bytes]) -> Iterable[tuple[str, int, int, bytes]]:
        at: list[int] | None = None
        for line in lines:
            if line.lower().startswith((b"#chrom\t", b"#chr\t")):
                self._columns = [_key(name) for name in line.split(b"\t")[3:]]
            if line.startswith((b"#", b"track", b"browser")) or not line.strip():
                continue
            cells = line.split(b"\t") if b"\t" in line else line.split()
            if at is None:
                at = self._find(len(cells))
            if row := self._row(cells, at):
                yield row

    def _find(self, width: int) -> list[int]:
        """The columns of the wanted fields."""
        known = list(self._columns[: max(width - 3, 0)])
        at = []
        for place, one in enumerate(self.fields[1:], start=1):
            if one.source not in known:
                raise no_such_field(one.source, known)
            at.append(3 + known.index(one.source))
            text = f"Column {one.source} of intervals"
            self.fields[place] = replace(one, text=text)
        return at

    def _row(self, cells: list[bytes], at: list[int]) -> tuple[str, int, int, bytes] | None:
        if len(cells) < 3:
            return self._leave_out(NO_COLUMNS)
        contig = self._names.find(cells[0].decode("utf-8", "replace"))
        if contig is None:
            return self._leave_out(NO_CONTIG)
        if not (cells[1].isdigit() and cells[2].isdigit()):
            return self._leave_out(NO_PLACE)
        start, end = int(cells[1]) + 1, min(int(cells[2]), self._names.lengths[contig])
        if start > end:
            return self._leave_out(NO_PLACE)
        values = [_value(cells[place]) if place < len(cells) else b"." for place in at]
        return contig, start, end, b"\t".join((b"1", *values))

    def _leave_out(self, why: str) -> tuple[str, int, int, bytes] | None:
        self.found.left_out[why] += 1
        return None


def _text(row: tuple[str, int, int, bytes]) -> bytes:
    return b"%b\t%d\t%d\t%b\n" % (row[0].encode(), *row[1:])


def _value(cell: bytes) -> bytes:
    return OTHER.sub(b"_", cell.strip()) or b"."


def _key(name: bytes) -> str:
    return re.sub(r"[^0-9A-Za-z_.]", "_", name.strip().decode("utf-8", "replace"))
