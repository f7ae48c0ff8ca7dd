"""The feed of the tables: records in, one by one, as they are delivered.

Each record becomes one line for the table of variants, and its CSQ one line for each entry; both
go through named pipes to the stage that makes Parquet of them (`tables`), so nothing is kept and
a slow reader slows the writer down. The lines are what a CSV reader splits fastest: no quoting, a
separator that a value cannot hold.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gas.engines.bcftools.outputs.fed import Fed, write_fed
from gas.engines.bcftools.outputs.kinds import KIND_BY_BASES, SNV, Kind, kind_of
from gas.engines.bcftools.outputs.plan import (
    PIPES,
    KnownSource,
    make_plan,
    write_plan,
)
from gas.engines.bcftools.outputs.samples import SampleValues
from gas.engines.bcftools.outputs.told import Alike, Told
from gas.engines.bcftools.stages import widen

LONG_LINE_BYTES = 100_000
LONGEST_VALUE_BYTES = 10_000
"""In a line longer than that one, values are cut at this length, and '…' says so. A reader of
lines has to have a bound, and nobody reads an allele of a megabase in a table."""
CUT = "…".encode()
ONE_BASE = b"\tsnv\t0"
"""Type and length of one base for another, behind its last position."""


def lay_pipes(folder: Path) -> None:
    """Before either side starts. A side that opens a pipe waits for the other one."""
    for name in PIPES:
        os.mkfifo(folder / name, 0o600)


class TableFeed:
    """Used by the stage that delivers; `extend` for records in a row, in order."""

    def __init__(
        self,
        folder: Path,
        header: Iterable[str],
        *,
        csq_fields: Sequence[str],
        known: Mapping[str, Sequence[str]],
        place: int = 0,
    ) -> None:
        """`folder`: where `lay_pipes` was. `header`: the lines of the VCF as it is delivered.
        `known`: INFO keys by source of known variants, its mark first. `place`: of several that
        feed the same tables, from 0."""
        self._folder = folder
        self._place = place
        self._plan = plan = make_plan(header, csq_fields=csq_fields, known=known)
        self._variants = _Lines(folder / "variants", b"\t")
        self._transcripts = _Lines(folder / "transcripts", b"|")
        self._told = Told(plan.csq_fields)
        self._known = [_wanted(source) for source in plan.known]
        self._nothing_known = b"\t" * len(plan.known_fields)
        self._samples = SampleValues(plan.samples)
        self.is_open = False
        self._rid = 0
        self._records = 0

    def open(self, *, first: bool = True) -> None:
        """Waits for the tables. `first`: of those that feed them. All have to be open before one
        closes: a pipe that nobody writes to is at its end."""
        if first:
            write_plan(self._folder / "plan", self._plan)
        self._variants.open()
        self._transcripts.open()
        self.is_open = True

    def start(self, record: int) -> None:
        """The next one has this number, from 1."""
        self._rid = record - 1

    def extend(
        self, rows: Sequence[Sequence[bytes]], csqs: Sequence[bytes], alike: Iterable[Alike]
    ) -> None:
        """Records with one ALT each. `rows`: their columns as delivered, those of samples in one
        (`line.split(b"\\t", 9)`, without the line's end); INFO may lack CSQ. `csqs`: the value of
        CSQ of each, empty if it has none. `alike`: what was predicted, by their places."""
        first = self._rid + 1
        self._records += len(rows)
        self._rid += len(rows)
        rids = [b"%d" % rid for rid in range(first, self._rid + 1)]
        self._transcripts.extend(
            [
                b"%b|%b" % (rid, csq.replace(b",", b"\n%b|" % rid))
                for rid, csq in zip(rids, csqs, strict=True)
                if csq
            ]
        )
        kinds = [KIND_BY_BASES.get((row[3], row[4])) or kind_of(row[3], row[4]) for row in rows]
        columns = zip(
            rids,
            rows,
            map(_extent, rows, kinds),
            self._told.texts(alike, len(rows)),
            map(self._known_text, rows),
            self._samples.texts([kind.tally for kind in kinds], rows),
            strict=True,
        )
        self._variants.extend(
            [
                b"\t".join((rid, *row[:7], extent, told, known, samples))
                for rid, row, extent, told, known, samples in columns
            ]
        )

    def gathered(self) -> tuple[bytes, bytes]:
        """What was told since, for `put`."""
        return self._variants.gathered(), self._transcripts.gathered()

    def put(self, gathered: tuple[bytes, bytes]) -> None:
        """It goes out: records before it have to be out, and those after it not."""
        variants, transcripts = gathered
        self._variants.put(variants)
        self._transcripts.put(transcripts)

    def close(self) -> None:
        """Once all that was told is out. Without it the tables count as broken off."""
        if not self.is_open:
            return
        located = self._told.located()
        fed = Fed(self._records, located.places(), located.consequences(), self._samples.counts())
        write_fed(self._folder, self._place, fed)
        self._variants.close()
        self._transcripts.close()

    def _known_text(self, row: Sequence[bytes]) -> bytes:
        """Its sources and the known fields."""
        if not self._known:
            return self._nothing_known
        info = b";" + row[7] + b";"
        found = [source for source in self._known if source.mark in info]
        if not found:
            return self._nothing_known
        values = [b",".join([source.name for source in found])]
        for source in self._known:
            values += source.values(info) if source in found else source.nothing
        return b"\t".join(values)


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """A source of known variants, as its fields are looked for."""

    name: bytes
    mark: bytes
    fields: tuple[tuple[bytes, int, bytes], ...]
    """What stands before the value, how long that is, and how the field stands as a flag."""
    nothing: tuple[bytes, ...]

    def values(self, info: bytes) -> list[bytes]:
        found = []
        for start, size, flag in self.fields:
            at = info.find(start)
            if at >= 0:
                found.append(info[at + size : info.find(b";", at + size)])
            else:
                found.append(b"true" if flag and flag in info else b"")
        return found


def _wanted(source: KnownSource) -> _Wanted:
    fields = []
    for field in source.fields:
        start = f";{field.key}=".encode()
        flag = f";{field.key};".encode() if field.sql_type == "BOOLEAN" else b""
        fields.append((start, len(start), flag))
    mark = f";{source.mark};".encode()
    return _Wanted(source.name.encode(), mark, tuple(fields), (b"",) * len(fields))


class _Lines:
    """Lines on their way into a pipe, gathered to large writes."""

    def __init__(self, path: Path, separator: bytes) -> None:
        self._path = path
        self._target: BinaryIO
        self._separator = separator
        self._held: list[bytes] = []

    def open(self) -> None:
        self._target = self._path.open("wb", buffering=0)
        widen(self._target.fileno())

    def extend(self, records: Sequence[bytes]) -> None:
        """What is said of each, in one line or several, without the end of the last."""
        if not records:
            return
        batch = b"\n".join(records) + b"\n"
        plain = batch.isascii() and b"\r" not in batch
        if not plain or max(map(len, records)) >= LONG_LINE_BYTES:
            batch = b"".join([mended(lines + b"\n", self._separator) for lines in records])
        self._held.append(batch)

    def gathered(self) -> bytes:
        text = b"".join(self._held)
        self._held = []
        return text

    def put(self, text: bytes) -> None:
        rest = memoryview(text)
        while rest:
            rest = rest[self._target.write(rest) :]

    def close(self) -> None:
        self._target.close()


def mended(lines: bytes, separator: bytes) -> bytes:
    """Without what a reader of lines stumbles over: carriage returns, text that is not UTF-8 (then
    it is taken for Latin-1), and values of any length."""
    lines = lines.replace(b"\r", b" ")
    try:
        lines.decode()
    except UnicodeDecodeError:
        lines = lines.decode("latin-1").encode()
    if len(lines) <= LONG_LINE_BYTES:
        return lines
    rows = lines.removesuffix(b"\n").split(b"\n")
    cut = (separator.join(map(_cut, row.split(separator))) for row in rows)
    return b"\n".join(cut) + b"\n"


def _cut(value: bytes) -> bytes:
    if len(value) <= LONGEST_VALUE_BYTES:
        return value
    return value[:LONGEST_VALUE_BYTES].decode("utf-8", "ignore").encode() + CUT


def _extent(row: Sequence[bytes], kind: Kind) -> bytes:
    """Its last position from 1, its type, and by how many bases it is longer."""
    if kind.name is SNV:
        return row[1] + ONE_BASE
    end, length = b"", kind.length
    if not length:  # a block or a structural variant: INFO says how far it reaches
        info = b";" + row[7] + b";"
        end, length = _number(info, b";END="), _number(info, b";SVLEN=")
    end = end or b"%d" % (int(row[1]) + len(row[3]) - 1)
    return b"\t".join((end, kind.name, length))


def _number(info: bytes, start: bytes) -> bytes:
    at = info.find(start)
    if at < 0:
        return b""
    at += len(start)
    value = info[at : info.find(b";", at)]
    return value if value.lstrip(b"-").isdigit() and len(value) < 12 else b""
