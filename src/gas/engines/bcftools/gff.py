"""Lines of GFF3, of whatever making: Ensembl, GENCODE, NCBI, or by hand.

GFF3 counts from 1, ends included. Values are percent-encoded; a feature may have several parents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from sys import intern
from urllib.parse import unquote

from gas.engines.bcftools.genes.feature import (
    CDS,
    PART_BY_KIND,
    Feature,
    bad_genes,
    columns_of,
    feature_of,
)
from gas.engines.bcftools.genes.for_csq import rows_of
from gas.engines.bcftools.genes.models import ContigShape, models_of

__all__ = ["Feature", "adapted", "aliases_of", "is_circular", "parse"]

ID = re.compile(r"(?:^|;)\s*ID=([^;]*)")
PARENT = re.compile(r"(?:^|;)\s*[Pp]arent=([^;]*)")
CONTIG_KINDS = ("region", "chromosome", "scaffold")


def parse(raw: bytes, number: int) -> Feature | None:
    """None for comments, directives, and what says nothing of transcripts. InputError BAD_GENES."""
    if raw.startswith(b"#") or not raw.strip():
        return None
    columns = columns_of(raw, number)
    if columns is None:
        return None
    text, kind = columns[8], columns[2]
    if "=" not in text and '"' in text:
        raise bad_genes("This line looks like GTF, those above are GFF3.", number)
    part = PART_BY_KIND.get(kind, "")
    # What most lines begin with; exons and UTRs are known by their parents alone.
    if text.startswith("Parent=") and part not in ("", CDS):
        return feature_of(columns, number, kind=part, name="", parents=_names(text[7:]))
    own, parent = ID.search(text), PARENT.search(text)
    return feature_of(
        columns,
        number,
        kind=part or kind,
        name=own[1].strip() if own else "",
        parents=_names(parent[1]) if parent else (),
    )


def aliases_of(feature: Feature) -> list[str]:
    """Further names of its contig, where the feature is the contig itself."""
    whole = feature.start <= 1 and feature.kind == "contig"
    if not (whole or feature.kind in CONTIG_KINDS):
        return []
    told = feature.attributes()
    names = [unquote(name) for name in told.get("Alias", "").split(",")]
    if told.get("genome") == "chromosome" and feature.start <= 1:
        names.append(told.get("chromosome", ""))  # NCBI names contigs by accession
    return [name for name in names if name]


def is_circular(feature: Feature) -> bool:
    """Whether the feature says that its contig is a ring."""
    return "Is_circular=true" in feature.text and feature.start <= 1


def adapted(features: Sequence[Feature], bases: int) -> Iterator[str]:
    """The genes of one contig of so many bases as csq takes them; the contig's column is '@'.

    What reaches beyond the contig is cut off; a transcript whose CDS does is left out.
    """
    shape = ContigShape(bases, circular=any(map(is_circular, features)))
    return rows_of(models_of(features, shape).transcripts, bases)


def _names(told: str) -> tuple[str, ...]:
    """What stands before the next attribute, split at commas."""
    value = told.partition(";")[0]
    if "," not in value:
        return (intern(value.strip()),) if value else ()
    return tuple(intern(name.strip()) for name in value.split(",") if name.strip())
