"""A transcript as everything here sees it: one plain value, whatever file it came from.

Positions are of the genome and count from 1, ends included.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]
"""First and last position, from 1, both included."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Positions are of the genome, 1-based, ends included; exons and cds ascend by position on
    both strands."""

    id: str
    """Without version and without a prefix such as 'transcript:'."""
    version: str
    """'6', or ''."""
    gene_id: str
    symbol: str
    symbol_source: str
    """'HGNC' and the like, or ''."""
    hgnc_id: str
    """'HGNC:14027', or ''."""
    biotype: str
    """Of the transcript, not of its gene."""
    strand: int
    """1 or -1."""
    start: int
    end: int
    """Of the first and the last exon, whatever the line of the transcript itself tells."""
    exons: tuple[Span, ...]
    cds: tuple[Span, ...]
    """Empty if not coding; two parts may overlap or abut (ribosomal slippage)."""
    phase: int
    """Bases before the first whole codon at the 5' end of the CDS: the GFF's phase of the first
    CDS in the order of transcription."""
    protein_id: str
    protein_version: str
    tags: frozenset[str]
    """MANE_Select, MANE_Plus_Clinical, Ensembl_canonical, basic, cds_start_NF, ..."""
    mane: str
    """RefSeq accession of the MANE pair with its version, or ''."""
    codon_table: int
    """NCBI genetic code: 1, 2 (vertebrate mitochondrion), 11 ..."""
    selenocysteines: tuple[int, ...]
    """Lowest position of each UGA codon that is read as Sec, ascending."""
    source: str
    """'ensembl_havana', 'BestRefSeq', ... or ''."""

    @property
    def coding(self) -> bool:
        return bool(self.cds)

    @property
    def spliced_bases(self) -> int:
        return sum(end - start + 1 for start, end in self.exons)

    @property
    def cds_bases(self) -> int:
        """As translated: a base that is read twice (ribosomal slippage) counts twice."""
        return sum(end - start + 1 for start, end in self.cds)

    @property
    def introns(self) -> tuple[Span, ...]:
        """Between exons, ascending by position; exons that abut have none between them."""
        pairs = pairwise(self.exons)
        return tuple((one[1] + 1, two[0] - 1) for one, two in pairs if one[1] + 1 < two[0])

    @property
    def cds_start(self) -> int:
        """Lowest position of the CDS, or 0."""
        return self.cds[0][0] if self.cds else 0

    @property
    def cds_end(self) -> int:
        """Highest position of the CDS, or 0."""
        return max(end for _, end in self.cds) if self.cds else 0

    @property
    def slips(self) -> bool:
        """The ribosome steps back: a part of the CDS begins before the one before it ends."""
        return any(two[0] <= one[1] for one, two in pairwise(self.cds))

    @property
    def mane_select(self) -> bool:
        return "MANE_Select" in self.tags

    @property
    def full_id(self) -> str:
        """With its version, as HGVS wants it."""
        return f"{self.id}.{self.version}" if self.version else self.id

    @property
    def full_protein_id(self) -> str:
        return (
            f"{self.protein_id}.{self.protein_version}"
            if self.protein_version
            else (self.protein_id)
        )
