"""What a change of sequence does to the protein of one transcript: the coding terms.

The rules are Ensembl's (release 115), with one exception that is told where it is made.
"""

from __future__ import annotations

from functools import cached_property

from gas.engines.bcftools.consequence.codon_change import CodonChange
from gas.engines.bcftools.consequence.codons import STANDARD, STOP, UNKNOWN


class CodingChange(CodonChange):
    """One variant against one coding transcript, and which terms hold of it."""

    def terms(self, *, in_short_intron: bool = False) -> set[str]:
        """Of a variant that touches the CDS; in a short intron it counts as inside of it."""
        grows = self.variant.growth
        found = {
            "stop_gained": self.stop_gained,
            "frameshift_variant": bool(grows) and self.frameshift,
            "stop_lost": self.stop_lost,
            "start_lost": self.start_lost,
            "inframe_insertion": grows > 0 and not self.start_lost and self.inframe_insertion,
            "inframe_deletion": grows < 0 and self.inframe_deletion,
            "missense_variant": not grows and self._missense(),
            "protein_altering_variant": self.protein_altering,
            "incomplete_terminal_codon_variant": self.partial_codon,
            "start_retained_variant": self.start_retained,
            "stop_retained_variant": self.stop_retained,
            "synonymous_variant": self._synonymous(),
            "coding_sequence_variant": self._unknown(in_short_intron),
        }
        return {term for term, holds in found.items() if holds}

    @cached_property
    def partial_codon(self) -> bool:
        """It begins in a last codon that is incomplete."""
        first = self.span.protein_start
        return first is not None and 0 < len(self.layout.translatable) - (first * 3 - 3) < 3

    @cached_property
    def frameshift(self) -> bool:
        return not self.partial_codon and not self.stop_retained and self.length_shifts

    @property
    def length_shifts(self) -> bool:
        span = self.span
        if span.cds_start is None or span.cds_end is None:
            return False
        return (len(self.alt) - (span.cds_end - span.cds_start + 1)) % 3 != 0

    @cached_property
    def stop_gained(self) -> bool:
        if self.stop_retained or self.peptides is None:
            return False
        before, after = self.peptides
        return STOP in after and STOP not in before

    @cached_property
    def stop_lost(self) -> bool:
        if self.peptides is None:
            return self.stop_altered()
        before, after = self.peptides
        return STOP in before and STOP not in after

    @cached_property
    def stop_retained(self) -> bool:
        if self.partial_codon or self.stop_lost:
            return False
        if self.peptides is not None and self.peptides[1]:
            return self._same_end(*self.peptides)
        return bool(self.variant.growth) and self.over_stop() and not self.stop_altered()

    def _same_end(self, before: str, after: str) -> bool:
        """The protein ends where it did.

        Ensembl 115 also says so if ALT keeps the first residue and has a stop anywhere, which
        hides truncations; release 116 dropped that clause, and so do we.
        """
        first, last = self.span.protein_start, self.span.protein_end
        if first is None or last is None or before == after == UNKNOWN:
            return False
        protein = self.layout.peptide
        if first > len(protein) and after.startswith(STOP):
            return True
        changed = protein[: first - 1] + after + protein[max(last, first - 1) :]
        if changed.startswith(protein) and 0 < len(changed) - len(protein) < 3:
            return True
        return STOP in before and before.find(STOP) == after.find(STOP)

    @cached_property
    def inframe_insertion(self) -> bool:
        """Without regard to the start codon: see `terms`."""
        if self.frameshift or self.ref_codons is None or self.alt_codons is None:
            return False
        if len(self.alt_codons) <= len(self.ref_codons) or self.peptides is None:
            return False
        before, after = self.peptides
        if self.start_retained and after.endswith(before):
            return False
        stop = after.find(STOP)
        after = after[: stop + 1] if stop >= 0 else after
        return after.startswith(before) or after.endswith(before)

    @cached_property
    def inframe_deletion(self) -> bool:
        if self.partial_codon or self.frameshift:
            return False
        before, after = self.ref_codons, self.alt_codons
        if before is None or after is None or len(after) >= len(before):
            return False
        if before.startswith(after) or before.endswith(after):
            return True
        before, after = _trimmed(before, after)
        return not after and len(before) % 3 == 0

    @cached_property
    def protein_altering(self) -> bool:
        if self.peptides is None:
            return False
        before, after = self.peptides
        if len(before) == len(after) or before[:1] == STOP or after[:1] == STOP:
            return False
        if after.startswith(before) or after.endswith(before):
            return False
        return not (self.inframe_deletion or self.start_lost or self.frameshift)

    def _missense(self) -> bool:
        if self.peptides is None or self.start_lost or self.stop_lost or self.stop_gained:
            return False
        before, after = self.peptides
        if self.partial_codon or self.stop_retained:
            return False
        return before != after and len(before) == len(after)

    def _synonymous(self) -> bool:
        if not self.peptides or not self.peptides[0] or self.peptides[0] != self.peptides[1]:
            return False
        known = UNKNOWN not in self.peptides[0]
        return known and not self.stop_retained and not self.start_retained

    def _unknown(self, in_short_intron: bool) -> bool:
        if not (self.span.in_cds or in_short_intron):
            return False
        if self.peptides is not None and not any(UNKNOWN in one for one in self.peptides):
            return False
        told = self.frameshift or self.inframe_deletion or self.protein_altering
        ends = self.start_retained or self.start_lost or self.stop_retained or self.stop_lost
        return not (told or ends)

    @cached_property
    def start_lost(self) -> bool:
        if not self.over_start() or (self.table != STANDARD and self.start_retained):
            return False
        if self.start_altered() and not (self._inframe_insertion_there() or self.inframe_deletion):
            return True
        if self.start_replaced():
            return True
        if self.peptides is None:
            return False
        before, after = self.peptides
        if not before or after in ("", UNKNOWN) or self.span.protein_start != 1:
            return False
        return not (after.endswith(before) or after.startswith(before))

    def _inframe_insertion_there(self) -> bool:
        return self.variant.growth != 0 and self.inframe_insertion

    @cached_property
    def start_retained(self) -> bool:
        if not self.over_start():
            return False
        if self.variant.growth:
            return not self.start_altered()
        return self.edited_start() in self.starts


def _trimmed(one: str, two: str) -> tuple[str, str]:
    """Without what they share at the start, then at the end."""
    while one and two and one[0] == two[0]:
        one, two = one[1:], two[1:]
    while one and two and one[-1] == two[-1]:
        one, two = one[:-1], two[:-1]
    return one, two
