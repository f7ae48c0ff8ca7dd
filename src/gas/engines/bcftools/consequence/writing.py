"""Entries written from zones, and put together to what is said of one ALT."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gas.engines.bcftools.consequence import hgvs
from gas.engines.bcftools.consequence.codon_texts import CodonTexts
from gas.engines.bcftools.consequence.fields import Prediction
from gas.engines.bcftools.consequence.sheet import Sheet, tails, verdict_on
from gas.engines.bcftools.consequence.small import Outcome
from gas.engines.bcftools.consequence.variant import Variant
from gas.engines.bcftools.consequence.zones import EXON, FLANK, Zone

COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}
FAR = 1 << 40

Told = dict[int, hgvs.Described | None]
"""What happened in terms of HGVS, by strand; for a variant far from the ends of a transcript."""


class Written(NamedTuple):
    """An entry but for its tail."""

    sheet: Sheet
    text: str
    terms: str


Row = tuple[int, str, int, int, int, int, str, str]
"""Of a zone: kind, head, step, base, base in the cDNA, strand, middle and tail."""


def row_of(zone: Zone, tail: str) -> Row:
    cdna_base = zone.cdna_base if zone.kind == EXON else 0
    strand, middle = zone.layout.strand, zone.sheet.middle
    return zone.kind, zone.head, zone.step, zone.base, cdna_base, strand, middle, tail


def plain_texts(
    rows: Sequence[Row], position: int, ref: str, alt: str, existing: str, genomic: str
) -> list[str]:
    """Entries of zones whose terms are fixed."""
    forward = f"{ref}>{alt}"
    reverse = f"{COMPLEMENT[ref]}>{COMPLEMENT[alt]}"
    after_hgvs = f"|||||||{existing}|"
    texts = []
    for kind, head, step, base, cdna_base, strand, middle, tail in rows:
        number = step * (position - base)
        if kind == FLANK:
            texts.append(f"{alt}{head}{existing}|{number}{middle}{genomic}{tail}")
            continue
        change = forward if strand > 0 else reverse
        if kind == EXON:
            cdna = step * (position - cdna_base)
            after = f"||{cdna}|||||{existing}|"
        else:
            after = after_hgvs
        texts.append(f"{alt}{head}{number}{change}{after}{middle}{genomic}{tail}")
    return texts


def finished(written: Sequence[Written]) -> Prediction:
    sheets, terms = [one.sheet for one in written], [one.terms for one in written]
    chosen = tails(sheets, terms)
    texts = [one.text + one.sheet.tails[tail] for one, tail in zip(written, chosen, strict=True)]
    return Prediction(tuple(texts), verdict_on(sheets, terms, chosen))


def deep_outcome(zone: Zone, variant: Variant, told: Told) -> Outcome | None:
    """Of a variant inside of an intron, out of reach of its ends, if it stays there for HGVS."""
    strand = zone.layout.strand
    if strand not in told:
        told[strand] = hgvs.described(variant, strand, 1, FAR)
    found = told[strand]
    said = ""
    if found is not None:
        low, high = min(found.first, found.last), max(found.first, found.last)
        if low < zone.first or high > zone.last:
            return None
        first, last = zone.step * (found.first - zone.base), zone.step * (found.last - zone.base)
        said = zone.sheet.coding_prefix + found.text(
            f"{zone.number}{first}", f"{zone.number}{last}"
        )
    return Outcome(zone.terms, intron=zone.intron, hgvsc=said)


def deep_texts(
    zones: Sequence[Zone],
    rows: Sequence[Row],
    variant: Variant,
    existing: str,
    genomic: str,
    told: Told,
) -> list[str]:
    """Entries of a variant well inside of zones that are flanks or deep; empty if it does not
    stay there for HGVS."""
    allele = variant.allele
    low, high = min(variant.start, variant.end), max(variant.start, variant.end)
    texts = []
    for zone, (kind, head, step, base, _, _, middle, tail) in zip(zones, rows, strict=True):
        if kind == FLANK:
            distance = low - base if step > 0 else base - high
            texts.append(f"{allele}{head}{existing}|{distance}{middle}{genomic}{tail}")
            continue
        found = deep_outcome(zone, variant, told)
        if found is None:
            return []
        texts.append(found.text(allele, zone.sheet, existing, genomic) + tail)
    return texts


def codon_entry(
    zone: Zone, texts: CodonTexts, position: int, ref: str, alt: str, existing: str, genomic: str
) -> Written | None:
    """None if the codon alone does not tell."""
    layout, sheet = zone.layout, zone.sheet
    cds = zone.step * (position - zone.base)
    codon, at = divmod(cds - 1, 3)
    change = f"{ref}>{alt}"
    if layout.strand < 0:
        ref, alt_there = COMPLEMENT[ref], COMPLEMENT[alt]
        change = f"{ref}>{alt_there}"
    else:
        alt_there = alt
    told = texts[layout.translatable[codon * 3 : codon * 3 + 3], at, alt_there]
    if not told.term:
        return None
    head, _, terms = zone.coding_head(told.term)
    cdna = zone.step * (position - zone.cdna_base)
    number = codon + 1
    text = (
        f"{alt}{head}{cds}{change}|{sheet.protein_prefix}{told.before}{number}{told.after}"
        f"|{cdna}|{cds}|{number}|{told.amino_acids}|{told.codons}|{existing}|"
        f"{sheet.middle}{genomic}"
    )
    return Written(sheet, text, terms)
