"""Structural variants by overlap: `<DEL>`, `<DUP>`, `<INV>`, `<INS>`, `<CNV>`, `<CN0>`, breakends.

The sequence is not known, so terms tell what is covered, not what becomes of the protein, but
for deletions within one exon. Copies of a whole transcript amplify it; its loss ablates it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gas.engines.bcftools.consequence.fields import Prediction, escaped
from gas.engines.bcftools.consequence.layout import Layout
from gas.engines.bcftools.consequence.scene import Scene
from gas.engines.bcftools.consequence.small import (
    NMD,
    Outcome,
    beside,
    exon_numbers,
    intron_numbers,
    noncoding_term,
    utr_terms,
)
from gas.engines.bcftools.consequence.span import coding_span, shown
from gas.engines.bcftools.consequence.splice import IntronEffects, overlap
from gas.engines.bcftools.consequence.terms import joined
from gas.engines.bcftools.consequence.writing import Written, finished

BREAKEND = re.compile(r"[][]|^\.[A-Za-z]|[A-Za-z]\.$")
COPIES = re.compile(r"CN=?([0-9]+)\Z")
NORMAL_COPIES = 2
_NAMES = {
    "DEL": "deletion",
    "DUP": "duplication",
    "DUP:TANDEM": "tandem_duplication",
    "TDUP": "tandem_duplication",
    "INS": "insertion",
    "INV": "inversion",
    "CNV": "copy_number_variation",
}


@dataclass(frozen=True, slots=True)
class Event:
    """Positions from 1, ends included; an insertion ends one before it starts."""

    start: int
    end: int
    name: str
    """'deletion' and the like, or the breakend as the VCF has it."""
    loses: bool = False
    gains: bool = False
    """More copies of what is covered."""
    inserted: bool = False
    breakend: bool = False

    @property
    def bases(self) -> int:
        return self.end - self.start + 1


def event_of(position: int, ref: str, alt: str, *, end: int | None, svtype: str) -> Event | None:
    """None for an ALT that says nothing we know. `position` is that of the base before, as in VCF.

    Without an END it covers what REF does.
    """
    if BREAKEND.search(alt):
        return Event(position, position, alt, breakend=True)
    if not (alt.startswith("<") and alt.endswith(">")):
        return None
    kind = alt[1:-1].upper()
    copies = COPIES.match(kind)
    family = kind.partition(":")[0]
    told = svtype.upper()
    unknown = copies is None and family not in _NAMES
    if unknown or (family == "CNV" and told in ("DEL", "DUP")):
        kind = family = told
    last = end if end is not None and end >= position else position + len(ref) - 1
    if family == "INS":
        return Event(position + 1, position, "insertion", inserted=True)
    first = min(position + 1, max(last, 1))
    if copies is not None:
        count = int(copies[1])
        return Event(
            first,
            last,
            "copy_number_variation",
            loses=count < NORMAL_COPIES,
            gains=count > NORMAL_COPIES,
        )
    name = _NAMES.get(kind) or _NAMES.get(family)
    if name is None:
        return None
    return Event(first, last, name, loses=family == "DEL", gains="duplication" in name)


def structural(scene: Scene, event: Event, existing: str, flank_bases: int) -> Prediction:
    low, high = min(event.start, event.end), max(event.start, event.end)
    allele = escaped(event.name)
    written = []
    for transcript in scene.transcripts.near(low - flank_bases, high + flank_bases):
        site = scene.site(transcript)
        found = _outcome(site.layout, event, flank_bases)
        if found is not None:
            text = found.text(allele, site.sheet, existing, "")
            written.append(Written(site.sheet, text, found.terms))
    if not written:
        return scene.intergenic(allele, low, high, existing, "")
    return finished(written)


def _outcome(layout: Layout, event: Event, flank_bases: int) -> Outcome | None:
    transcript = layout.transcript
    start, end = event.start, event.end
    if not overlap(start, end, transcript.start, transcript.end):
        return beside(transcript, start, end, flank_bases)
    if start <= transcript.start and end >= transcript.end:
        return Outcome(joined(frozenset(_whole(layout, event))))
    terms = _terms(layout, event)
    found = Outcome(joined(frozenset(terms)))
    found.exon = exon_numbers(layout, start, end)
    found.intron = intron_numbers(layout, start, end)
    if layout.exons_in(min(start, end), max(start, end)):
        span = coding_span(layout, event)
        found.cdna = shown(span.cdna_start, span.cdna_end)
        found.cds = shown(span.cds_start, span.cds_end)
        found.protein = shown(span.protein_start, span.protein_end)
    return found


def _whole(layout: Layout, event: Event) -> set[str]:
    """Of an event that covers the transcript from end to end."""
    if event.loses:
        return {"transcript_ablation"}
    if event.gains:
        return {"transcript_amplification"}
    return _terms(layout, event) | ({"coding_transcript_variant"} if layout.coding else set())


def _terms(layout: Layout, event: Event) -> set[str]:
    transcript = layout.transcript
    start, end = event.start, event.end
    low, high = min(start, end), max(start, end)
    in_exon = bool(layout.exons_in(low, high))
    inside = transcript.start <= start and end <= transcript.end
    terms = set()
    covers = start <= transcript.start and end >= transcript.end
    if event.breakend or (event.loses and in_exon and not covers):
        terms.add("feature_truncation")
    if (event.gains or event.inserted) and in_exon and inside:
        terms.add("feature_elongation")
    for intron in layout.introns_near(low, high, 0):
        if overlap(start, end, intron.start + 2, intron.end - 2):
            terms.add("intron_variant")
    if transcript.biotype == NMD:
        terms.add("NMD_transcript_variant")
    if not layout.coding:
        terms.add(noncoding_term(layout, start, end))
    elif in_exon:
        terms |= utr_terms(layout, start, end, IntronEffects())
        terms |= _coding(layout, event)
    return terms or {"coding_sequence_variant" if in_exon else "intron_variant"}


def _coding(layout: Layout, event: Event) -> set[str]:
    """Of an event that touches an exon; only a deletion within one exon tells of the frame."""
    start, end = event.start, event.end
    parts = [part for part in layout.transcript.cds if overlap(start, end, part[0], part[1])]
    if not parts:
        return set()
    terms = set()
    exact = event.loses and event.name == "deletion"
    within_exon = exact and any(a <= start and end <= b for a, b in layout.exons)
    within_cds = exact and any(a <= start and end <= b for a, b in parts)
    if within_exon and event.bases % 3:
        terms.add("frameshift_variant")
    elif within_cds and event.bases % 3 == 0:
        terms.add("inframe_deletion")
    else:
        terms.add("coding_sequence_variant")
    if exact:
        terms |= _ends(layout, start, end)
    return terms


def _ends(layout: Layout, start: int, end: int) -> set[str]:
    """Start and stop codon, by the three bases at each end of the CDS."""
    low = overlap(start, end, layout.coding_start, layout.coding_start + 2)
    high = overlap(start, end, layout.coding_end - 2, layout.coding_end)
    first, last = (low, high) if layout.strand > 0 else (high, low)
    both_in_exons = layout.exon_at(start) >= 0 and layout.exon_at(end) >= 0
    known_start = "cds_start_NF" not in layout.transcript.tags
    terms = set()
    if last:
        terms.add("stop_lost")
    if first and both_in_exons and known_start:
        terms.add("start_lost")
    return terms
