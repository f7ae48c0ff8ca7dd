"""FORMAT and the samples: as many values as FORMAT names, of their types, genotypes within ALT.

Wide rows are not taken apart unless something is wrong with them.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from gas.vcf import faults
from gas.vcf.columns import TRIMMED
from gas.vcf.definitions import Tag
from gas.vcf.faults import Fault
from gas.vcf.fitting import count_fits, fitted
from gas.vcf.header import Header, declare
from gas.vcf.info import BAD_KEY
from gas.vcf.many import MOST_SAMPLES
from gas.vcf.patterns import NEVER, samples_pattern, values_needed

GENOTYPE = re.compile(rb"[/|]?(?:\.|[0-9]{1,6})(?:[/|](?:\.|[0-9]{1,6}))*\Z")
INDEX = re.compile(rb"[0-9]+")
MISSING = re.compile(rb"\.(?:\t\.)*\Z")
MOST_FORMAT_BYTES = 4096
MOST_FILLED = 4_000_000
"""Values up to GT, of all samples of a row; more than that are not filled in."""
MOST_PATTERNS = 200
MOST_KEYS, MOST_ALTS = 60, 60
"""Of which a pattern is made."""
FEWEST_PLAIN_BYTES = 256
BACKSLASH = "Phases in the manner of VCF 3 (a backslash) were written as '/'."
LEFT_OUT = "Genotypes that samples leave out at their end were written as '.'."
LED_FROM = 4
"""VCF 4.4 lets a phase stand in front of a genotype; readers refuse it under an earlier version."""


class SampleCheck:
    def __init__(self, header: Header) -> None:
        self._header = header
        self._tags = header.tags["FORMAT"]
        self._count = len(header.columns) - 9
        self._patterns: dict[tuple[bytes, int], re.Pattern[bytes]] = {}
        self._changes = 0
        self._split: Counter[bytes] = Counter()
        """By FORMAT, records of several ALT in which every count of values fits."""
        self.blanked_genotypes = 0

    def fits(self, row: bytes, at: int, format_: bytes, alts: int) -> bool:
        """Whether samples that begin at a place of the row are like earlier ones, and fine."""
        pattern = self._patterns.get((format_, alts))
        if pattern is None:
            return False
        if format_ == b"GT" and alts == 1 and len(row) - at > FEWEST_PLAIN_BYTES:
            return _are_plain(row[at:], self._count) or pattern.match(row, at) is not None
        return pattern.match(row, at) is not None

    def pattern_of(self, format_: bytes) -> re.Pattern[bytes] | None:
        """Of the samples of rows with one ALT, if they are few and such rows were met."""
        return self._patterns.get((format_, 1)) if self._count <= MOST_SAMPLES else None

    def take(self, format_: bytes, samples: bytes, alts: int) -> bytes | Fault:
        """The samples as they should be; a record without ALT has 0 `alts`."""
        if format_ == b".":
            return samples if MISSING.match(samples) else faults.BAD_FORMAT
        pattern = self._pattern(format_, alts)
        if isinstance(pattern, Fault):
            return pattern
        if pattern.match(b"\t" + samples):
            self._split[format_] += alts > 1
            return samples
        keys = format_.split(b":")
        if too_many_values(len(keys)).search(b"\t" + samples):
            return faults.BAD_FORMAT
        tags = [self._tags[key] for key in keys]
        needed = values_needed(tags)
        if needed > 1 and needed * self._count > MOST_FILLED:
            return faults.BAD_FORMAT
        return self._mended(tags, needed, samples, alts)

    def settle(self) -> None:
        """Once all records are known."""
        for format_, count in self._split.items():
            for key in format_.split(b":"):
                self._tags[key].compared += count

    def _pattern(self, format_: bytes, alts: int) -> re.Pattern[bytes] | Fault:
        if self._changes != self._header.changes:
            self._patterns.clear()
            self._changes = self._header.changes
        found = self._patterns.get((format_, alts))
        if found is not None:
            return found
        keys = format_.split(b":") if len(format_) <= MOST_FORMAT_BYTES else [b""]
        if len(set(keys)) != len(keys) or any(BAD_KEY.search(key) or key == b"." for key in keys):
            return faults.BAD_FORMAT
        for key in keys:
            if key not in self._tags:
                declare(self._header, "FORMAT", key.decode())
        if len(keys) > MOST_KEYS or alts > MOST_ALTS or len(self._patterns) >= MOST_PATTERNS:
            return NEVER
        tags = [self._tags[key] for key in keys]
        pattern = samples_pattern(
            tags, alts, samples=self._count, led=self._header.version >= LED_FROM
        )
        self._patterns[format_, alts] = pattern
        return pattern

    def _mended(self, tags: list[Tag], needed: int, samples: bytes, alts: int) -> bytes:
        mended = []
        longest: list[bytes] = [b"."] * len(tags)
        for sample in samples.split(b"\t"):
            values = sample.split(b":")
            if len(values) < needed:
                values += [b"."] * (needed - len(values))
                self._header.repairs[LEFT_OUT] += 1
            for at, tag in enumerate(tags[: len(values)]):
                if tag.name == "GT":
                    values[at] = self._genotype(values[at], alts)
                else:
                    values[at] = fitted(self._header, tag, values[at])
            if alts > 1:
                pairs = zip(longest, values, strict=False)
                longest[: len(values)] = [max(pair, key=_count) for pair in pairs]
            mended.append(b":".join(values))
        if alts > 1:
            for tag, value in zip(tags, longest, strict=True):
                count_fits(tag, value, alts)
        return b"\t".join(mended)

    def _genotype(self, genotype: bytes, alts: int) -> bytes:
        """As it is, or '.' if it names an allele that the record has not, or none at all."""
        if genotype[:1] == b" " or genotype[-1:] == b" ":
            genotype = genotype.strip(b" ")
            self._header.repairs[TRIMMED] += 1
        if b"\\" in genotype:
            genotype = genotype.replace(b"\\", b"/")
            self._header.repairs[BACKSLASH] += 1
        fits = GENOTYPE.match(genotype) is not None
        if not fits or any(int(index) > alts for index in INDEX.findall(genotype)):
            self.blanked_genotypes += 1
            return b"."
        if genotype[:1] in (b"/", b"|"):
            self._header.raise_version(LED_FROM)
        return genotype


def _count(value: bytes) -> int:
    """Of what a value holds, 0 if it is missing."""
    return 0 if value == b"." else value.count(b",") + 1


def _are_plain(samples: bytes, count: int) -> bool:
    """Whether so many are like '\\t0|1', of which a cohort has thousands; four slices are quicker
    to look at than each sample."""
    return (
        len(samples) == 4 * count
        and not samples[0::4].strip(b"\t")
        and not samples[1::4].strip(b"01.")
        and not samples[2::4].strip(b"/|")
        and not samples[3::4].strip(b"01.")
    )


@lru_cache(maxsize=256)
def too_many_values(keys: int) -> re.Pattern[bytes]:
    return re.compile(rb"\t[^:\t]*+(?::[^:\t]*+){%d}" % keys)
