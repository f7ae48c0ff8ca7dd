"""Takes a VCF in: checks and mends every line, sets aside what cannot be used, gathers facts.

The clean records go, packed, into a spool; the header can be written only afterwards, because
what it lacks is known at the last record. `total = kept + rejected`, always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import gt
from pathlib import Path
from typing import BinaryIO

from gas.vcf import faults
from gas.vcf.ahead import ahead
from gas.vcf.caps import Caps
from gas.vcf.contigs import ContigNames
from gas.vcf.faults import Fault
from gas.vcf.fitting import settle_numbers
from gas.vcf.header import Header
from gas.vcf.header_reader import HeaderReader
from gas.vcf.lines import Lines, Unpacker
from gas.vcf.many import Many
from gas.vcf.probes import PROBE_BASES, Probe, Probes
from gas.vcf.records import EMPTY_LINE, Kept, RecordCheck
from gas.vcf.rejections import Rejections
from gas.vcf.sense import check_sense
from gas.vcf.spool import Packer

OTHER_LINE_ENDS = "The line ends of another system (CR) were taken off."
Batch = tuple[list[bytes], bool]


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
    probes: list[Probe] = field(default_factory=list)
    """A fair sample of the records: contig as the file names it, position from 1, REF."""
    spool_bytes: int = 0

    @property
    def name_by_contig(self) -> dict[str, str]:
        """How the file calls each contig of the reference that it uses: by the first name, if it
        has several."""
        found: dict[str, str] = {}
        for name, contig in self.contig_by_name.items():
            found.setdefault(contig, name)
        return found


class Intake:
    """One file on its way in."""

    def __init__(
        self,
        names: ContigNames,
        caps: Caps | None = None,
        *,
        reference_names: bool = False,
        quality_key: str = "",
    ) -> None:
        """`reference_names`: the spool has the reference's names of contigs, not the file's.
        `quality_key`: where tools would write QUAL in another way (50.00 as 50, 12345.67 as
        12345.7), the spool has it once more in INFO, under this key, so that it can be put back.
        """
        self._names = names
        self._caps = caps or Caps()
        self._reference_names = reference_names
        self._quality_key = quality_key.encode()

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
        with ahead(unpacker.chunks()) as chunks:
            lines = Lines(chunks, self._caps.line_bytes)
            batches = lines.batches()
            header, number, rest = _read_header(batches, self._caps)
            check = self._check(header)
            with Rejections(rejected_path, header) as rejections:
                sieve = _Sieve(check, rejections, Taken(header, check.contig_by_name), number)
                with spool_path.open("wb") as spool, Packer(spool) as packer:
                    for rows, odd in chain([rest], batches):
                        packer.add(sieve.kept(rows, odd=odd))
                        sieve.check_count(self._caps)
                        report(unpacker.read_bytes)
                    packer.finish()
                    sieve.taken.spool_bytes = spool.tell()
                header.repairs.update({OTHER_LINE_ENDS: lines.returns} if lines.returns else {})
                return self._finished(sieve)

    def _check(self, header: Header) -> RecordCheck:
        self._names.adopt(header.contig_lengths)
        return RecordCheck(
            header,
            self._names,
            self._caps,
            reference_names=self._reference_names,
            quality_key=self._quality_key,
        )

    def _finished(self, sieve: _Sieve) -> Taken:
        taken, rejections = sieve.taken, sieve.rejections
        sieve.check.settle()
        settle_numbers(taken.header)
        taken.rejected_path = rejections.finish()
        taken.rejected = dict(rejections.counts)
        taken.blanked_genotypes = sieve.check.blanked_genotypes
        taken.unknown_contigs = tuple(sieve.check.unknown_contigs)
        names = taken.name_by_contig if self._reference_names else {}
        taken.probes = [(names.get(x, x), at, ref) for x, at, ref in sieve.probes.taken]
        check_sense(
            taken.kept,
            rejections.counts,
            first_lines=rejections.first_lines,
            unknown=taken.unknown_contigs,
            known=tuple(self._names.lengths),
        )
        return taken


class _Sieve:
    """Parts the lines into those that are kept and those that are set aside, and counts."""

    def __init__(
        self, check: RecordCheck, rejections: Rejections, taken: Taken, number: int
    ) -> None:
        """`number`: of the last line that was read."""
        self.check = check
        self.rejections = rejections
        self.taken = taken
        self.probes = Probes()
        self._number = number
        self._contig, self._position = b"", 0
        self._left: set[bytes] = set()

    def kept(self, rows: Sequence[bytes], *, odd: bool) -> list[bytes]:
        """Of the lines that follow. `odd`: some may be no ASCII, or hold zeros."""
        if empty := rows.count(b""):
            self.taken.header.repairs[EMPTY_LINE] += empty
        elif rows and not odd and (many := self.check.quick_many(rows)):
            return self._kept_of(rows, many)
        kept = []
        quick = self.check.quick
        for number, row in _filled(rows, self._number + 1, empty):
            plain = not odd or (row.isascii() and b"\0" not in row)
            found = (quick(row) if plain else None) or self.check.take(row)
            if isinstance(found, Fault):
                self._set_aside(row, number, found)
            elif found is not None:
                kept.append(found[0])
                self._note(found)
        self._number += len(rows)
        return kept

    def _kept_of(self, rows: Sequence[bytes], many: Many) -> list[bytes]:
        kept = list(many.rows)
        start = 0
        for at in many.others:
            self._note_all(many, start, at)
            start = at + 1
            found = self.check.quick(rows[at]) or self.check.take(rows[at])
            kept[at] = b""
            if isinstance(found, Fault):
                self._set_aside(rows[at], self._number + start, found)
            elif found is not None:
                kept[at] = found[0]
                self._note(found)
        self._note_all(many, start, len(rows))
        self._number += len(rows)
        return list(filter(None, kept)) if many.others else kept

    def check_count(self, caps: Caps) -> None:
        if self.taken.kept + self.rejections.count > caps.records:
            raise faults.TOO_MANY_RECORDS.error(
                place=f"line {self._number}", detail=f"At most {caps.records:,} are."
            )

    def _set_aside(self, row: bytes, number: int, fault: Fault) -> None:
        if fault is faults.TWO_HEADERS:
            raise fault.error(place=f"line {number}")
        mended = self.check.unplaced_row if fault is faults.UNKNOWN_CONTIG else b""
        self.check.unplaced_row = b""
        self.rejections.add(mended or row, number, fault)

    def _note(self, kept: Kept) -> None:
        _, contig, position, alts, ref = kept
        taken = self.taken
        if taken.kept == self.probes.next:
            self.probes.take((contig.decode(), position, ref[:PROBE_BASES].decode()))
        taken.kept += 1
        taken.kept_alleles += alts
        if contig != self._contig:
            taken.sorted = taken.sorted and contig not in self._left
            self._left.add(self._contig)
            self._contig = contig
        elif position < self._position:
            taken.sorted = False
        self._position = position

    def _note_all(self, many: Many, start: int, end: int) -> None:
        """Of those from `start` up to, not including, `end`."""
        if start == end:
            return
        taken, probes, positions = self.taken, self.probes, many.positions[start:end]
        self._note((b"", many.contig, positions[0], 1, many.refs[start]))
        before = taken.kept - 1 - start
        taken.kept += len(positions) - 1
        taken.kept_alleles += len(positions) - 1
        while probes.next < taken.kept:
            at = probes.next - before
            probes.take(
                (many.contig.decode(), many.positions[at], many.refs[at][:PROBE_BASES].decode())
            )
        if any(map(gt, positions, positions[1:])):
            taken.sorted = False
        self._position = positions[-1]


def _filled(rows: Sequence[bytes], start: int, empty: int) -> Iterable[tuple[int, bytes]]:
    """Those that are not empty, with their numbers."""
    if empty == len(rows):
        return ()  # megabytes of nothing but line ends take no time
    numbered = enumerate(rows, start)
    return ((number, row) for number, row in numbered if row) if empty else numbered


def _read_header(batches: Iterator[Batch], caps: Caps) -> tuple[Header, int, Batch]:
    """The header, the number of its last line, and what comes after it in the same batch."""
    reader = HeaderReader(caps)
    number = 0
    for rows, odd in batches:
        for place, row in enumerate(rows, start=1):
            if reader.take(row, number + place):
                return reader.header, number + place, (rows[place:], odd)
        number += len(rows)
    raise (faults.NO_COLUMN_LINE if number else faults.NOT_VCF).error()
