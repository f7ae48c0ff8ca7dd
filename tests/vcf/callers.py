"""Small files in the manner of many callers and converters, on any genome.

Written by hand from their conventions, not taken from them. In a row a space stands for a tab,
CONTIG and SECOND for the genome's first two contigs, R120 for its base at 120 (of the contig that
the row is on), R120+3 for three bases from there, V120 and W120 for two other bases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from vcf.other_texts import OLD_AND_CONVERTED, STRUCTURAL
from vcf.small_variant_texts import SMALL_VARIANTS

BASE = re.compile(r"(?<![A-Za-z])([RVW])([0-9]{3,4})(?:\+([0-9]+))?")
COLUMNS = "#CHROM POS ID REF ALT QUAL FILTER INFO"


def caller_files(genome: Mapping[str, str]) -> list[tuple[str, str]]:
    """Name and text of each file. `genome`: bases by contig, 3,000 at least on the first two."""
    texts = {**SMALL_VARIANTS, **STRUCTURAL, **OLD_AND_CONVERTED}
    return [(name, _written(text, genome)) for name, text in texts.items()]


def _written(text: str, genome: Mapping[str, str]) -> str:
    first, second, *_ = genome
    lines = []
    for line in text.strip("\n").split("\n"):
        named = line.replace("CONTIG", first).replace("SECOND", second)
        named = named.replace("LENGTH1", str(len(genome[first])))
        named = named.replace("LENGTH2", str(len(genome[second])))
        if named.startswith("##"):
            lines.append(named)
        elif named.startswith("#"):
            lines.append(named.replace("#COLUMNS", COLUMNS).replace(" ", "\t"))
        else:
            lines.append(_row(named, genome).replace(" ", "\t"))
    return "\n".join(lines) + "\n"


def _row(row: str, genome: Mapping[str, str]) -> str:
    sequence = genome.get(row.partition(" ")[0].removeprefix("other-"), next(iter(genome.values())))

    def bases(found: re.Match[str]) -> str:
        place, count = int(found[2]), int(found[3] or 1)
        have = sequence[place - 1 : place - 1 + count].upper()
        if found[1] == "R":
            return have
        return [base for base in "ACGT" if base != have[0]]["VW".index(found[1])]

    return BASE.sub(bases, row)
