"""INFO: every key declared, every value of its type, every key once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gas.vcf import faults
from gas.vcf.columns import EMPTIED
from gas.vcf.definitions import Tag
from gas.vcf.faults import Fault
from gas.vcf.fitting import HIGHEST, count_fits, fitted
from gas.vcf.header import Header, declare

BAD_KEY = re.compile(rb"[\s<>\"',=\[\]\0]|\A\Z")
MOST_ORDERED = 300
MOVED = (b"<DEL", b"<DUP")
"""Symbols that tools move to the left, as far as position 1 where no length holds them."""
DELETION = b"<DEL"
"""The one symbol that `norm` moves; one without an extent goes to the start of the contig."""
DOUBLED = "INFO named a key twice; the first value was kept."
ADDED_END = "END of a <DEL> was worked out from its SVLEN."
Values = dict[bytes, bytes | None]


class InfoCheck:
    """Learns which keys the records have, and in which order."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._repairs = header.repairs
        self._tags = header.tags["INFO"]
        self.order: list[Tag] = []
        """Keys as they follow each other in the records, as far as they do so always."""
        self._rank: dict[bytes, int] = {}

    def take(self, info: bytes, alts: Sequence[bytes], position: int) -> bytes | Fault:
        """INFO as it should be."""
        if info.count(b";") > self._header.caps.info_entries:
            return faults.BAD_INFO
        values = self._values(info)
        if isinstance(values, Fault):
            return values
        parted = len(alts) > 1 and b"SVLEN" in values  # a <DUP> alone is not moved
        if any(alt.startswith(MOVED if parted else DELETION) for alt in alts):
            fault = self._extent_fault(values, alts, position)
            if fault is not None:
                return fault
        if len(alts) > 1:
            for key, value in values.items():
                count_fits(self._tags[key], value, len(alts))
        self._learn(values)
        entries = (key if value is None else key + b"=" + value for key, value in values.items())
        return b";".join(entries) or b"."

    def _values(self, info: bytes) -> Values | Fault:
        values: Values = {}
        for entry in () if info == b"." else info.split(b";"):
            key, equals, value = entry.partition(b"=")
            if key not in self._tags:
                key = key.strip()
                if key == b"." or not entry.strip():
                    self._repairs[EMPTIED] += 1
                    continue
                if BAD_KEY.search(key):
                    return faults.BAD_INFO
                if key not in self._tags:
                    declare(self._header, "INFO", key.decode())
            if key in values:
                self._repairs[DOUBLED] += 1
                continue
            values[key] = fitted(self._header, self._tags[key], value) if equals else None
        return values

    def _extent_fault(self, values: Values, alts: Sequence[bytes], position: int) -> Fault | None:
        """Sees to it that what would be moved has an end beyond its start."""
        end = values.get(b"END") or b""
        if end.isdigit() and int(end) > position:
            return None
        spans = [abs(int(x)) if x.lstrip(b"+-").isdigit() else 0 for x in _spans(values)]
        if b"END" not in values and self._is_told_by_length(spans, alts):
            return None
        longest = max(spans, default=0)
        if not longest:
            return faults.BAD_END
        if b"END" not in self._tags:
            declare(self._header, "INFO", "END")
        values[b"END"] = b"%d" % min(position + longest, HIGHEST)
        self._repairs[ADDED_END] += 1
        return None

    def _is_told_by_length(self, spans: Sequence[int], alts: Sequence[bytes]) -> bool:
        """Whether each of those has a length still once it stands alone."""
        if len(spans) != len(alts) or (len(alts) > 1 and self._tags[b"SVLEN"].number != "A"):
            return False
        pairs = zip(alts, spans, strict=True)
        return all(span for alt, span in pairs if alt.startswith(MOVED))

    def _learn(self, values: Mapping[bytes, object]) -> None:
        at = -1
        for key in values:
            rank = self._rank.get(key)
            if rank is None:
                if len(self.order) >= MOST_ORDERED:
                    return
                self.order.insert(at + 1, self._tags[key])
                self._rank = {tag.name.encode(): rank for rank, tag in enumerate(self.order)}
                rank = at + 1
            if rank < at:
                return
            at = rank


def _spans(values: Values) -> list[bytes]:
    return (values.get(b"SVLEN") or b"").split(b",")
