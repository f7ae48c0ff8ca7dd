"""The biotype of a transcript, in Ensembl's words, where the file tells it and where it hints."""

from __future__ import annotations

import re

from gas.engines.bcftools.genes.feature import Feature
from gas.engines.bcftools.genes.names import Told, first

CODING = "protein_coding"
UNSTRUCTURED = "protein_coding_CDS_not_defined"
"""Ensembl's word for a transcript of a coding gene of which no CDS is known."""
OTHER = "misc_RNA"
PSEUDOGENE = "pseudogene"
SEGMENT = re.compile(r"([A-Z]+)_gene_segment\Z")
NAMED_ALIKE = (
    "rRNA tRNA tmRNA miRNA snRNA snoRNA scRNA scaRNA sRNA ncRNA Y_RNA vault_RNA ribozyme "
    "RNase_P_RNA RNase_MRP_RNA SRP_RNA telomerase_RNA guide_RNA piRNA"
)
BIOTYPE_BY_KIND = {
    "mRNA": CODING,
    "lnc_RNA": "lncRNA",
    "lncRNA": "lncRNA",
    "lincRNA": "lincRNA",
    "antisense_RNA": "antisense",
    "pseudogenic_transcript": PSEUDOGENE,
    "processed_transcript": "processed_transcript",
    "primary_transcript": "primary_transcript",
    "NMD_transcript_variant": "nonsense_mediated_decay",
    "autocatalytically_spliced_intron": "ribozyme",
} | {kind: kind for kind in NAMED_ALIKE.split()}
OLD_SOURCES = (
    "protein_coding processed_transcript nonsense_mediated_decay non_stop_decay retained_intron "
    "lincRNA antisense sense_intronic sense_overlapping pseudogene processed_pseudogene "
    "unprocessed_pseudogene transcribed_processed_pseudogene transcribed_unprocessed_pseudogene "
    "unitary_pseudogene polymorphic_pseudogene miRNA snRNA snoRNA rRNA misc_RNA Mt_tRNA Mt_rRNA "
    "IG_C_gene IG_D_gene IG_J_gene IG_V_gene TR_C_gene TR_D_gene TR_J_gene TR_V_gene TEC"
)
TOLD_BY_SOURCE = frozenset(OLD_SOURCES.split())
"""Ensembl's GTF before release 76 has the biotype in the column of the source."""


def biotype_of(line: Feature, own: Told, gene: Told, *, coding: bool, pseudo: bool) -> str:
    """`line`: the transcript's, else its first part's. `gene` is empty if the file has none."""
    told = first(own, "biotype", "transcript_biotype", "transcript_type")
    if told:
        return told
    of_gene = first(gene, "biotype", "gene_biotype", "gene_type") or first(
        own, "gene_biotype", "gene_type"
    )
    if pseudo:
        return of_gene if PSEUDOGENE in of_gene else PSEUDOGENE
    segment = SEGMENT.match(line.kind)
    if segment:
        locus = "TR" if first(own, "gene", "gene_name").startswith("TR") else "IG"
        return f"{locus}_{segment[1]}_gene"
    if line.gtf and line.source in TOLD_BY_SOURCE:
        return line.source
    if coding:
        return CODING
    known = BIOTYPE_BY_KIND.get(line.kind, "")
    if known == CODING or (not known and of_gene == CODING):
        return UNSTRUCTURED
    if not known or known == "ncRNA":
        known = first(own, "ncrna_class") or BIOTYPE_BY_KIND.get(of_gene, of_gene) or known
    return known or OTHER
