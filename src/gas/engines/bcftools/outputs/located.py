"""Counts by place and by consequence, each record once for each.

What distinct consequences a record has, over all its transcripts, is the same for thousands of
records; they are counted by that, and told apart at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

Terms = tuple[str, ...]
"""The Consequence of each entry of a record; several terms are joined by '&'."""

INTERGENIC = "interGenic"
NON_CODING = "non_coding_transcript_variant"
PLACES = (
    INTERGENIC,
    "CDS",
    "5' UTR",
    "3' UTR",
    "Splice",
    "Intronic",
    "Non_coding_exonic",
    "Non_coding_intronic",
    "Upstream",
    "Downstream",
    "Regulatory",
    "Whole transcript",
)
PLACE_BY_TERM = {
    "intergenic_variant": INTERGENIC,
    "upstream_gene_variant": "Upstream",
    "downstream_gene_variant": "Downstream",
    "5_prime_UTR_variant": "5' UTR",
    "3_prime_UTR_variant": "3' UTR",
    "intron_variant": "Intronic",
    "non_coding_transcript_exon_variant": "Non_coding_exonic",
    "mature_miRNA_variant": "Non_coding_exonic",
    "splice_acceptor_variant": "Splice",
    "splice_donor_variant": "Splice",
    "splice_donor_5th_base_variant": "Splice",
    "splice_region_variant": "Splice",
    "splice_donor_region_variant": "Splice",
    "splice_polypyrimidine_tract_variant": "Splice",
    "transcript_ablation": "Whole transcript",
    "transcript_amplification": "Whole transcript",
    "regulatory_region_ablation": "Regulatory",
    "regulatory_region_amplification": "Regulatory",
    "regulatory_region_variant": "Regulatory",
    "TF_binding_site_variant": "Regulatory",
    "TFBS_ablation": "Regulatory",
    "TFBS_amplification": "Regulatory",
}
NO_PLACE = frozenset(
    {
        NON_CODING,
        "NMD_transcript_variant",
        "coding_transcript_variant",
        "feature_elongation",
        "feature_truncation",
        "sequence_variant",
    }
)
"""These say something else than a place. Every other term speaks of the coding sequence."""
MOST_KEPT = 50_000


class Located:
    def __init__(self) -> None:
        self._text_by_terms: dict[Terms, str] = {}
        self._records_by_terms: Counter[Terms] = Counter()
        self._places: Counter[str] = Counter()
        self._consequences: Counter[str] = Counter()

    def add(self, terms: Terms, records: int = 1) -> None:
        self._records_by_terms[terms] += records
        if len(self._records_by_terms) >= MOST_KEPT:  # bounded memory
            self._settle()

    def text(self, terms: Terms) -> str:
        """Distinct ones in order, joined by '&'."""
        text = self._text_by_terms.get(terms)
        if text is None:
            if len(self._text_by_terms) >= MOST_KEPT:
                self._text_by_terms.clear()
            text = self._text_by_terms[terms] = "&".join(_distinct(terms))
        return text

    def places(self) -> dict[str, int]:
        self._settle()
        return {place: self._places[place] for place in PLACES}

    def consequences(self) -> dict[str, int]:
        """The most frequent first."""
        self._settle()
        return most_frequent_first(self._consequences)

    def _settle(self) -> None:
        for terms, records in self._records_by_terms.items():
            for term in _distinct(terms):
                self._consequences[term] += records
            for place in places_of(terms):
                self._places[place] += records
        self._records_by_terms.clear()


def most_frequent_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))


def places_of(terms: Terms) -> set[str]:
    """Where a record lies, by what its transcripts say."""
    places = set()
    for joined in dict.fromkeys(terms):
        of_entry = joined.split("&")
        for term in of_entry:
            if term in NO_PLACE or not term:
                continue
            place = PLACE_BY_TERM.get(term, "CDS")
            if place == "Intronic" and NON_CODING in of_entry:
                place = "Non_coding_intronic"
            places.add(place)
    return places or {INTERGENIC}


def _distinct(terms: Terms) -> list[str]:
    return list(dict.fromkeys(term for joined in terms for term in joined.split("&") if term))
