"""Sequence Ontology terms with the rank and impact that Ensembl gives them (release 115).

Rank 1 is the most severe. The order is Ensembl's published one ("Calculated variant
consequences"); it also orders the terms within one entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

HIGH, MODERATE, LOW, MODIFIER = "HIGH", "MODERATE", "LOW", "MODIFIER"

_HIGH = (
    ("transcript_ablation", "SO:0001893"),
    ("splice_acceptor_variant", "SO:0001574"),
    ("splice_donor_variant", "SO:0001575"),
    ("stop_gained", "SO:0001587"),
    ("frameshift_variant", "SO:0001589"),
    ("stop_lost", "SO:0001578"),
    ("start_lost", "SO:0002012"),
    ("transcript_amplification", "SO:0001889"),
    ("feature_elongation", "SO:0001907"),
    ("feature_truncation", "SO:0001906"),
)
_MODERATE = (
    ("inframe_insertion", "SO:0001821"),
    ("inframe_deletion", "SO:0001822"),
    ("missense_variant", "SO:0001583"),
    ("protein_altering_variant", "SO:0001818"),
)
_LOW = (
    ("splice_donor_5th_base_variant", "SO:0001787"),
    ("splice_region_variant", "SO:0001630"),
    ("splice_donor_region_variant", "SO:0002170"),
    ("splice_polypyrimidine_tract_variant", "SO:0002169"),
    ("incomplete_terminal_codon_variant", "SO:0001626"),
    ("start_retained_variant", "SO:0002019"),
    ("stop_retained_variant", "SO:0001567"),
    ("synonymous_variant", "SO:0001819"),
)
_MODIFIER = (
    ("coding_sequence_variant", "SO:0001580"),
    ("mature_miRNA_variant", "SO:0001620"),
    ("5_prime_UTR_variant", "SO:0001623"),
    ("3_prime_UTR_variant", "SO:0001624"),
    ("non_coding_transcript_exon_variant", "SO:0001792"),
    ("intron_variant", "SO:0001627"),
    ("NMD_transcript_variant", "SO:0001621"),
    ("non_coding_transcript_variant", "SO:0001619"),
    ("coding_transcript_variant", "SO:0001968"),
    ("upstream_gene_variant", "SO:0001631"),
    ("downstream_gene_variant", "SO:0001632"),
    ("TFBS_ablation", "SO:0001895"),
    ("TFBS_amplification", "SO:0001892"),
    ("TF_binding_site_variant", "SO:0001782"),
    ("regulatory_region_ablation", "SO:0001894"),
    ("regulatory_region_amplification", "SO:0001891"),
    ("regulatory_region_variant", "SO:0001566"),
    ("intergenic_variant", "SO:0001628"),
    ("sequence_variant", "SO:0001060"),
)
_BY_IMPACT = ((HIGH, _HIGH), (MODERATE, _MODERATE), (LOW, _LOW), (MODIFIER, _MODIFIER))

RANK_BY_TERM: dict[str, int] = {
    term: rank
    for rank, term in enumerate((term for _, group in _BY_IMPACT for term, _ in group), start=1)
}
IMPACT_BY_TERM: dict[str, str] = {term: impact for impact, group in _BY_IMPACT for term, _ in group}
ACCESSION_BY_TERM: dict[str, str] = {term: so for _, group in _BY_IMPACT for term, so in group}
LEAST = len(RANK_BY_TERM) + 1


def ranked(terms: Iterable[str]) -> tuple[str, ...]:
    """Each once, the most severe first."""
    return tuple(sorted(set(terms), key=RANK_BY_TERM.__getitem__))


@lru_cache(maxsize=4096)
def joined(terms: frozenset[str]) -> str:
    return "&".join(ranked(terms))


@lru_cache(maxsize=4096)
def severest(terms: str) -> str:
    """Of terms joined by '&', as they stand in an entry; '' of none."""
    return terms.partition("&")[0]


def rank(terms: str) -> int:
    """Of terms joined by '&' in order of rank."""
    return RANK_BY_TERM.get(severest(terms), LEAST)


def impact(terms: str) -> str:
    """Of terms joined by '&' in order of rank."""
    return IMPACT_BY_TERM.get(severest(terms), "")
