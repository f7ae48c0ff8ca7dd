"""A genome and variants for benchmarks of the engine: chromosome 21 with real genes.

The test data has real bases in two stretches and N elsewhere; those are filled at random, always
the same, so that every variant has a REF. Variants lie at random over the whole contig: 85 % single
bases, the rest insertions and deletions of up to 12 bases, with one sample and the INFO of a usual
caller.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

CONTIG = "21"
HEADER = f"""##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count">
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping quality">
##INFO=<ID=QD,Number=1,Type=Float,Description="Quality by depth">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depth by allele">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">
##contig=<ID={CONTIG},length=46709983>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1
"""


def filled(fasta_path: Path) -> str:
    """The bases of the contig, with random ones for N."""
    with gzip.open(fasta_path, "rt") as lines:
        bases = "".join(line.strip() for line in lines if not line.startswith(">"))
    chance = random.Random(21)
    pieces, at = [], 0
    while at < len(bases):
        if bases[at] != "N":
            end = bases.find("N", at)
            end = len(bases) if end < 0 else end
            pieces.append(bases[at:end])
        else:
            end = min((found for b in "ACGT" if (found := bases.find(b, at)) >= 0), default=-1)
            end = len(bases) if end < 0 else end
            pieces.append("".join(chance.choices("ACGT", k=end - at)))
        at = end
    return "".join(pieces)


def write_fasta(bases: str, path: Path) -> None:
    with path.open("w") as target:
        target.write(f">{CONTIG}\n")
        target.writelines(f"{bases[at : at + 60]}\n" for at in range(0, len(bases), 60))


def write_variants(bases: str, count: int, path: Path, *, seed: int = 1) -> None:
    """Plain, or gzipped if the name says so; sorted by position."""
    chance = random.Random(seed)
    positions = sorted(chance.sample(range(10_000, len(bases) - 10_000), count))
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt") as target:
        target.write(HEADER)
        target.writelines(_records(bases, positions, chance))


def _records(bases: str, positions: list[int], chance: random.Random) -> Iterator[str]:
    for position in positions:
        ref, alt = _alleles(bases, position, chance)
        depth = chance.randrange(10, 80)
        genotype = chance.choice(("0/1", "0/1", "1/1", "0|1", "1|0"))
        yield (
            f"{CONTIG}\t{position}\t.\t{ref}\t{alt}\t{chance.randrange(30, 3000)}.6\tPASS\t"
            f"AC=1;AF=0.5;DP={depth};MQ=60;QD={chance.randrange(2, 35)}.25\tGT:AD:DP:GQ\t"
            f"{genotype}:{depth // 2},{depth - depth // 2}:{depth}:99\n"
        )


def _alleles(bases: str, position: int, chance: random.Random) -> tuple[str, str]:
    base = bases[position - 1]
    kind = chance.random()
    if kind < 0.85:
        return base, chance.choice([other for other in "ACGT" if other != base])
    length = min(int(chance.expovariate(0.5)) + 1, 12)
    if kind < 0.925:
        return base, base + "".join(chance.choices("ACGT", k=length))
    return bases[position - 1 : position + length], base
