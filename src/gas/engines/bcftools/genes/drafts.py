"""Which lines of a contig make one transcript: features in, drafts of transcripts out.

Usually a gene has transcripts and these have parts. But viruses and bacteria have the CDS right
below the gene, or alone; some files have exons only, or parts whose parents they do not list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gas.engines.bcftools.genes.feature import CDS, PARTS, Feature

ALONE_KEYS = ("transcript_id", "locus_tag", "gene_id", "gene", "Name")
"""By what parts are put together that name no parent, the first that is there."""
RNA_KINDS = (
    "transcript primary_transcript nc_primary_transcript mRNA ncRNA lnc_RNA lncRNA lincRNA tRNA "
    "rRNA tmRNA miRNA pre_miRNA snRNA snoRNA scRNA scaRNA sRNA Y_RNA RNase_P_RNA RNase_MRP_RNA "
    "SRP_RNA antisense_RNA guide_RNA telomerase_RNA vault_RNA ribozyme hammerhead_ribozyme "
    "pseudogenic_transcript processed_transcript"
)
CHILDLESS = frozenset(RNA_KINDS.split())
"""Kinds that are transcripts even where the file lists neither a gene nor parts for them."""


@dataclass(slots=True)
class Draft:
    name: str
    """The id by which the file ties it together, or ''."""
    own: Feature | None
    """The line of the transcript; where there is none, that of the gene if there is one."""
    gene: Feature | None
    parts: list[Feature] = field(default_factory=list)
    direct: bool = False
    """There is no line of a transcript: the parts lie right below a gene, or alone."""


def drafts_of(features: Sequence[Feature]) -> Iterator[Draft]:
    """Of one contig; the lines may come in any order."""
    owner_by_id: dict[str, Feature] = {}
    for feature in features:
        if feature.id and feature.kind not in PARTS:
            owner_by_id.setdefault(feature.id, feature)
    parts_by_parent: dict[str, list[Feature]] = {}
    alone: list[Feature] = []
    for feature in features:
        if feature.kind in PARTS:
            for parent in feature.parents:
                parts_by_parent.setdefault(parent, []).append(feature)
            if not feature.parents:
                alone.append(feature)
    for parent, parts in parts_by_parent.items():
        yield from _below(parent, parts, owner_by_id)
    yield from _grouped(alone)
    yield from _childless(features, owner_by_id, parts_by_parent)


def _below(
    parent: str, parts: list[Feature], owner_by_id: Mapping[str, Feature]
) -> Iterator[Draft]:
    own = owner_by_id.get(parent)
    if own is None and parent.startswith(("gene:", "gene-")):
        for name, of_one in _by_cds(parts):
            yield Draft(name or parent, None, None, of_one, direct=True)
    elif own is None:
        yield Draft(parent, None, None, parts)
    elif own.parents or not _is_gene(own):
        yield Draft(parent, own, _gene_of(own, owner_by_id), parts)
    else:
        yield from _right_below(own, parts)


def _right_below(gene: Feature, parts: list[Feature]) -> Iterator[Draft]:
    for name, of_one in _by_cds(parts):
        yield Draft(name or gene.id, gene, gene, of_one, direct=True)


def _by_cds(parts: list[Feature]) -> Iterator[tuple[str, list[Feature]]]:
    """A transcript per CDS: overlapping reading frames of a virus are apart that way. Exons and
    the like belong to the one CDS there is; beside several they say nothing of either."""
    rest = [part for part in parts if part.kind != CDS]
    by_id: dict[str, list[Feature]] = {}
    for part in parts:
        if part.kind == CDS:
            name = part.id or part.attributes().get("protein_id", "")
            by_id.setdefault(name, []).append(part)
    if len(by_id) > 1:
        yield from by_id.items()
    else:
        (name, coding), *_ = by_id.items() if by_id else [("", [])]
        yield name, [*coding, *rest]


def _grouped(alone: Iterable[Feature]) -> Iterator[Draft]:
    by_key: dict[str, list[Feature]] = {}
    for part in alone:
        told = part.attributes()
        key = next((told[key] for key in ALONE_KEYS if told.get(key)), part.id)
        by_key.setdefault(key or f"\0{part.line}", []).append(part)
    for key, parts in by_key.items():
        named = "" if key.startswith("\0") else key
        for name, of_one in _by_cds(parts):
            yield Draft(name or named, None, None, of_one, direct=True)


def _childless(
    features: Sequence[Feature],
    owner_by_id: Mapping[str, Feature],
    parts_by_parent: Mapping[str, object],
) -> Iterator[Draft]:
    has_children = {parent for feature in features for parent in feature.parents}
    for own in features:
        if own.kind in PARTS or own.id in parts_by_parent or own.id in has_children:
            continue
        gene = _gene_of(own, owner_by_id)
        below_gene = gene is not own and gene is not None and _is_gene(gene)
        if own.kind in CHILDLESS or below_gene:
            yield Draft(own.id, own, gene)


def _gene_of(own: Feature, owner_by_id: Mapping[str, Feature]) -> Feature | None:
    """The top of its line of parents; None where the file does not have the first of them."""
    seen = {own.id}
    found: Feature | None = None
    above = own
    while above.parents and above.parents[0] not in seen:
        seen.add(above.parents[0])
        found = owner_by_id.get(above.parents[0])
        if found is None:
            return None
        above = found
    return found


def _is_gene(feature: Feature) -> bool:
    """Old releases of Ensembl call genes by what they make: 'RNA', 'processed_transcript'."""
    return "gene" in feature.kind or feature.id.startswith("gene:")
