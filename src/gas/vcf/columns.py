"""The fixed columns of a record but INFO: fit to be used, mended, or at fault."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from gas.vcf import faults
from gas.vcf.faults import Fault
from gas.vcf.header import Header, declare

BASES = re.compile(rb"[ACGTUNRYKMSWBDHV]+\Z", re.IGNORECASE)
PLAIN = re.compile(rb"[ACGTN*.]+\Z", re.IGNORECASE)
ALT = re.compile(
    rb"(?:[ACGTUNRYKMSWBDHV]+|\*|\.|<[^<>\s,]+>"
    rb"|[ACGTUNRYKMSWBDHV.]*[\[\]][^\[\]\s,]+[\[\]][ACGTUNRYKMSWBDHV.]*"
    rb"|\.[ACGTUN]+|[ACGTUN]+\.)\Z",
    re.IGNORECASE,
)
OLD_INDEL = re.compile(rb"(?:D[0-9]+|I[ACGTN]+)\Z", re.IGNORECASE)
WHOLE_NUMBER = re.compile(rb"[0-9]{1,10}\Z")
WITH_ZERO_FRACTION = re.compile(rb"([0-9]{1,10})\.0+\Z")
NUMBER = re.compile(
    rb"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|nan|inf)\Z", re.IGNORECASE
)
NO_VALUE = {b"", b"na", b"nan", b"n/a", b"-", b"none", b"null", b"?"}
"""How other formats say that there is none, in lower case."""
HIGHEST_POS = 2**31 - 2
BAD_FILTER = re.compile(r"[<>\"',=\[\]]")
MOST_FILTERS = 10_000
MOST_FILTER_BYTES = 1 << 16

TRIMMED = "Spaces around the values of a record were taken off."
EMPTIED = "Empty or missing values were written as '.'."
IUPAC = "Bases that are neither A, C, G, T nor N: such records are kept, but not left-aligned."


class ColumnCheck:
    """CHROM to FILTER."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._repairs: Counter[str] = header.repairs
        self.known_filters: set[bytes] = {b".", b"PASS"}
        """Values of FILTER that need no mending and whose parts are all declared."""

    def mend(self, fields: list[bytes]) -> Fault | None:
        """In place."""
        if any(field[:1] == b" " or field[-1:] == b" " for field in fields[:8]):
            fields[:8] = [field.strip(b" ") for field in fields[:8]]
            self._repairs[TRIMMED] += 1
        if not fields[2]:
            fields[2] = b"."
            self._repairs[EMPTIED] += 1
        if fault := self._allele_fault(fields[3], fields[4]):
            return fault
        if not NUMBER.match(fields[5]) and fields[5] != b".":
            if fields[5].lower() not in NO_VALUE:
                return faults.BAD_QUAL
            fields[5] = b"."
            self._repairs[EMPTIED] += 1
        if fields[6] not in self.known_filters:
            if len(fields[6]) > MOST_FILTER_BYTES:
                return faults.BAD_COLUMNS
            fields[6] = self._filters(fields[6])
        return None

    def _allele_fault(self, ref: bytes, alt: bytes) -> Fault | None:
        if not BASES.match(ref):
            return faults.BAD_REF
        if alt.count(b",") >= self._header.caps.alleles:
            return faults.TOO_MANY_ALLELES
        alts = alt.split(b",")
        iupac = not PLAIN.match(ref)
        for one in alts:
            if PLAIN.match(one) and one.isalpha():
                continue
            if not ALT.match(one):
                return faults.OLD_INDEL if OLD_INDEL.match(one) else faults.BAD_ALT
            iupac = iupac or one.isalpha()
        self._repairs.update([IUPAC] if iupac else [])
        return None

    def place_fault(self, fields: list[bytes], alts: Sequence[bytes], bases: int) -> Fault | None:
        """Whether POS is on a contig of so many bases. Symbols and breakends may stand at a
        telomere: before its first base, or after its last."""
        if not WHOLE_NUMBER.match(fields[1]):
            found = WITH_ZERO_FRACTION.match(fields[1])
            if found is None:
                return faults.BAD_POS
            fields[1] = found[1]
            self._repairs["POS was written as a whole number."] += 1
        position = int(fields[1])
        if 1 <= position <= min(bases, HIGHEST_POS) - len(fields[3]) + 1:
            return None
        telomere = position in (0, bases + 1) and position <= HIGHEST_POS and len(fields[3]) == 1
        if telomere and not any(alt.isalpha() or alt in (b".", b"*") for alt in alts):
            return None
        return faults.BAD_POS

    def _filters(self, text: bytes) -> bytes:
        names = [name.strip() for name in text.decode().split(";")]
        kept = [name for name in names if name not in ("", ".")] or ["."]
        kept = [BAD_FILTER.sub("_", name) for name in dict.fromkeys(kept)]
        if kept == ["0"]:
            kept = ["PASS"]  # as VCF 3 said it; later versions do not allow it
        declared = self._header.declared["FILTER"]
        for name in kept:
            if name not in declared and name not in ("PASS", "."):
                declare(self._header, "FILTER", name)
        mended = ";".join(kept).encode()
        if mended != text:
            self._repairs["FILTER was written as it should be."] += 1
        if len(self.known_filters) < MOST_FILTERS:
            self.known_filters.add(mended)
        return mended
