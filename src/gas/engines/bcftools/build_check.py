"""Whether the input was made with this genome: its REF against the reference's bases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gas.domain.errors import InputError
from gas.engines.bcftools.spec import RunSpec
from gas.vcf.contigs import ContigNames

MOST_MISMATCHES = 0.02
FEWEST_MISMATCHES = 3
"""One or two wrong records are no wrong build, however short the file."""
Probe = tuple[str, int, str]


def check_build(spec: RunSpec, names: ContigNames, probes: Sequence[Probe]) -> float:
    """The share that mismatches; InputError WRONG_BUILD if too many do."""
    wrong, compared = mismatches(spec.genome_path, names, probes)
    if is_wrong_build(wrong, compared):
        raise wrong_build(wrong / compared, _best_fit(spec, probes))
    return wrong / compared if compared else 0.0


def is_wrong_build(wrong: int, compared: int) -> bool:
    fewest = min(FEWEST_MISMATCHES, compared)
    return wrong >= fewest > 0 and wrong / compared > MOST_MISMATCHES


def wrong_build(share: float, fits: str) -> InputError:
    better = f" {fits}" if fits else ""
    return InputError(
        "WRONG_BUILD",
        f"In {share:.1%} of the records REF is not what the reference has there.{better}",
        cure="Choose the reference of the genome build that the file was made with.",
    )


def mismatches(genome_path: str, names: ContigNames, probes: Sequence[Probe]) -> tuple[int, int]:
    """How many of how many; places where the reference says N tell nothing."""
    import pysam

    wrong = compared = 0
    with pysam.FastaFile(genome_path) as genome:
        for name, position, ref in sorted(probes):
            contig = names.find(name)
            if contig is None:
                continue
            have = genome.fetch(contig, position - 1, position - 1 + len(ref)).upper()
            pairs = [(a, b) for a, b in zip(ref.upper(), have, strict=False) if _told(a, b)]
            compared += bool(pairs) or not have
            wrong += any(a != b for a, b in pairs) or not have
    return wrong, compared


def _told(ref: str, base: str) -> bool:
    return ref in "ACGT" and base in "ACGT"


def _best_fit(spec: RunSpec, probes: Sequence[Probe]) -> str:
    shares: list[tuple[float, str]] = []
    for other in spec.others:
        names = _names(other)
        wrong, compared = mismatches(other["genome_path"], names, probes)
        if compared >= len(probes) // 2 and compared:
            shares.append((wrong / compared, other["name"]))
    if not shares or min(shares)[0] > MOST_MISMATCHES:
        return ""
    share, name = min(shares)
    return f"The reference '{name}' fits: {share:.1%} differ there."


def _names(other: dict[str, Any]) -> ContigNames:
    return ContigNames(other["contigs"], other["aliases"])
