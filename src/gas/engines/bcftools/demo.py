"""The demo: a synthetic genome and a VCF in which every kind of consequence occurs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gas.engines.bcftools.demo_genome import (
    COMPLEMENT,
    SEED,
    STOPS,
    Gene,
    Genome,
    coding_spans,
    fasta,
    gff3,
    make_genome,
)

VARIANTS = 1000
GENOTYPES = ("0/1", "1/1", "0/0", "0|1", "./.")
HEADER = """##fileformat=VCFv4.2
##source=GAS demo, synthetic
##FILTER=<ID=LowQual,Description="Low quality">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Total depth">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
"""
Alleles = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DemoFiles:
    fasta: Path
    gff: Path
    vcf: Path


def make_demo(folder: Path) -> DemoFiles:
    """Writes demo.fa, demo.gff3 and demo.vcf; the same bytes every time."""
    folder.mkdir(parents=True, exist_ok=True)
    genome = make_genome()
    files = DemoFiles(folder / "demo.fa", folder / "demo.gff3", folder / "demo.vcf")
    files.fasta.write_text(fasta(genome))
    files.gff.write_text(gff3(genome))
    files.vcf.write_text(_vcf(genome))
    return files


def _vcf(genome: Genome) -> str:
    rng = random.Random(SEED + 1)  # noqa: S311 (repeatable on purpose)
    found: dict[tuple[str, int], Alleles] = {}
    for gene in genome.genes:
        _plant(rng, genome.sequences[gene.contig], gene, found)
    contigs = list(genome.sequences)
    while len(found) < VARIANTS:
        contig = rng.choice(contigs)
        sequence = genome.sequences[contig]
        place = rng.randrange(100, len(sequence) - 100)
        found.setdefault((contig, place), _any_alleles(rng, sequence, place))
    rows = [_row(rng, *key, *found[key]) for key in sorted(found)]
    declared = "".join(
        f"##contig=<ID={name},length={len(bases)}>\n" for name, bases in genome.sequences.items()
    )
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT ALICE BOB".replace(" ", "\t")
    return "\n".join([HEADER + declared + columns, *rows]) + "\n"


def _plant(
    rng: random.Random, sequence: str, gene: Gene, found: dict[tuple[str, int], Alleles]
) -> None:
    """What chance alone would hardly bring, in one gene."""

    def put(place: int, alleles: Alleles) -> None:
        found.setdefault((gene.contig, place), alleles)

    for _, end in gene.exons[:-1]:
        if rng.random() < 0.3:
            put(end + 1, _substitution(rng, sequence, end + 1))
    put(gene.exons[0][0] + 10, _substitution(rng, sequence, gene.exons[0][0] + 10))
    put(gene.exons[-1][1] - 10, _substitution(rng, sequence, gene.exons[-1][1] - 10))
    spans = coding_spans(gene)
    if not spans:
        return
    places = [at for start, end in spans for at in range(start + 8, end - 8)]
    for place in rng.sample(places, 8):
        put(place, _substitution(rng, sequence, place))
    deleted = rng.choice(places)
    put(deleted, (sequence[deleted - 1 : deleted + 1], sequence[deleted - 1]))
    deleted = rng.choice(places)
    put(deleted, (sequence[deleted - 1 : deleted + 3], sequence[deleted - 1]))
    inserted = rng.choice(places)
    base = sequence[inserted - 1]
    put(inserted, (base, base + rng.choice(("A", "GCT", "TT"))))
    _plant_stop(sequence, gene, put)


def _plant_stop(sequence: str, gene: Gene, put: Callable[[int, Alleles], None]) -> None:
    """The first codon that one substitution turns into a stop."""
    places = [at for start, end in coding_spans(gene) for at in range(start, end + 1)]
    if gene.strand == "-":
        places.reverse()
    for at in range(30, len(places) - 6, 3):
        codon = "".join(_read(sequence, place, gene.strand) for place in places[at : at + 3])
        for offset in range(3):
            for base in "ACGT":
                if codon[:offset] + base + codon[offset + 1 :] in STOPS:
                    place = places[at + offset]
                    alt = base if gene.strand == "+" else base.translate(COMPLEMENT)
                    put(place, (sequence[place - 1], alt))
                    return


def _read(sequence: str, place: int, strand: str) -> str:
    base = sequence[place - 1]
    return base if strand == "+" else base.translate(COMPLEMENT)


def _substitution(rng: random.Random, sequence: str, place: int) -> Alleles:
    ref = sequence[place - 1]
    return ref, rng.choice([base for base in "ACGT" if base != ref])


def _any_alleles(rng: random.Random, sequence: str, place: int) -> Alleles:
    ref = sequence[place - 1]
    kind = rng.random()
    if kind < 0.8:
        return _substitution(rng, sequence, place)
    if kind < 0.87:
        return ref, ",".join(base for base in "ACGT" if base != ref)[:3]
    if kind < 0.94:
        return sequence[place - 1 : place + rng.randrange(1, 6)], ref
    return ref, ref + "".join(rng.choices("ACGT", k=rng.randrange(1, 5)))


def _row(rng: random.Random, contig: str, place: int, ref: str, alt: str) -> str:
    quality = rng.randrange(12, 99)
    samples = []
    for _ in range(2):
        genotype = rng.choice(GENOTYPES)
        if "," in alt and rng.random() < 0.5:
            genotype = "1/2"
        samples.append(f"{genotype}:{rng.randrange(8, 60)}")
    told = [contig, str(place), ".", ref, alt, str(quality), "LowQual" if quality < 20 else "PASS"]
    return "\t".join([*told, f"DP={rng.randrange(20, 120)}", "GT:DP", *samples])
