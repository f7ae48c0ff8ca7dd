"""One record line: fit to be annotated, mended, or set aside with a fault.

`quick` takes a line that is like those before it, with one look; `take` any other, piece by piece,
and learns from it what to expect. What `quick` takes, `take` would give just so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gas.vcf import faults
from gas.vcf.caps import Caps
from gas.vcf.columns import ColumnCheck
from gas.vcf.contigs import ContigNames
from gas.vcf.faults import Fault
from gas.vcf.header import Header, readable
from gas.vcf.info import InfoCheck
from gas.vcf.lines import too_much
from gas.vcf.many import Many, found_in
from gas.vcf.patterns import NEVER, QUALITY, row_pattern, rows_pattern
from gas.vcf.samples import SampleCheck

PLAIN_QUALITY = re.compile(QUALITY + rb"\t")
MOST_PLACES = 100_000
MOST_UNKNOWN = 1000
MOST_PAUSES = 6
EMPTY_LINE = "An empty line among the records was left out."
Kept = tuple[bytes, bytes, int, int, bytes]
"""Line to annotate, its contig, position, ALT alleles (at least 1) and REF."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a name in CHROM stands for."""

    name: bytes
    """As the spool has it."""
    bases: int
    """0 if the reference has no such contig."""


class RecordCheck:
    """Checks and mends records one by one; learns which definitions the header lacks."""

    def __init__(
        self,
        header: Header,
        names: ContigNames,
        caps: Caps,
        *,
        reference_names: bool = False,
        quality_key: bytes = b"",
    ) -> None:
        self._header = header
        self._names = names
        self._caps = caps
        self._reference_names = reference_names
        self._quality_key = quality_key
        self._drops_format = len(header.columns) == 9
        """FORMAT without samples is left out."""
        if self._drops_format:
            header.columns.pop()
        self._tabs = len(header.columns) - 1
        self._has_samples = len(header.columns) > 9
        self._columns = ColumnCheck(header)
        self._info = InfoCheck(header)
        self._samples = SampleCheck(header)
        self._places: dict[bytes, Place] = {}
        self._match = NEVER.match
        self._matched = (0, 0)
        self._misses = 0
        self._many = NEVER
        self._many_of: tuple[object, object] = (None, None)
        self._failed, self._pause = 0, 0
        """How often in a row many rows could not be taken at once, and for how often they rest."""
        self.split_bytes = 0
        """Of the records of several ALT, once they are split."""
        self.contig_by_name: dict[str, str] = {}
        """The reference's contig by the name the file uses, in order of first use."""
        self.unknown_contigs: dict[str, None] = {}
        self.unplaced_row = b""
        """The last line that `take` mended and still refused, with UNKNOWN_CONTIG."""

    @property
    def blanked_genotypes(self) -> int:
        return self._samples.blanked_genotypes

    def settle(self) -> None:
        """Once all records are known."""
        self._samples.settle()

    def quick(self, row: bytes) -> Kept | Fault | None:
        """For ASCII without zeros. None for a line that has to be looked at closely."""
        found = self._match(row)
        if found is None:
            return None
        name, digits, ref, alt, quality, filters, format_ = found.groups()
        place = self._places.get(name)
        if place is None or filters not in self._columns.known_filters:
            return None
        if self._has_samples and not self._samples.fits(row, found.end(), format_, alt != b"."):
            return None
        position = int(digits)
        if position + len(ref) > place.bases + 1:
            return None if place.bases else faults.UNKNOWN_CONTIG
        if quality is not None and self._quality_key:
            row = self._with_quality(row, found.start(7) - 1 if format_ else len(row), quality)
        if place.name != name:
            row = place.name + row[len(name) :]
        return row, place.name, position, 1, ref

    def quick_many(self, rows: Sequence[bytes]) -> Many | None:
        """The same for many rows, none of them empty; None if it does not pay."""
        if self._pause:
            self._pause -= 1
            return None
        pattern = self._rows_pattern(rows[0])
        many = pattern and found_in(rows, pattern, self._places, self._columns.known_filters)
        self._failed = 0 if many else min(self._failed + 1, MOST_PAUSES)
        self._pause = (1 << self._failed) - 1
        return many

    def _rows_pattern(self, row: bytes) -> re.Pattern[bytes] | None:
        """For rows with the FORMAT of this one."""
        format_, samples = b"", None
        if self._has_samples:
            format_ = row.split(b"\t", 9)[8] if row.count(b"\t") > 8 else b""
            samples = self._samples.pattern_of(format_)
            if samples is None:
                return None
        made_of = (self._match, samples)
        if made_of != self._many_of:
            self._many_of = made_of
            self._many = rows_pattern(self._info.order, format_, samples)
        return self._many

    def take(self, row: bytes) -> Kept | Fault | None:
        """None for what is no record: an empty line, or one that begins with '#'."""
        if row[:1] == b"#" or not row.strip():
            return self._pass_over(row)
        if b"\0" in row:
            return faults.BAD_BYTES
        fields = self._fields(row)
        if isinstance(fields, Fault):
            return fields
        found = self._columns.mend(fields) or self._take_fields(fields, len(row))
        if not isinstance(found, Fault) or found is faults.UNKNOWN_CONTIG:
            self._learn()
        return found

    def _pass_over(self, row: bytes) -> Fault | None:
        if row[:6].upper() == b"#CHROM":
            names = readable(row).rstrip("\t ").split("\t")[9:]
            if names and names != self._header.columns[9:]:
                return faults.TWO_HEADERS
        if row.strip():
            self._header.repairs["A line among the records that begins with '#' was left out."] += 1
        else:
            self._header.repairs[EMPTY_LINE] += 1
        return None

    def _fields(self, row: bytes) -> list[bytes] | Fault:
        """Eight, or with samples ten, of which the last holds them all."""
        if not row.isascii():
            text = readable(row).encode()
            if text != row:
                self._header.repairs["Text that is not UTF-8 was read as Latin-1."] += 1
            row = text
        if self._drops_format and row.count(b"\t") == 8:
            row = row.rpartition(b"\t")[0]
        if row[-1:] in (b"\t", b" "):
            row = self._without_blanks(row)
        if row.count(b"\t") != self._tabs:
            return faults.BAD_COLUMNS
        return row.split(b"\t", 9)

    def _without_blanks(self, row: bytes) -> bytes:
        bare = row.rstrip(b" ")
        extra = bare.count(b"\t") - self._tabs
        if extra > 0 and bare.endswith(b"\t" * extra):
            bare = bare[:-extra]
        if bare != row:
            self._header.repairs["Blanks at the end of a line were taken off."] += 1
        return bare

    def _take_fields(self, fields: list[bytes], row_bytes: int) -> Kept | Fault:
        alts = fields[4].split(b",")
        if len(alts) > 1:
            if len(alts) * row_bytes > self._caps.split_bytes:
                return faults.TOO_MANY_ALLELES
            self.split_bytes += len(alts) * row_bytes
            if self.split_bytes > self._caps.unpacked_bytes:
                raise too_much(self._caps)
        if self._has_samples:
            alt_count = 0 if fields[4] == b"." else len(alts)
            samples = self._samples.take(fields[8], fields[9], alt_count)
            if isinstance(samples, Fault):
                return samples
            fields[9] = samples
        place = self._places.get(fields[0]) or self._learn_place(fields[0])
        fault = self._columns.place_fault(fields, alts, place.bases) if place.bases else None
        position = 0 if fault or not place.bases else int(fields[1])
        info = self._info.take(fields[7], alts, position)
        if isinstance(info, Fault):
            return fault or info
        if fault is not None:
            return fault
        if place.bases and self._quality_key and not PLAIN_QUALITY.match(fields[5] + b"\t"):
            info = self._with_quality(info, len(info), fields[5])
        fields[0], fields[7] = place.name, info
        row = b"\t".join(fields)
        if not place.bases:
            self.unplaced_row = row
            return faults.UNKNOWN_CONTIG
        return row, place.name, position, len(alts), fields[3]

    def _with_quality(self, text: bytes, at: int, quality: bytes) -> bytes:
        """With another entry of INFO, which ends at a place of the text."""
        missing = text[max(at - 2, 0) : at] in (b"\t.", b".")
        before = text[: at - 1] if missing else text[:at] + b";"
        return b"%b%b=%b%b" % (before, self._quality_key, quality, text[at:])

    def _learn_place(self, raw: bytes) -> Place:
        name = raw.decode()
        contig = self._names.find(name)
        if contig is None:
            place = Place(raw, 0)
            if len(self.unknown_contigs) < MOST_UNKNOWN:
                self.unknown_contigs[name] = None
        else:
            if self._reference_names and contig in self.contig_by_name.values():
                self._header.repairs[f"Another name for {contig} was replaced by the first."] += 1
            self.contig_by_name[name] = contig
            own = contig.encode() if self._reference_names else raw
            place = Place(own, self._names.lengths[contig])
        if len(self._places) < MOST_PLACES:
            self._places[raw] = place
        return place

    def _learn(self) -> None:
        """Each time that twice as many lines had to be looked at closely: patterns are costly."""
        self._misses += 1
        known = (len(self._info.order), self._header.changes)
        if self._misses & (self._misses - 1) == 0 and known != self._matched:
            self._matched = known
            self._match = row_pattern(self._info.order, samples=self._has_samples).match
