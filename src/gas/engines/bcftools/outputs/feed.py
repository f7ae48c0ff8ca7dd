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
from gas.engines.bcftools.outputs.kinds import KIND_BY_BASES, Kind, kind_of
from gas.engines.bcftools.outputs.plan import (
    PIPES,
    KnownSource,
    make_plan,
    write_plan,
)
from gas.engines.bcftools.outputs.samples import SampleValues
from gas.engines.bcftools.outputs.told import Predicted, Told

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
    """Used by the stage that delivers; one call of `append` for each record, in order."""

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

    def append(self, fields: Sequence[bytes], csq: bytes, prediction: Predicted | None) -> None:
        """One record with one ALT. `fields`: its columns as delivered, those of samples in one
        (`line.split(b"\\t", 9)`, without the line's end); INFO may lack CSQ. `csq`: the value of
        CSQ, empty if it has none."""
        self._records += 1
        self._rid += 1
        rid = b"%d" % self._rid
        if csq:
            start = rid + b"|"
            self._transcripts.add(start + csq.replace(b",", b"\n" + start) + b"\n")
        ref, alt, info = fields[3], fields[4], b";" + fields[7] + b";"
        kind = KIND_BY_BASES.get((ref, alt))
        if kind is not None:
            extent = fields[1] + ONE_BASE
        else:
            kind = kind_of(ref, alt)
            extent = _extent(fields, kind, info)
        self._variants.add(
            b"\t".join(
                (
                    rid,
                    *fields[:7],
                    extent,
                    self._told.text(prediction),
                    self._known_text(info),
                    self._samples.text(kind.tally, fields[8:]),
                )
            )
            + b"\n"
        )

    def flush(self) -> None:
        """What was gathered goes out: records before it have to be out, and those after it not."""
        self._variants.flush()
        self._transcripts.flush()

    def close(self) -> None:
        """Once every record was given. Without it the tables count as broken off."""
        if not self.is_open:
            return
        located = self._told.located()
        fed = Fed(self._records, located.places(), located.consequences(), self._samples.counts())
        write_fed(self._folder, self._place, fed)
        self._variants.close()
        self._transcripts.close()

    def _known_text(self, info: bytes) -> bytes:
        """Its sources and the known fields. `info` has a ';' before and behind it."""
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

    def add(self, lines: bytes) -> None:
        self._held.append(lines)

    def close(self) -> None:
        self.flush()
        self._target.close()

    def flush(self) -> None:
        batch = b"".join(self._held)
        plain = batch.isascii() and b"\r" not in batch
        if not plain or max(map(len, self._held), default=0) > LONG_LINE_BYTES:
            batch = b"".join(mended(lines, self._separator) for lines in self._held)
        rest = memoryview(batch)
        while rest:
            rest = rest[self._target.write(rest) :]
        self._held = []


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


def _extent(fields: Sequence[bytes], kind: Kind, info: bytes) -> bytes:
    """Its last position from 1, its type, and by how many bases it is longer."""
    end, length = b"", kind.length
    if not length:  # a block or a structural variant: INFO says how far it reaches
        end, length = _number(info, b";END="), _number(info, b";SVLEN=")
    end = end or b"%d" % (int(fields[1]) + len(fields[3]) - 1)
    return b"\t".join((end, kind.name, length))


def _number(info: bytes, start: bytes) -> bytes:
    at = info.find(start)
    if at < 0:
        return b""
    at += len(start)
    value = info[at : info.find(b";", at)]
    return value if value.lstrip(b"-").isdigit() and len(value) < 12 else b""
