"""Takes a VCF in: checks and mends every line, sets aside what cannot be used, gathers facts.

The clean records go, packed, into a spool; the header can be written only afterwards, because
what it lacks is known at the last record. `total = kept + rejected`, always.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from gas.domain.errors import InputError
from gas.vcf import faults
from gas.vcf.contigs import ContigNames
from gas.vcf.faults import Fault
from gas.vcf.header import Header, HeaderReader
from gas.vcf.lines import Caps, Unpacker, lines
from gas.vcf.records import RecordCheck
from gas.vcf.rejections import Rejections

REPORT_EVERY_LINES = 2000
PROBES = 500
PROBE_BASES = 50
SHOWN_CONTIGS = 5


@dataclass(slots=True)
class Taken:
    """What is known of a VCF once it was taken in."""

    header: Header
    contig_by_name: dict[str, str]
    """The reference's contig by the name the file uses, in order of first use."""
    kept: int = 0
    kept_alleles: int = 0
    """Records there will be once each has one ALT."""
    rejected: dict[str, int] = field(default_factory=dict)
    """Count by code."""
    rejected_path: Path | None = None
    sorted: bool = True
    blanked_genotypes: int = 0
    unknown_contigs: tuple[str, ...] = ()
    probes: list[tuple[str, int, str]] = field(default_factory=list)
    """A fair sample of the records: contig as the file names it, position from 1, REF."""
    spool_bytes: int = 0


class Intake:
    """One file on its way in."""

    def __init__(self, names: ContigNames, caps: Caps | None = None) -> None:
        self._names = names
        self._caps = caps or Caps()
        self._random = random.Random(0)  # noqa: S311 (the same file gives the same sample)
        self._last: tuple[bytes, int] = (b"", 0)
        self._left: set[bytes] = set()

    def take(
        self,
        source: BinaryIO,
        *,
        spool_path: Path,
        rejected_path: Path,
        report: Callable[[int], None] = lambda _bytes: None,
    ) -> Taken:
        """`report` is told the bytes read so far, every few thousand lines. InputError if the
        file is refused as a whole; nothing it wrote is then of use."""
        unpacker = Unpacker(source, self._caps)
        rows = enumerate(lines(unpacker, self._caps.line_bytes), start=1)
        header = _read_header(rows)
        self._names.adopt(header.contig_lengths)
        check = RecordCheck(header, self._names)
        taken = Taken(header, check.contig_by_name)
        with Rejections(rejected_path, header) as rejections:
            with spool_path.open("wb") as spool:
                packer = Packer(spool)
                for number, row in rows:
                    if number % REPORT_EVERY_LINES == 0:
                        report(unpacker.read_bytes)
                    self._take_row(
                        row, number, check=check, rejections=rejections, packer=packer, taken=taken
                    )
                packer.finish()
                taken.spool_bytes = spool.tell()
            report(unpacker.read_bytes)
            return self._finished(taken, check, rejections)

    def _take_row(
        self,
        row: bytes,
        number: int,
        *,
        check: RecordCheck,
        rejections: Rejections,
        packer: Packer,
        taken: Taken,
    ) -> None:
        if not row.strip():
            return
        found = check.take(row)
        if isinstance(found, Fault):
            rejections.add(row, number, found)
        else:
            packer.add(found[0])
            self._note(taken, found[1])

    def _note(self, taken: Taken, fields: Sequence[bytes]) -> None:
        contig, position = fields[0], int(fields[1])
        taken.kept += 1
        taken.kept_alleles += fields[4].count(b",") + 1
        last_contig, last_position = self._last
        if contig != last_contig:
            taken.sorted = taken.sorted and contig not in self._left
            self._left.add(last_contig)
        elif position < last_position:
            taken.sorted = False
        self._last = (contig, position)
        place = taken.kept - 1
        if place >= PROBES:
            place = self._random.randrange(taken.kept)
        if place < PROBES:
            probe = (contig.decode(), position, fields[3][:PROBE_BASES].decode())
            taken.probes[place : place + 1] = [probe]

    @staticmethod
    def _finished(taken: Taken, check: RecordCheck, rejections: Rejections) -> Taken:
        taken.rejected_path = rejections.finish()
        taken.rejected = dict(rejections.counts)
        taken.blanked_genotypes = check.blanked_genotypes
        taken.unknown_contigs = tuple(check.unknown_contigs)
        if rejections.count and not taken.kept:
            raise _nothing_usable(taken, rejections, check)
        return taken


def _read_header(rows: Iterator[tuple[int, bytes]]) -> Header:
    """Takes the numbered lines up to the column line off `rows`."""
    reader = HeaderReader()
    number = 0
    for number, row in rows:
        if reader.take(row, number):
            return reader.header
    raise (faults.NO_COLUMN_LINE if number else faults.NOT_VCF).error()


def _nothing_usable(taken: Taken, rejections: Rejections, check: RecordCheck) -> InputError:
    code, count = rejections.counts.most_common(1)[0]
    place = f"line {rejections.first_lines[code]}"
    if code == faults.UNKNOWN_CONTIG.code:
        named = ", ".join(name[:40] for name in taken.unknown_contigs[:SHOWN_CONTIGS])
        known = ", ".join(list(check.reference_contigs())[:SHOWN_CONTIGS])
        detail = f"The file has {named}; the reference has {known}."
        return faults.UNKNOWN_CONTIGS.error(place=place, detail=detail)
    detail = f"None of its {rejections.count:,} records can be used; this holds for {count:,}."
    return faults.LINE_FAULTS[code].error(place=place, detail=detail)


class Packer:
    """Lines into a gzip member, in large pieces, at the level that costs least."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._gzip = zlib.compressobj(1, zlib.DEFLATED, 31)
        self._rows: list[bytes] = []
        self._held = 0

    def add(self, row: bytes) -> None:
        self._rows.append(row)
        self._held += len(row)
        if self._held > 1 << 18:
            self._flush()

    def finish(self) -> None:
        self._flush()
        self._target.write(self._gzip.flush())

    def _flush(self) -> None:
        if self._rows:
            self._target.write(self._gzip.compress(b"\n".join(self._rows) + b"\n"))
        self._rows, self._held = [], 0
