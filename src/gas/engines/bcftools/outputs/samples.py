"""Counts genotypes by sample, from the stream, cheaply for one sample and for thousands.

A record's genotypes become a string of one byte for each sample; such strings are gathered in
blocks, and a block is read by column, so that the counting itself is done in C.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import add, itemgetter
from typing import Any

from gas.engines.bcftools.outputs.kinds import Tally

REFERENCE, HET, HOM, MISSING = range(4)
CLASSES = 4
BLOCK_ROWS = 4096
BLOCK_BYTES = 16 * 2**20
ALLELES = re.compile(rb"[/|]")
FIRST_VALUES = re.compile(rb"\t([^:\t]*)")
KNOWN_GENOTYPES, KNOWN_FORMATS = 10_000, 1000
"""So many texts are remembered; real files have a dozen."""
SHOWN = (b"GT", b"GQ", b"DP", b"AD")
NO_SAMPLES = b"\t" * 6
ONE_SAMPLE = (b"0\t0\t0\t", b"1\t0\t0\t", b"0\t1\t0\t", b"0\t0\t1\t")
"""Counts of HET, HOM and MISSING, by the class of the one sample."""


Counts = Sequence[Sequence[Sequence[int]]]
"""By tally, sample and class of the genotype."""


class _Classes(dict[bytes, int]):
    """The class by the text of a genotype."""

    def __missing__(self, genotype: bytes) -> int:
        found = genotype_class(genotype)
        if len(self) < KNOWN_GENOTYPES:
            self[genotype] = found
        return found


def genotype_class(genotype: bytes) -> int:
    """HET: ALT and anything else, a missing allele too. HOM: ALT only, one copy too. MISSING: no
    ALT, and not every allele is known."""
    alleles = [allele for allele in ALLELES.split(genotype) if allele]
    alts = sum(allele not in (b"0", b".") for allele in alleles)
    if alts:
        return HOM if alts == len(alleles) else HET
    return REFERENCE if alleles and b"." not in alleles else MISSING


class SampleValues:
    """Counts as it tells."""

    def __init__(self, names: Sequence[str]) -> None:
        """Those that are counted: the first ones of the file, if not all."""
        self._names = names
        classes = _Classes()
        self._class_of: Callable[[bytes], int] = classes.__getitem__
        self._rows: list[list[bytes]] = [[] for _ in Tally]
        self._most_rows = max(1, min(BLOCK_ROWS, BLOCK_BYTES // max(len(names), 1)))
        self._counts = [[[0] * CLASSES for _ in names] for _ in Tally]
        self._shown: dict[bytes, _Shown] = {}

    def texts(self, tallies: Sequence[Tally], rows: Sequence[Sequence[bytes]]) -> list[bytes]:
        """Columns from `samples_het` to the last, of each record. `rows`: their columns; from the
        ninth on FORMAT, and those of all samples with the tabs between them; none without any."""
        text = self._of_one if len(self._names) == 1 else self._of_many
        return [
            text(tally, row[8], row[9]) if len(row) > 9 else NO_SAMPLES
            for tally, row in zip(tallies, rows, strict=True)
        ]

    def _of_one(self, tally: Tally, keys: bytes, values: bytes) -> bytes:
        if b"\t" in values:
            return self._of_many(tally, keys, values)
        shown = self._shown.get(keys) or self._see(keys)
        first = values.split(b":")
        found = self._class_of(first[shown.at] if shown.at < len(first) else b".")
        self._counts[tally][0][found] += 1
        return ONE_SAMPLE[found] + shown.text(first)

    def _of_many(self, tally: Tally, keys: bytes, values: bytes) -> bytes:
        shown = self._shown.get(keys) or self._see(keys)
        row = bytes(map(self._class_of, _genotypes(shown.at, values)))
        rows = self._rows[tally]
        rows.append(row[: len(self._names)])
        if len(rows) >= self._most_rows:
            self._settle(tally)
        counts = b"%d\t%d\t%d\t" % (row.count(HET), row.count(HOM), row.count(MISSING))
        return counts + shown.text(values.partition(b"\t")[0].split(b":"))

    def _see(self, keys: bytes) -> _Shown:
        shown = _Shown(keys)
        if len(self._shown) < KNOWN_FORMATS:
            self._shown[keys] = shown
        return shown

    def counts(self) -> Counts:
        for tally in Tally:
            self._settle(tally)
        return self._counts

    def _settle(self, tally: Tally) -> None:
        rows, width = self._rows[tally], len(self._names)
        block = b"".join(rows)
        for place, counts in enumerate(self._counts[tally] if rows else ()):
            column = block[place::width]
            for found in range(CLASSES):
                counts[found] += column.count(found)
        rows.clear()


def added(one: Counts, other: Counts) -> Counts:
    """Of the same samples."""
    return [
        [list(map(add, *pair)) for pair in zip(*of_tally, strict=True)]
        for of_tally in zip(one, other, strict=True)
    ]


def samples_table(names: Sequence[str], counts: Counts) -> list[dict[str, Any]]:
    """One entry for each sample, in the order of the file."""
    return [
        _entry(name, {tally: counts[tally][place] for tally in Tally})
        for place, name in enumerate(names)
    ]


def _entry(name: str, of: Mapping[Tally, Sequence[int]]) -> dict[str, Any]:
    alts = {tally: counts[HET] + counts[HOM] for tally, counts in of.items()}
    varying = [tally for tally in Tally if tally is not Tally.NONE]
    het = sum(of[tally][HET] for tally in varying)
    hom = sum(of[tally][HOM] for tally in varying)
    transitions, transversions = alts[Tally.TRANSITION], alts[Tally.TRANSVERSION]
    return {
        "name": name,
        "variants": het + hom,
        "het": het,
        "hom": hom,
        "het_hom": ratio(het, hom),
        "reference": sum(of[tally][REFERENCE] for tally in varying),
        "missing": sum(of[tally][MISSING] for tally in varying),
        "transitions": transitions,
        "transversions": transversions,
        "ts_tv": ratio(transitions, transversions),
        "indels": alts[Tally.INDEL],
    }


def ratio(above: int, below: int) -> float | None:
    """With three decimals; None where there is nothing to divide by."""
    return round(above / below, 3) if below else None


class _Shown:
    """Where the values of a FORMAT are that the table shows of the first sample."""

    def __init__(self, keys: bytes) -> None:
        names = keys.split(b":")
        self.at = names.index(b"GT") if b"GT" in names else len(names)
        self._padding = [b""] * (len(names) + 1)
        self._values = itemgetter(
            *(names.index(name) if name in names else len(names) for name in SHOWN)
        )

    def text(self, values: list[bytes]) -> bytes:
        """Values at the end may be left out. Changes `values`."""
        values += self._padding[len(values) :]
        return b"\t".join(self._values(values))


def _genotypes(at: int, values: bytes) -> list[bytes]:
    """Of every sample; `at` is the place of GT in FORMAT, from 0."""
    if at == 0:
        return FIRST_VALUES.findall(b"\t" + values)
    parts = [sample.split(b":") for sample in values.split(b"\t")]
    return [part[at] if at < len(part) else b"." for part in parts]
