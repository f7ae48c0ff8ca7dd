"""Names of the same sequence in different archives: facts, not guesses.

An accession stands for one exact sequence, so it counts only for a contig of that length. Human
chromosomes: NCBI assembly reports GCF_000001405.25 (GRCh37) and .40 (GRCh38); SARS-CoV-2: RefSeq
NC_045512.2 is derived from, and identical to, GenBank MN908947.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

MITOCHONDRION = ("MT", "M", "chrM", "chrMT", "NC_012920.1", "J01415.2")
MITOCHONDRION_BASES = 16569
SARS_COV_2 = ("MN908947.3", "NC_045512.2", "NC_045512v2")
SARS_COV_2_BASES = 29903

HUMAN = """
1 10 249250621 248956422
2 11 243199373 242193529
3 11 198022430 198295559
4 11 191154276 190214555
5 9 180915260 181538259
6 11 171115067 170805979
7 13 159138663 159345973
8 10 146364022 145138636
9 11 141213431 138394717
10 10 135534747 133797422
11 9 135006516 135086622
12 11 133851895 133275309
13 10 115169878 114364328
14 8 107349540 107043718
15 9 102531392 101991189
16 9 90354753 90338345
17 10 81195210 83257441
18 9 78077248 80373285
19 9 59128983 58617616
20 10 63025520 64444167
21 8 48129895 46709983
22 10 51304566 50818468
X 10 155270560 156040895
Y 9 59373566 57227415
"""
"""Name, version of the RefSeq accession in GRCh37 (GRCh38 has the next), length in 37 and 38."""


def same_names(bases: int) -> Sequence[tuple[str, ...]]:
    """Sets of names that all mean one known sequence of this length."""
    return _names_by_bases().get(bases, ())


@cache
def _names_by_bases() -> dict[int, list[tuple[str, ...]]]:
    found: dict[int, list[tuple[str, ...]]] = {
        MITOCHONDRION_BASES: [MITOCHONDRION],
        SARS_COV_2_BASES: [SARS_COV_2],
    }
    for order, row in enumerate(HUMAN.split("\n")[1:-1], start=1):
        name, version, *lengths = row.split()
        for later, bases in enumerate(lengths):
            refseq = f"NC_{order:06}.{int(version) + later}"
            genbank = f"CM{662 + order:06}.{1 + later}"
            numbered = (f"{order}",) if order > 22 else ()  # X and Y, as PLINK writes them
            names = (name, f"chr{name}", refseq, genbank, *numbered)
            found.setdefault(int(bases), []).append(names)
    return found


def build_of(bases: int) -> str:
    """The human build that has a chromosome of just this length; empty if none or both have."""
    builds = [
        build
        for build, at in (("GRCh37", 2), ("GRCh38", 3))
        if any(row.split()[at] == str(bases) for row in HUMAN.split("\n")[1:-1])
    ]
    return builds[0] if len(builds) == 1 else ""
