"""One record line: fit to be annotated, mended, or set aside with a fault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from gas.vcf import faults
from gas.vcf.contigs import ContigNames
from gas.vcf.faults import Fault
from gas.vcf.header import Header, declare, readable

BASES = re.compile(rb"[ACGTUNRYKMSWBDHV]+\Z", re.IGNORECASE)
ALT = re.compile(
    rb"(?:[ACGTUNRYKMSWBDHV]+|\*|\.|<[^<>\s,]+>"
    rb"|[ACGTUNRYKMSWBDHV.]*[\[\]][^\[\]\s,]+[\[\]][ACGTUNRYKMSWBDHV.]*"
    rb"|\.[ACGTUN]+|[ACGTUN]+\.)\Z",
    re.IGNORECASE,
)
BAD_KEY = re.compile(rb"[\s<>\"',=]|\A\Z")
ALLELE = rb"(?:\.|[0-9]+)"
GENOTYPE = re.compile(rb"[/|]?" + ALLELE + rb"(?:[/|]" + ALLELE + rb")*\Z")
HIGHEST_POS = 2**31 - 2


class RecordCheck:
    """Checks and mends records one by one; learns which definitions the header lacks."""

    def __init__(self, header: Header, names: ContigNames) -> None:
        self._header = header
        self._names = names
        self._tabs = len(header.columns) - 1
        self._samples = len(header.columns) > 9
        self._contigs: dict[bytes, int | None] = {}
        self._infos = {name.encode() for name in header.declared["INFO"]}
        self._filters: set[bytes] = set()
        self._formats: set[bytes] = set()
        self.blanked_genotypes = 0
        self.contig_by_name: dict[str, str] = {}
        """The reference's contig by the name the file uses, in order of first use."""
        self.unknown_contigs: dict[str, None] = {}

    def reference_contigs(self) -> Sequence[str]:
        return tuple(self._names.lengths)

    def take(self, line: bytes) -> tuple[bytes, Sequence[bytes]] | Fault:
        """The line to annotate and its first fields, or why it cannot be."""
        if not line.isascii():
            line = readable(line).encode()
        tabs = line.count(b"\t")
        if tabs == self._tabs + 1 and line.endswith(b"\t"):
            line, tabs = line[:-1], tabs - 1
        if tabs != self._tabs:
            return faults.BAD_COLUMNS
        fields = line.split(b"\t", 9)
        fault = self._place_fault(fields) or self._allele_fault(fields)
        fault = fault or self._info_fault(fields[7])
        if fault is not None:
            return fault
        self._learn_filters(fields[6])
        if self._samples:
            return self._take_samples(line, fields)
        return line, fields

    def _place_fault(self, fields: Sequence[bytes]) -> Fault | None:
        bases = self._contigs.get(fields[0], -1)
        if bases == -1:
            bases = self._learn_contig(fields[0])
        if bases is None:
            return faults.UNKNOWN_CONTIG
        position = fields[1]
        if not position.isdigit() or len(position) > 10:
            return faults.BAD_POS
        if not 1 <= int(position) <= min(bases or 0, HIGHEST_POS) - len(fields[3]) + 1:
            return faults.BAD_POS
        return None

    def _learn_contig(self, raw: bytes) -> int | None:
        name = raw.decode()
        contig = self._names.find(name)
        bases = None if contig is None else self._names.lengths[contig]
        if contig is not None:
            self.contig_by_name[name] = contig
        elif len(self.unknown_contigs) < 1000:
            self.unknown_contigs[name] = None
        if len(self._contigs) < 100_000:
            self._contigs[raw] = bases
        return bases

    @staticmethod
    def _allele_fault(fields: Sequence[bytes]) -> Fault | None:
        if not BASES.match(fields[3]):
            return faults.BAD_REF
        alts = fields[4].split(b",")
        if not all(ALT.match(alt) for alt in alts) or (len(alts) > 1 and b"." in alts):
            return faults.BAD_ALT
        if fields[5] != b"." and not _is_number(fields[5]):
            return faults.BAD_QUAL
        return None

    def _info_fault(self, info: bytes) -> Fault | None:
        if info == b".":
            return None
        for entry in info.split(b";"):
            key = entry.partition(b"=")[0]
            if key in self._infos or (not entry):
                continue
            if BAD_KEY.search(key):
                return faults.BAD_INFO
            self._infos.add(key)
            declare(self._header, "INFO", key.decode())
        return None

    def _learn_filters(self, filters: bytes) -> None:
        if filters in self._filters:
            return
        self._filters.add(filters)
        known = self._header.declared["FILTER"]
        for name in filters.decode().split(";"):
            if name not in known and name not in ("PASS", ".", "", "0"):
                declare(self._header, "FILTER", name)

    def _take_samples(
        self, line: bytes, fields: list[bytes]
    ) -> tuple[bytes, Sequence[bytes]] | Fault:
        keys = fields[8].split(b":")
        if fields[8] not in self._formats:
            if len(set(keys)) != len(keys) or any(BAD_KEY.search(key) for key in keys):
                return faults.BAD_FORMAT
            self._formats.add(fields[8])
            for key in keys:
                if key != b"." and key.decode() not in self._header.declared["FORMAT"]:
                    declare(self._header, "FORMAT", key.decode())
        samples = b"\t" + fields[9]
        if _too_many_values(len(keys)).search(samples):
            return faults.BAD_FORMAT
        if b"GT" not in keys:
            return line, fields
        alleles = 1 + (0 if fields[4] == b"." else fields[4].count(b",") + 1)
        at = keys.index(b"GT")
        if at == 0 and not _bad_genotype(alleles).search(samples):
            return line, fields
        fields[9] = self._blank(fields[9], at, alleles)
        return b"\t".join(fields), fields

    def _blank(self, samples: bytes, at: int, alleles: int) -> bytes:
        """Genotypes that name an allele the record has not, or none, become missing."""
        mended = []
        for sample in samples.split(b"\t"):
            values = sample.split(b":")
            if len(values) > at and not _genotype_fits(values[at], alleles):
                values[at] = b"."
                self.blanked_genotypes += 1
            mended.append(b":".join(values))
        return b"\t".join(mended)


def _genotype_fits(genotype: bytes, alleles: int) -> bool:
    if not GENOTYPE.match(genotype):
        return False
    return all(int(index) < alleles for index in re.findall(rb"[0-9]+", genotype))


@lru_cache(maxsize=256)
def _bad_genotype(alleles: int) -> re.Pattern[bytes]:
    """A sample whose first value may not fit: certain below ten alleles, else looked at closer."""
    allele = rb"(?:\.|[0-%d])" % (alleles - 1) if alleles <= 10 else rb"(?:\.|[0-9])"
    return re.compile(rb"\t(?![/|]?%b(?:[/|]%b)*(?:[:\t]|\Z))" % (allele, allele))


@lru_cache(maxsize=256)
def _too_many_values(keys: int) -> re.Pattern[bytes]:
    return re.compile(rb"\t[^:\t]*(?::[^:\t]*){%d}" % keys)


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return b"_" not in text
