"""What bcftools csq says, in our words.

csq writes 'terms|gene|transcript|biotype|strand|amino acids|bases'; of introns and non-coding
exons it leaves out the transcript. It knows no donor region, 5th base or tract, so that ours are
read as its splice region, and it does not say intron where it says splice region.
"""

from __future__ import annotations

from typing import NamedTuple

from gas.engines.bcftools.consequence.fields import Entry

OURS = {
    "missense": "missense_variant",
    "synonymous": "synonymous_variant",
    "frameshift": "frameshift_variant",
    "splice_region": "splice_region_variant",
    "splice_acceptor": "splice_acceptor_variant",
    "splice_donor": "splice_donor_variant",
    "3_prime_utr": "3_prime_UTR_variant",
    "5_prime_utr": "5_prime_UTR_variant",
    "stop_retained": "stop_retained_variant",
    "start_retained": "start_retained_variant",
    "coding_sequence": "coding_sequence_variant",
    "inframe_altering": "protein_altering_variant",
    "NMD_transcript": "NMD_transcript_variant",
    "intron": "intron_variant",
}
REGION = {
    "splice_donor_region_variant": "splice_region_variant",
    "splice_donor_5th_base_variant": "splice_region_variant",
}
OWN = frozenset({"splice_polypyrimidine_tract_variant", "intron_variant"})


class Told(NamedTuple):
    terms: frozenset[str]
    amino_acids: str
    """'59Y>59H', '66V', or ''."""


def told(text: str) -> dict[str, Told]:
    """By transcript; without those of which csq names no transcript."""
    found: dict[str, Told] = {}
    for one in text.split(","):
        parts = one.split("|")
        if len(parts) < 4 or not parts[2]:
            continue
        terms = frozenset(OURS.get(term, term) for term in parts[0].lstrip("*").split("&"))
        before = found.get(parts[2], Told(frozenset(), ""))
        amino_acids = parts[5] if len(parts) > 5 else ""
        found[parts[2]] = Told((before.terms | terms) - OWN, before.amino_acids or amino_acids)
    return found


def folded(entry: Entry) -> frozenset[str]:
    terms = entry.Consequence.split("&")
    return frozenset(REGION.get(term, term) for term in terms) - OWN


def substitution(entry: Entry) -> str:
    """'59Y>59H' or '66V', as csq writes single amino acids."""
    before, _, after = entry.Amino_acids.partition("/")
    position = entry.Protein_position
    return f"{position}{before}>{position}{after}" if after else f"{position}{before}"
