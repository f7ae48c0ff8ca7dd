"""A genome made up by code: genes with real reading frames on invented bases."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

SEED = 20_170_424
LENGTHS = {"demo1": 160_000, "demo2": 110_000}
STOPS = ("TAA", "TAG", "TGA")
CODONS = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT" if a + b + c not in STOPS]
COMPLEMENT = str.maketrans("ACGT", "TGCA")
UTR_BASES = (60, 90)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Gene:
    """Spans count from 1, ends included, in ascending order."""

    name: str
    contig: str
    strand: Literal["+", "-"]
    exons: tuple[Span, ...]
    coding: Span | None
    """From the first base of the start codon to the last of the stop codon, along the genome."""


@dataclass(frozen=True, slots=True)
class Genome:
    sequences: dict[str, str]
    genes: tuple[Gene, ...]


def make_genome() -> Genome:
    """The same every time."""
    rng = random.Random(SEED)  # noqa: S311 (repeatable on purpose)
    sequences: dict[str, str] = {}
    genes: list[Gene] = []
    for contig, bases in LENGTHS.items():
        sequence = rng.choices("ACGT", weights=(29, 21, 21, 29), k=bases)
        place = 2500
        while place < bases - 9000:
            gene = _gene(rng, f"DEMO{len(genes) + 1}", contig, place)
            _write(rng, sequence, gene)
            genes.append(gene)
            place = gene.exons[-1][1] + rng.randrange(1200, 4200)
        sequences[contig] = "".join(sequence)
    return Genome(sequences, tuple(genes))


def gff3(genome: Genome) -> str:
    rows = ["##gff-version 3"]
    for contig, sequence in genome.sequences.items():
        rows.append(_row(contig, "region", (1, len(sequence)), ".", f"ID=region:{contig}"))
    for gene in genome.genes:
        kind = "protein_coding" if gene.coding else "lincRNA"
        whole = (gene.exons[0][0], gene.exons[-1][1])
        about = f"ID=gene:{gene.name};Name={gene.name};biotype={kind}"
        rows.append(_row(gene.contig, "gene", whole, gene.strand, about))
        transcript = f"{gene.name}-1"
        about = f"ID=transcript:{transcript};Parent=gene:{gene.name};biotype={kind}"
        rows.append(_row(gene.contig, "transcript", whole, gene.strand, about))
        parent = f"Parent=transcript:{transcript}"
        rows += [_row(gene.contig, "exon", exon, gene.strand, parent) for exon in gene.exons]
        rows += _part_rows(gene, parent)
    return "\n".join(rows) + "\n"


def fasta(genome: Genome) -> str:
    rows = []
    for contig, sequence in genome.sequences.items():
        rows.append(f">{contig} synthetic, made by GAS")
        rows += [sequence[at : at + 60] for at in range(0, len(sequence), 60)]
    return "\n".join(rows) + "\n"


def coding_spans(gene: Gene) -> list[Span]:
    """The coding parts of its exons, in ascending order."""
    if gene.coding is None:
        return []
    first, last = gene.coding
    spans = [(max(start, first), min(end, last)) for start, end in gene.exons]
    return [span for span in spans if span[0] <= span[1]]


def _gene(rng: random.Random, name: str, contig: str, place: int) -> Gene:
    exons = []
    for _ in range(rng.randrange(3, 7)):
        length = rng.randrange(150, 400)
        exons.append((place, place + length - 1))
        place += length + rng.randrange(200, 900)
    strand: Literal["+", "-"] = "+" if rng.random() < 0.5 else "-"
    if rng.random() < 0.2:
        return Gene(name, contig, strand, tuple(exons), None)
    first = exons[0][0] + rng.randrange(*UTR_BASES)
    last = exons[-1][1] - rng.randrange(*UTR_BASES)
    inner = sum(min(end, last) - max(start, first) + 1 for start, end in exons)
    return Gene(name, contig, strand, tuple(exons), (first, last - inner % 3))


def _write(rng: random.Random, sequence: list[str], gene: Gene) -> None:
    """The reading frame and the ends of introns, into the sequence."""
    donor, acceptor = ("GT", "AG") if gene.strand == "+" else ("CT", "AC")
    for (_, end), (start, _) in zip(gene.exons, gene.exons[1:], strict=False):
        sequence[end : end + 2] = donor
        sequence[start - 3 : start - 1] = acceptor
    places = [at - 1 for start, end in coding_spans(gene) for at in range(start, end + 1)]
    if not places:
        return
    codons = ["ATG", *rng.choices(CODONS, k=len(places) // 3 - 2), rng.choice(STOPS)]
    frame = "".join(codons)
    if gene.strand == "-":
        frame = frame.translate(COMPLEMENT)[::-1]
    for at, base in zip(places, frame, strict=True):
        sequence[at] = base


def _part_rows(gene: Gene, parent: str) -> list[str]:
    if gene.coding is None:
        return []
    first, last = gene.coding
    names = ("five_prime_UTR", "three_prime_UTR")
    before, after = names if gene.strand == "+" else names[::-1]
    rows = []
    for start, end in gene.exons:
        if start < first:
            rows.append(
                _row(gene.contig, before, (start, min(end, first - 1)), gene.strand, parent)
            )
        if end > last:
            rows.append(_row(gene.contig, after, (max(start, last + 1), end), gene.strand, parent))
    spans = coding_spans(gene)
    read = 0
    for span in spans if gene.strand == "+" else spans[::-1]:
        phase = str(-read % 3)
        rows.append(_row(gene.contig, "CDS", span, gene.strand, parent, phase))
        read += span[1] - span[0] + 1
    return rows


def _row(contig: str, kind: str, span: Span, strand: str, about: str, phase: str = ".") -> str:
    return f"{contig}\tdemo\t{kind}\t{span[0]}\t{span[1]}\t.\t{strand}\t{phase}\t{about}"
