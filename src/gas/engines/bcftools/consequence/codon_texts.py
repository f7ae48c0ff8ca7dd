"""What one base does to a regular codon: made once for each of the 576 that can happen."""

from __future__ import annotations

from typing import NamedTuple

from gas.engines.bcftools.consequence.codons import STOP, UNKNOWN, amino_acid, three_letters


class CodonText(NamedTuple):
    term: str
    """'' where more than the codon has to be looked at."""
    amino_acids: str
    codons: str
    before: str
    """In HGVSp, before the number."""
    after: str


class CodonTexts(dict[tuple[str, int, str], CodonText]):
    """By codon, place in it (from 0) and new base, all on the strand of the transcript."""

    def __init__(self, table: int) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, key: tuple[str, int, str]) -> CodonText:
        found = self[key] = _text(*key, self._table)
        return found


def _text(codon: str, at: int, base: str, table: int) -> CodonText:
    changed = codon[:at] + base + codon[at + 1 :]
    ref, alt = amino_acid(codon, table), amino_acid(changed, table)
    low = codon.lower()
    shown = f"{low[:at]}{codon[at]}{low[at + 1 :]}/{low[:at]}{base}{low[at + 1 :]}"
    before, after = three_letters(ref), three_letters(alt)
    if ref == alt:
        return CodonText(_same(ref), ref, shown, before, "%3D")
    term = "stop_gained" if alt == STOP else "missense_variant"
    if ref == STOP or UNKNOWN in (ref, alt):
        term = ""
    return CodonText(term, f"{ref}/{alt}", shown, before, after)


def _same(letter: str) -> str:
    if letter == STOP:
        return "stop_retained_variant"
    return "" if letter == UNKNOWN else "synonymous_variant"
