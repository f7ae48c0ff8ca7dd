"""What a variant with known alleles does to one transcript: the general way.

zones.py is the short cut for single bases; both give the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from gas.engines.bcftools.consequence import hgvs
from gas.engines.bcftools.consequence.coding import CodingChange
from gas.engines.bcftools.consequence.layout import Layout
from gas.engines.bcftools.consequence.protein import protein
from gas.engines.bcftools.consequence.sheet import Sheet
from gas.engines.bcftools.consequence.span import coding_span, shown
from gas.engines.bcftools.consequence.splice import IntronEffects, intron_effects, overlap
from gas.engines.bcftools.consequence.terms import impact, joined
from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.consequence.variant import Variant

NMD = "nonsense_mediated_decay"


@dataclass(slots=True)
class Outcome:
    """The fields that depend on the variant; empty where they do not apply."""

    terms: str
    """In order of rank, joined by '&'."""
    exon: str = ""
    intron: str = ""
    hgvsc: str = ""
    hgvsp: str = ""
    cdna: str = ""
    cds: str = ""
    protein: str = ""
    amino_acids: str = ""
    codons: str = ""
    distance: str = ""

    def text(self, allele: str, sheet: Sheet, existing: str, genomic: str) -> str:
        """A CSQ entry but for the tail of its sheet."""
        return (
            f"{allele}|{self.terms}|{impact(self.terms)}{sheet.name}{self.exon}|{self.intron}"
            f"|{self.hgvsc}|{self.hgvsp}|{self.cdna}|{self.cds}|{self.protein}"
            f"|{self.amino_acids}|{self.codons}|{existing}|{self.distance}{sheet.middle}{genomic}"
        )


def beside(transcript: Transcript, start: int, end: int, flank_bases: int) -> Outcome | None:
    """Of a variant outside of the transcript; None if it is too far away."""
    if end < transcript.start:
        near = end >= transcript.start - flank_bases
        upstream = transcript.strand > 0
    else:
        near = start <= transcript.end + flank_bases
        upstream = transcript.strand < 0
    if not near:
        return None
    ends = (transcript.start, transcript.end)
    distance = min(abs(mine - its) for mine in (start, end) for its in ends)
    side = "upstream" if upstream else "downstream"
    return Outcome(f"{side}_gene_variant", distance=str(distance))


def outcome(layout: Layout, sheet: Sheet, variant: Variant, flank_bases: int) -> Outcome | None:
    """None if the transcript is out of reach."""
    transcript = layout.transcript
    start, end = variant.start, variant.end
    if not overlap(start, end, transcript.start, transcript.end):
        return beside(transcript, start, end, flank_bases)
    low, high = variant.low, variant.high
    in_exon = bool(layout.exons_in(low, high, layout.stretch))
    effects = intron_effects(layout, low, high, variant.differing())
    terms = effects.terms(layout.strand, in_exon=in_exon)
    if effects.intronic:
        terms.add("intron_variant")
    if transcript.biotype == NMD:
        terms.add("NMD_transcript_variant")
    found = Outcome("", exon=exon_numbers(layout, start, end))
    found.intron = intron_numbers(layout, start, end)
    found.hgvsc = hgvs.coding(layout, variant, sheet.coding_prefix)
    if in_exon:
        span = coding_span(layout, variant)
        found.cdna = shown(span.cdna_start, span.cdna_end)
    if not layout.coding:
        terms.add(noncoding_term(layout, start, end))
    elif in_exon:
        terms |= utr_terms(layout, start, end, effects)
        if overlap(low, high, layout.coding_start, layout.coding_end):
            terms |= _translated(layout, sheet, variant, effects, found)
    covers = start <= transcript.start and end >= transcript.end
    if covers and variant.growth < 0:
        terms = {"transcript_ablation"}
    found.terms = joined(frozenset(terms or {_whole(layout)}))
    return found


def splice_and_place(layout: Layout, position: int) -> set[str]:
    """All terms of a single base within the transcript that do not depend on its codon."""
    in_exon = bool(layout.exons_in(position, position, layout.stretch))
    effects = intron_effects(layout, position, position, [(position, position)])
    terms = effects.terms(layout.strand, in_exon=in_exon)
    if effects.intronic:
        terms.add("intron_variant")
    if layout.transcript.biotype == NMD:
        terms.add("NMD_transcript_variant")
    if not layout.coding:
        terms.add(noncoding_term(layout, position, position))
    elif in_exon:
        terms |= utr_terms(layout, position, position, effects)
    return terms


def exon_numbers(layout: Layout, start: int, end: int) -> str:
    """'3/7', '2-3/7', or ''."""
    if end < start:  # between two bases of the same exon
        at = layout.exon_at(start)
        touched = [at] if at >= 0 and at == layout.exon_at(end) else []
    else:
        touched = list(layout.exons_in(start, end))
    return _numbers([layout.exon_rank(at) for at in touched], len(layout.exons))


def intron_numbers(layout: Layout, start: int, end: int) -> str:
    touched = [
        intron.rank
        for intron in layout.introns_near(min(start, end), max(start, end), 0)
        if overlap(start, end, intron.start, intron.end)
    ]
    return _numbers(touched, len(layout.exons) - 1)


def _numbers(ranks: list[int], total: int) -> str:
    if not ranks:
        return ""
    low, high = min(ranks), max(ranks)
    return f"{low}/{total}" if low == high else f"{low}-{high}/{total}"


def noncoding_term(layout: Layout, start: int, end: int) -> str:
    if exon_numbers(layout, start, end):
        return "non_coding_transcript_exon_variant"
    return "non_coding_transcript_variant"


def _whole(layout: Layout) -> str:
    """Where nothing else holds, as in an intron too short to be one."""
    return "coding_transcript_variant" if layout.coding else "non_coding_transcript_variant"


def utr_terms(layout: Layout, start: int, end: int, effects: IntronEffects) -> set[str]:
    low, high = min(start, end), max(start, end)
    if not (layout.exons_in(low, high) or effects.in_short_intron):
        return set()
    transcript = layout.transcript
    first, last = layout.coding_start, layout.coding_end
    before = overlap(start, end, transcript.start, first - 1)
    after = overlap(start, end, last + 1, transcript.end)
    if end < start:
        before = before or start == first
        after = after or end == last
    forward = layout.strand > 0
    found = set()
    if before if forward else after:
        found.add("5_prime_UTR_variant")
    if after if forward else before:
        found.add("3_prime_UTR_variant")
    return found


def _translated(
    layout: Layout, sheet: Sheet, variant: Variant, effects: IntronEffects, found: Outcome
) -> set[str]:
    """Coding terms; fills in the fields about CDS and protein."""
    change = CodingChange(layout, variant)
    span = change.span
    short = effects.in_short_intron and overlap(
        variant.start, variant.end, layout.coding_start, layout.coding_end
    )
    found.cds = shown(span.cds_start, span.cds_end)
    found.protein = shown(span.protein_start, span.protein_end)
    found.amino_acids = _peptides(change)
    found.codons = _codons(change)
    said = protein(change) if variant.plain else ""
    found.hgvsp = sheet.protein_prefix + said.replace("=", "%3D") if said else ""
    return change.terms(in_short_intron=short)


def _peptides(change: CodingChange) -> str:
    if change.ref_peptide is None or change.alt_peptide is None:
        return ""
    before, after = change.ref_peptide or "-", change.alt_peptide or "-"
    return before if before == after else f"{before}/{after}"


def _codons(change: CodingChange) -> str:
    """The bases that are changed in upper case."""
    before, after = change.ref_codons, change.alt_codons
    if before is None or after is None:
        return ""
    at = ((change.span.cds_start or 1) - 1) % 3
    return f"{_cased(before, at, len(change.ref))}/{_cased(after, at, len(change.alt))}"


def _cased(codons: str, at: int, size: int) -> str:
    low = codons.lower()
    return f"{low[:at]}{codons[at : at + size]}{low[at + size :]}" or "-"
