"""Lines of GTF: Ensembl, GENCODE, NCBI, UCSC, StringTie.

GTF names gene and transcript on every line instead of linking lines. It is given the ids and
parents of a GFF3 here, so that all after it sees one shape. Lines of genes and of transcripts may
be missing (UCSC, old Ensembl); the CDS is without its stop codon.
"""

from __future__ import annotations

import re
from sys import intern

from gas.engines.bcftools.genes.feature import (
    NO_TRANSCRIPT,
    PART_BY_KIND,
    Feature,
    columns_of,
    feature_of,
)

FIRST_ENTRY = re.compile(rb'\s*[A-Za-z_][^\s=;"]*\s+("|[^\s=;]+\s*(;|\Z))')
GENE_ID = re.compile(r'(?:^|[;\s])gene_id\s+"?([^";]*)')
TRANSCRIPT_ID = re.compile(r'(?:^|[;\s])transcript_id\s+"?([^";]*)')


def looks_like_gtf(attributes: bytes) -> bool:
    """Whether a column of attributes is `key "value";` and not `key=value;`."""
    return FIRST_ENTRY.match(attributes) is not None


def parse(raw: bytes, number: int) -> Feature | None:
    """None for comments, and what says nothing of transcripts. InputError BAD_GENES."""
    if raw.startswith(b"#") or not raw.strip():
        return None
    columns = columns_of(raw, number)
    if columns is None:
        return None
    text, kind = columns[8], columns[2]
    gene, transcript = (_told(entry, text) for entry in (GENE_ID, TRANSCRIPT_ID))
    if transcript.startswith(NO_TRANSCRIPT):
        transcript = ""
    gene_name = intern(f"gene:{gene}") if gene else ""
    own_name = intern(f"transcript:{transcript}") if transcript else ""
    part = PART_BY_KIND.get(kind, "")
    if part:
        name, parent = "", own_name or gene_name
    elif kind == "gene":
        name, parent = gene_name, ""
    else:
        name, parent = own_name, gene_name
    parents = (parent,) if parent else ()
    return feature_of(columns, number, kind=part or kind, name=name, parents=parents, gtf=True)


def _told(entry: re.Pattern[str], text: str) -> str:
    found = entry.search(text)
    return found[1].strip() if found else ""
