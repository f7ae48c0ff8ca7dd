"""The codons that a variant touches, before and after, and both ends of the CDS.

A peptide may end in X (an incomplete codon) and goes past the end of the CDS into the 3' UTR
where bases were gained. None stands for 'not known': an end of the variant lies outside of the
CDS, or ALT is ambiguous; '' for 'no codon at all'.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from gas.engines.bcftools.consequence.codons import (
    STOP,
    UNKNOWN,
    reverse_complement,
    start_codons,
    translated,
    until_stop,
)
from gas.engines.bcftools.consequence.layout import Layout
from gas.engines.bcftools.consequence.span import CodingSpan, coding_span
from gas.engines.bcftools.consequence.splice import overlap
from gas.engines.bcftools.consequence.variant import Variant


class CodonChange:
    """One variant against one coding transcript."""

    def __init__(self, layout: Layout, variant: Variant, span: CodingSpan | None = None) -> None:
        self.layout = layout
        self.variant = variant
        self.span = span or coding_span(layout, variant)
        self.table = layout.transcript.codon_table
        forward = layout.strand > 0
        self.ref = variant.ref if forward else reverse_complement(variant.ref)
        self.alt = variant.alt if forward else reverse_complement(variant.alt)
        if variant.snv and layout.transcript.slips:
            self._read_twice(layout.readings(variant.start))

    def _read_twice(self, readings: list[int]) -> None:
        """A base that is read twice in a row changes two bases of the CDS."""
        if len(readings) == 2 and readings[1] == readings[0] + 1:
            self.span = replace(self.span, cds_start=readings[0], cds_end=readings[1])
            self.ref, self.alt = self.ref * 2, self.alt * 2

    @cached_property
    def ref_codons(self) -> str | None:
        first, last = self.span.protein_start, self.span.protein_end
        if not first or not last:
            return None
        return self.layout.translatable[first * 3 - 3 : max(last * 3, first * 3 - 3)]

    @cached_property
    def alt_codons(self) -> str | None:
        span, before = self.span, self.ref_codons
        if before is None or span.cds_start is None or span.cds_end is None:
            return None
        cds = self.layout.translatable
        window = (span.protein_start or 0) * 3 - 3
        replaced = span.cds_end - span.cds_start + 1
        size = (span.protein_end or 0) * 3 - window + len(self.alt) - replaced
        head = cds[window : span.cds_start - 1] + self.alt
        if len(head) >= size:
            return head[: max(size, 0)]
        missing = size - len(head)
        tail = cds[span.cds_end : span.cds_end + missing]
        if len(tail) < missing:
            tail += self.layout.utr3[: missing - len(tail)]
        return head + tail

    @cached_property
    def ref_peptide(self) -> str | None:
        codons = self.ref_codons
        return None if codons is None else self._with_selenocysteines(self._peptide(codons))

    @cached_property
    def alt_peptide(self) -> str | None:
        codons = self.alt_codons
        if codons is None or not self.variant.plain:
            return None
        peptide = self._peptide(codons)
        if self.layout.selenocysteines and len(codons) == len(self.ref_codons or ""):
            return self._with_selenocysteines(peptide, codons)
        return peptide

    def _peptide(self, codons: str) -> str:
        peptide = translated(codons, self.table)
        return peptide + UNKNOWN if len(codons) % 3 and peptide != STOP else peptide

    def _with_selenocysteines(self, peptide: str, codons: str = "") -> str:
        first = self.span.protein_start or 0
        letters = list(peptide)
        for at in self.layout.selenocysteines:
            index = at - first
            unchanged = not codons or codons[index * 3 : index * 3 + 3] == "TGA"
            if 0 <= index < len(letters) and unchanged:
                letters[index] = "U"
        return "".join(letters)

    @cached_property
    def peptides(self) -> tuple[str, str] | None:
        before, after = self.ref_peptide, self.alt_peptide
        return None if before is None or after is None else (before, after)

    @cached_property
    def changed_protein(self) -> str | None:
        """The protein with the change in it, up to the first stop behind its start and with it.

        It goes on into the 3' UTR. What lies before the change is taken from the known protein.
        """
        span, layout = self.span, self.layout
        first = span.protein_start
        if span.cds_start is None or span.cds_end is None or not first:
            return None
        cds = layout.translatable
        bases = cds[first * 3 - 3 : span.cds_start - 1] + self.alt + cds[span.cds_end :]
        growth = len(self.alt) - (span.cds_end - span.cds_start + 1)
        kept = (
            set() if growth % 3 else {at for at in layout.selenocysteines if at * 3 > span.cds_end}
        )
        read_through = {at + growth // 3 - first for at in kept}
        tail = until_stop(bases + layout.utr3, self.table, read_through)
        return layout.peptide[: first - 1].ljust(first - 1, UNKNOWN) + tail

    @property
    def starts(self) -> frozenset[str]:
        return start_codons(self.table)

    def over_start(self) -> bool:
        first = self.layout.cdna_coding_start
        return "cds_start_NF" not in self.layout.transcript.tags and self._over(first, first + 2)

    def over_stop(self) -> bool:
        last = self.layout.cdna_coding_end
        return "cds_end_NF" not in self.layout.transcript.tags and self._over(last - 2, last)

    def _over(self, first: int, last: int) -> bool:
        start, end = self.span.cdna_start, self.span.cdna_end
        return bool(start and end) and overlap(start or 0, end or 0, first, last)

    def _edited(self) -> str:
        """5' UTR and CDS with the change in it."""
        whole = self.layout.utr5 + self.layout.translatable
        start, end = self.span.cdna_start or 1, self.span.cdna_end or 0
        return whole[: start - 1] + self.alt + whole[max(end, start - 1) :]

    def edited_start(self) -> str:
        edited = self._edited()
        return edited[len(edited) - len(self.layout.translatable) :][:3]

    def start_altered(self) -> bool:
        """By a change of length: the CDS is no longer what the new sequence ends in."""
        if not (self.variant.plain and self.variant.growth):
            return False
        edited, utr = self._edited(), self.layout.utr5
        if utr and edited.startswith(utr) and edited[len(utr) :][:3] in self.starts:
            return False
        return not edited.endswith(self.layout.translatable)

    def start_replaced(self) -> bool:
        """Something else stands where the start codon was, counted from the 5' end."""
        utr = self.layout.utr5
        if not (self.variant.plain and utr):
            return False
        return self._edited()[len(utr) :][:3] not in self.starts

    def stop_altered(self) -> bool:
        """By a change of length: what stands at the end of the CDS now is no stop."""
        if not (self.variant.plain and self.variant.growth and self.over_stop()):
            return False
        cds, at = self.layout.translatable, self.span.cds_start
        if not at:
            return False
        size = (self.span.cdna_end or 0) - (self.span.cdna_start or 0) + 1
        whole = cds + self.layout.utr3
        edited = whole[: at - 1] + self.alt + whole[at - 1 + max(size, 0) :]
        if len(edited) < len(cds):
            return True
        return translated(edited[len(cds) - 3 : len(cds)], self.table) != STOP
