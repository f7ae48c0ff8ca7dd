"""One line of a file of genes, whichever its format. Positions count from 1, ends included."""

from __future__ import annotations

import re
from sys import intern
from typing import NamedTuple
from urllib.parse import unquote

from gas.domain.errors import InputError

EXON, CDS, UTR, STOP, SEC = "exon", "CDS", "UTR", "stop_codon", "selenocysteine"
PART_BY_KIND = {
    "exon": EXON,
    "pseudogenic_exon": EXON,
    "noncoding_exon": EXON,
    "coding_exon": EXON,
    "CDS": CDS,
    "cds": CDS,
    "UTR": UTR,
    "utr": UTR,
    "five_prime_UTR": UTR,
    "three_prime_UTR": UTR,
    "five_prime_utr": UTR,
    "three_prime_utr": UTR,
    "5UTR": UTR,
    "3UTR": UTR,
    "stop_codon": STOP,
    "Selenocysteine": SEC,
    "selenocysteine": SEC,
    "stop_codon_redefined_as_selenocysteine": SEC,
}
"""Kinds of lines that are parts of a transcript, as different files name them."""
PARTS = frozenset(PART_BY_KIND.values())
SKIPPED_WORDS = (
    "biological_region start_codon intron match match_part cDNA_match EST_match protein_match "
    "nucleotide_match translated_nucleotide_match sequence_feature repeat_region direct_repeat "
    "inverted_repeat dispersed_repeat tandem_repeat transposable_element mobile_genetic_element "
    "polypeptide mature_protein_region mature_protein_region_of_CDS signal_peptide "
    "signal_peptide_region_of_CDS sig_peptide mat_peptide transit_peptide intron_CNS inter "
    "inter_CNS CNS 5UTR_intron regulatory_region enhancer silencer promoter CpG_island "
    "transcriptional_cis_regulatory_region protein_binding_site stem_loop origin_of_replication "
    "sequence_alteration sequence_difference assembly_gap gap operon"
)
SKIPPED = frozenset(SKIPPED_WORDS.split())
"""Kinds of lines that say nothing of transcripts and are many."""
NO_TRANSCRIPT = "unassigned_transcript"
"""How NCBI's GTF fills the mandatory attribute where there is none, as in bacteria."""
WHOLE = re.compile(r"-?[0-9]{1,10}\Z")
GFF_ENTRY = re.compile(r"\s*([^=;]+?)\s*=([^;]*)")
GTF_ENTRY = re.compile(r'\s*([^\s;"]+)\s+(?:"([^"]*)"|([^\s;"]+))\s*(?:;|\Z)')


class Feature(NamedTuple):
    line: int
    contig: str
    source: str
    kind: str
    """As in the file; parts of transcripts are named alike whatever the file calls them."""
    start: int
    end: int
    strand: str
    phase: str
    id: str
    parents: tuple[str, ...]
    text: str
    """The column of attributes, as it stands in the file."""
    gtf: bool

    def attributes(self) -> dict[str, str]:
        """By key, values decoded; several values of a key are joined by commas."""
        if self.gtf:
            return _gtf_attributes(self.text)
        return _gff_attributes(self.text)


def columns_of(raw: bytes, number: int) -> list[str] | None:
    """The nine columns of a line, places checked; None if it says nothing of transcripts.

    InputError BAD_GENES.
    """
    columns = raw.decode("utf-8", "replace").rstrip("\r\n").split("\t", 8)
    if len(columns) != 9:
        raise bad_genes("This is no line of a GFF3 or GTF: it has nine columns, with tabs.", number)
    start, end = columns[3], columns[4]
    if not (WHOLE.match(start) and WHOLE.match(end)):
        raise bad_genes("Start and end are no whole numbers.", number)
    if int(start) > int(end):
        raise bad_genes("A feature ends before it starts.", number)
    return None if columns[2] in SKIPPED else columns


def feature_of(
    columns: list[str],
    number: int,
    *,
    kind: str,
    name: str,
    parents: tuple[str, ...],
    gtf: bool = False,
) -> Feature:
    """Short texts that come again and again are kept once."""
    contig, source, _, start, end, _, strand, phase, text = columns
    return Feature(
        number,
        intern(contig),
        intern(source),
        intern(kind),
        int(start),
        int(end),
        intern(strand),
        intern(phase),
        name,
        parents,
        text,
        gtf,
    )


def bad_genes(what: str, number: int) -> InputError:
    return InputError(
        "BAD_GENES",
        f"The genes cannot be used. {what}",
        place=f"line {number}" if number else "",
        cure="Give the genes as GFF3 or GTF, plain or gzipped, of the same genome as the FASTA.",
    )


def _gff_attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, raw in GFF_ENTRY.findall(text):
        value = unquote(raw) if "%" in raw else raw
        found[key] = f"{found[key]},{value.strip()}" if key in found else value.strip()
    return found


def _gtf_attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, quoted, bare in GTF_ENTRY.findall(text):
        value = quoted or bare
        found[key] = f"{found[key]},{value}" if found.get(key) else value
    return found
