"""Whether the input was made with this genome: its REF and its contigs' lengths against every
reference that is installed.

The bases decide. Lengths are told beside them, and decide only where no REF can be compared
(symbols with an N for REF, say).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gas.domain.errors import InputError
from gas.engines.bcftools.consequence.store import damaged
from gas.vcf.accessions import build_of
from gas.vcf.contigs import ContigNames
from gas.vcf.probes import Probe

MOST_MISMATCHES = 0.02
FEWEST_MISMATCHES = 3
"""One or two wrong records among right ones are no wrong build, however short the file."""
OTHERS_PROBES = 100
"""For the references that were not chosen; all are looked at once the chosen one does not fit."""
MOST_TOLD = 5
UNREADABLE = (OSError, ValueError, KeyError)
"""What pysam raises of a genome that is not there, cut short, or without its index."""
CURE = "Choose the reference of the genome build that the file was made with."


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reference that the input may have been made with."""

    name: str
    title: str
    genome_path: str
    names: ContigNames

    @property
    def label(self) -> str:
        """'GRCh38 (grch38)'"""
        return self.name if self.title in ("", self.name) else f"{self.title} ({self.name})"


@dataclass(frozen=True, slots=True)
class Fit:
    """What speaks for a reference."""

    candidate: Candidate
    wrong: int
    compared: int
    """Records whose REF tells something there."""
    same_lengths: int
    """Contigs that the header declares with the length they have there."""
    other_lengths: tuple[tuple[str, int, int], ...]
    """Name, length in the header and there, of the contigs that have another."""

    @property
    def share_wrong(self) -> float:
        return self.wrong / self.compared if self.compared else 0.0

    @property
    def matching(self) -> str:
        return f"{percent(1 - self.share_wrong)} of REF match {self.candidate.label}"


@dataclass(frozen=True, slots=True)
class Verdict:
    chosen: Fit
    others: Sequence[Fit]
    """Those that share contigs with the input, the best first."""

    @property
    def is_wrong(self) -> bool:
        if self.chosen.compared:
            return is_wrong_build(self.chosen.wrong, self.chosen.compared)
        return bool(self.chosen.other_lengths) and not self.chosen.same_lengths

    @property
    def lines(self) -> list[str]:
        """For the log."""
        told = [fit.matching.replace(" of REF match", "") for fit in self.others[:MOST_TOLD]]
        chosen = self.chosen
        if chosen.compared:
            first = f"{', '.join([chosen.matching, *told])} ({chosen.compared:,} looked at)."
        else:
            first = f"No REF could be compared with {chosen.candidate.label}."
        return [first, *filter(None, [self._lengths()])]

    def check(self) -> None:
        """InputError WRONG_BUILD, naming the reference that fits, if there is one."""
        if not self.is_wrong:
            return
        if self.chosen.compared:
            raise wrong_build(self.chosen.share_wrong, self._better(), self._lengths())
        raise InputError("WRONG_BUILD", f"{self._lengths()} {self._better()}".strip(), cure=CURE)

    def _better(self) -> str:
        for fit in self.others:
            if fit.compared >= self.chosen.compared // 2 and fit.compared:
                if fit.share_wrong > MOST_MISMATCHES:
                    break
                match = percent(1 - fit.share_wrong)
                return f"The reference '{fit.candidate.name}' fits: {match} match there."
            if not self.chosen.compared and fit.same_lengths and not fit.other_lengths:
                return f"The reference '{fit.candidate.name}' fits."
        return "None of the other references fits." if self.others else ""

    def _lengths(self) -> str:
        if not self.chosen.other_lengths:
            return ""
        name, declared, bases = self.chosen.other_lengths[0]
        count = len(self.chosen.other_lengths)
        text = (
            f"The header gives {count:,} contig{'s' * (count > 1)} another length than "
            f"{self.chosen.candidate.label} has: {name[:40]} {declared:,} instead of {bases:,}"
        )
        build = build_of(declared)
        return f"{text}, as in {build}." if build else f"{text}."


def judge(
    chosen: Candidate,
    others: Sequence[Candidate],
    probes: Sequence[Probe],
    declared: Mapping[str, int],
) -> Verdict:
    """EngineFailed REFERENCE_DAMAGED if the chosen one cannot be read; others are passed over."""
    try:
        own = fit_of(chosen, probes, declared)
    except UNREADABLE as error:
        raise damaged(Path(chosen.genome_path)) from error
    ordered = sorted(probes)
    wrong = is_wrong_build(own.wrong, own.compared)
    fits = []
    for other in others:
        with suppress(*UNREADABLE):  # being removed at this moment, say
            fits.append(fit_of(other, ordered if wrong else _spread(ordered), declared))
    near = [fit for fit in fits if fit.compared or fit.same_lengths]
    near.sort(key=lambda fit: (not fit.compared, fit.share_wrong, -fit.same_lengths))
    return Verdict(own, near)


def is_wrong_build(wrong: int, compared: int) -> bool:
    fewest = min(FEWEST_MISMATCHES, compared)
    return wrong >= fewest > 0 and wrong / compared > MOST_MISMATCHES


def wrong_build(share: float, *more: str) -> InputError:
    """`more`: whole sentences."""
    message = f"In {percent(share)} of the records REF is not what the reference has there."
    return InputError("WRONG_BUILD", " ".join(filter(None, [message, *more])), cure=CURE)


def percent(share: float) -> str:
    """'99.8 %'; 100 only if it is all."""
    shown = f"{share * 100:.3g}"
    return "99.9 %" if shown == "100" and share < 1 else f"{shown} %"


def fit_of(candidate: Candidate, probes: Sequence[Probe], declared: Mapping[str, int]) -> Fit:
    wrong, compared = mismatches(candidate.genome_path, candidate.names, probes)
    same, others = 0, []
    for name, bases in declared.items():
        contig = candidate.names.find(name)
        have = candidate.names.lengths[contig] if contig else bases
        same += bool(contig) and have == bases
        others += [(name, bases, have)] if have != bases else []
    return Fit(candidate, wrong, compared, same, tuple(others))


def mismatches(genome_path: str, names: ContigNames, probes: Sequence[Probe]) -> tuple[int, int]:
    """How many of how many; where the record or the reference has no plain bases, nothing is
    told. A place that the contig does not reach is wrong."""
    import pysam

    wrong = compared = 0
    with pysam.FastaFile(genome_path) as genome:
        for name, position, ref in sorted(probes):
            contig = names.find(name)
            told = [at for at, base in enumerate(ref.upper()) if base in "ACGT"]
            if contig is None or not told or position < 1:
                continue
            if position > names.lengths[contig]:
                wrong, compared = wrong + 1, compared + 1
                continue
            have = genome.fetch(contig, position - 1, position - 1 + len(ref)).upper()
            pairs = [(ref[at].upper(), have[at]) for at in told if have[at : at + 1] in set("ACGT")]
            compared += bool(pairs)
            wrong += any(a != b for a, b in pairs)
    return wrong, compared


def _spread(probes: Sequence[Probe]) -> Sequence[Probe]:
    step = max(len(probes) // OTHERS_PROBES, 1)
    return probes[::step][:OTHERS_PROBES]
