"""Drafts of transcripts made into Transcripts, and a count of those that cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.genes.drafts import Draft, drafts_of
from gas.engines.bcftools.genes.feature import CDS, Feature
from gas.engines.bcftools.genes.identity import Identity, Telling
from gas.engines.bcftools.genes.parts import parts_of, strand_of
from gas.engines.bcftools.genes.rings import STANDARD, joined_at_origin, laps

BEYOND, BOTH_STRANDS, NO_EXONS, NO_STRAND, OUTSIDE = (
    "their CDS reaches beyond the contig",
    "their parts lie on both strands",
    "no line tells their exons",
    "no line tells their strand",
    "they lie outside the contig",
)


@dataclass(frozen=True, slots=True)
class ContigShape:
    bases: int
    circular: bool = False
    code: int = STANDARD
    """NCBI genetic code of what is coded on it, where the file does not say."""


@dataclass(frozen=True, slots=True)
class Models:
    """Transcripts by start, then id; and why how many others were left out."""

    transcripts: list[Transcript]
    left_out: Counter[str] = field(default_factory=Counter)


class Unusable(Exception):
    """Why a draft cannot be made into a transcript: no error, it is counted and left out."""


def models_of(features: Sequence[Feature], shape: ContigShape) -> Models:
    """The transcripts of one contig; its lines may come in any order.

    On a ring, what crosses the origin is there twice, once beyond the end and once from below 1,
    so that its numbering is right wherever it is met.
    """
    models = Models([])
    telling = Telling()
    for draft in drafts_of(features):
        for single in _by_protein(draft):
            try:
                models.transcripts.extend(_made(single, shape, telling))
            except Unusable as why:
                models.left_out[str(why)] += 1
    models.transcripts.sort(key=lambda transcript: (transcript.start, transcript.id))
    return models


def _by_protein(draft: Draft) -> Iterator[Draft]:
    """One for each protein: an mRNA of a virus or of an operon may have several."""
    coding = [part for part in draft.parts if part.kind == CDS]
    if len({part.id for part in coding}) > 1:
        proteins = {part: part.attributes().get("protein_id", "") for part in coding}
        several = dict.fromkeys(proteins.values())
        if len(several) > 1:
            for protein in several:
                yield replace(
                    draft, parts=[p for p in draft.parts if proteins.get(p, protein) == protein]
                )
            return
    yield draft


def _made(draft: Draft, shape: ContigShape, telling: Telling) -> list[Transcript]:
    strand = _strand(draft)
    lines: Sequence[Feature] = draft.parts
    if shape.circular:
        lines = joined_at_origin(lines, shape.bases)
    identity = Identity(draft, telling)
    parts = parts_of(lines, strand)
    if identity.translated_nowhere:
        parts = replace(parts, cds=(), phase=0)
    if not parts.exons and draft.own is not None:
        parts = replace(parts, exons=((draft.own.start, draft.own.end),))
    if not parts.exons:
        raise Unusable(NO_EXONS)
    start, end = parts.exons[0][0], parts.exons[-1][1]
    whole = identity.transcript(parts, (start, end), strand, shape.code)
    if shape.circular and end - start < shape.bases:
        return laps(whole, shape.bases)
    if not any(last >= 1 and first <= shape.bases for first, last in parts.exons):
        raise Unusable(OUTSIDE)
    if whole.coding and not (whole.cds_start >= 1 and whole.cds_end <= shape.bases):
        raise Unusable(BEYOND)
    return [_clipped(whole, shape.bases)]


def _strand(draft: Draft) -> int:
    """Of its parts; of its own line where they do not tell."""
    own = [draft.own] if draft.own else []
    strand = strand_of(draft.parts) or strand_of([*draft.parts, *own])
    if strand is None:
        raise Unusable(BOTH_STRANDS)
    if strand == 0:
        raise Unusable(NO_STRAND)
    return strand


def _clipped(whole: Transcript, bases: int) -> Transcript:
    if whole.start >= 1 and whole.end <= bases:
        return whole
    exons = tuple(
        (max(start, 1), min(end, bases))
        for start, end in whole.exons
        if end >= 1 and start <= bases
    )
    return replace(whole, start=exons[0][0], end=exons[-1][1], exons=exons)
