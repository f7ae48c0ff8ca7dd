"""Whether what is left of a file, once lines were set aside, still makes sense.

It does not if nothing is left, or if more than half of at least twenty records are set aside for
one and the same reason: then the file is not what it is thought to be (columns that are not a
VCF's, positions of another build, an array's indels), and results of the rest would pass for
those of the whole. Contigs that the reference lacks are no such reason as long as it has others:
the bases of those are compared with it afterwards, and the log says what is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gas.vcf import faults

FEWEST_RECORDS = 20
SHOWN_CONTIGS = 5
NO_REASON = {faults.UNKNOWN_CONTIG.code, faults.TOO_MANY_ALLELES.code, faults.BAD_END.code}
"""Codes that say nothing of the other records."""


def check_sense(
    kept: int,
    counts: Counter[str],
    *,
    first_lines: Mapping[str, int],
    unknown: Sequence[str],
    known: Sequence[str],
) -> None:
    """InputError with the code of most of the rejected records. `unknown` and `known`: contigs of
    the file that the reference lacks, and those that it has."""
    if not counts:
        return
    code, count = counts.most_common(1)[0]
    total = kept + counts.total()
    half = count * 2 > total >= FEWEST_RECORDS and code not in NO_REASON
    if kept and not half:
        return
    place = f"line {first_lines[code]}"
    if code == faults.UNKNOWN_CONTIG.code:
        detail = f"The file has {_few(unknown)}; the reference has {_few(known)}."
        raise faults.UNKNOWN_CONTIGS.error(place=place, detail=detail)
    share = f"{count:,} of its {total:,} records" if count < total else f"all {total:,} records"
    raise faults.LINE_FAULTS[code].error(place=place, detail=f"This holds for {share}.")


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:SHOWN_CONTIGS])
    return f"{shown}, ..." if len(names) > SHOWN_CONTIGS else shown or "none"
