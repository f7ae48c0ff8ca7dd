"""What a transcript is called: ids and versions, symbol, accessions elsewhere, tags."""

from __future__ import annotations

import re
from collections.abc import Mapping

PREFIXES = ("gene:", "gene-", "transcript:", "rna-", "cds-", "CDS:", "id-")
VERSIONED = re.compile(
    r"((?:ENS[A-Z]*[EGTPR]|MGP_[A-Z0-9]+_[GTP])\d{9,}|[A-Z]{2}_\d{6,}|[A-Z]{3}\d{5,7})"
    r"\.(\d+(?:_\d+)?)(?:_PAR_Y)?\Z"
)
"""Accessions of Ensembl, RefSeq and of proteins in GenBank: only these have a version behind the
dot; 'STRG.1.2' is a name. GENCODE marks lifted versions by '_1', and copies on Y by '_PAR_Y'."""
SOURCE = re.compile(r"\[Source:([^;\]]+);\s*Acc:([^;\]]+)\]")
SOURCE_BY_TITLE = {
    "HGNC Symbol": "HGNC",
    "MGI Symbol": "MGI",
    "RGD Symbol": "RGD",
    "ZFIN": "ZFIN",
    "NCBI gene (formerly Entrezgene)": "EntrezGene",
    "NCBI gene": "EntrezGene",
    "EntrezGene": "EntrezGene",
}
Told = Mapping[str, str]
"""Attributes of a line; empty where there is no line."""


def bare(name: str) -> str:
    """Without the prefix by which files keep ids of genes and transcripts apart."""
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def versioned(name: str, version: str = "") -> tuple[str, str]:
    """Id and version; `version` is what the file tells beside, where it does."""
    found = VERSIONED.match(name)
    if found:
        return found[1], found[2]
    return name, version


def first(told: Told, *keys: str) -> str:
    return next((told[key] for key in keys if told.get(key)), "")


def gene_id_of(own: Told, gene: Told, name: str) -> str:
    """VEP's order: what the transcript says, NCBI's number, what the gene says, how it is linked.

    `name` is the id that ties the gene together.
    """
    told = first(own, "gene_id") or elsewhere(own, "GeneID") or first(gene, "gene_id")
    told = told or elsewhere(gene, "GeneID") or bare(name)
    return versioned(told or first(own, "geneID", "locus_tag", "gene", "gene_name"))[0]


def symbol_of(own: Told, gene: Told) -> str:
    found = first(own, "gene_name", "gene") or first(gene, "Name", "gene_name", "gene")
    return found or first(gene, "locus_tag") or first(own, "locus_tag")


def symbol_source_of(own: Told, gene: Told) -> str:
    """As VEP names it: HGNC, EntrezGene, MGI ..."""
    described = _described(own, gene)
    if described:
        return SOURCE_BY_TITLE.get(described[0], described[0])
    if first(own, "hgnc_id") or first(gene, "hgnc_id"):
        return "HGNC"
    return "EntrezGene" if elsewhere(own, "GeneID") or elsewhere(gene, "GeneID") else ""


def hgnc_id_of(own: Told, gene: Told) -> str:
    """'HGNC:5', however the file writes it."""
    described = _described(own, gene)
    told = first(own, "hgnc_id") or first(gene, "hgnc_id")
    told = told or elsewhere(own, "HGNC") or elsewhere(gene, "HGNC")
    if not told and described and described[0].startswith("HGNC"):
        told = described[1]
    number = told.rpartition(":")[2].strip()
    return f"HGNC:{number}" if number.isdigit() else ""


def elsewhere(told: Told, database: str) -> str:
    """Its accession in another database: 'GeneID' of 'GeneID:7157,HGNC:HGNC:11998'."""
    for reference in first(told, "Dbxref", "dbxref", "db_xref").split(","):
        name, _, accession = reference.strip().partition(":")
        if name == database:
            return accession
    return ""


def tags_of(told: Told) -> frozenset[str]:
    """With underscores: NCBI writes 'MANE Select' where Ensembl writes 'MANE_Select'."""
    tags = first(told, "tag").split(",")
    return frozenset(tag.strip().replace(" ", "_") for tag in tags if tag.strip())


def mane_of(tags: frozenset[str], told: Told) -> str:
    """Accession of the other one of the pair, where the file has it."""
    if not any(tag.startswith("MANE_") for tag in tags):
        return ""
    partners = (elsewhere(told, "RefSeq"), elsewhere(told, "Ensembl"))
    return next((partner for partner in partners if partner), "")


def _described(own: Told, gene: Told) -> tuple[str, str] | None:
    found = SOURCE.search(first(gene, "description") or first(own, "description"))
    return (found[1], found[2]) if found else None
