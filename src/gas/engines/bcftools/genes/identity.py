"""All of a transcript but its places: ids, names, biotype, tags, code."""

from __future__ import annotations

import re

from gas.engines.bcftools.consequence.transcript import Span, Transcript
from gas.engines.bcftools.genes import names
from gas.engines.bcftools.genes.biotypes import biotype_of
from gas.engines.bcftools.genes.drafts import Draft
from gas.engines.bcftools.genes.feature import CDS, NO_TRANSCRIPT, Feature
from gas.engines.bcftools.genes.names import Told, first
from gas.engines.bcftools.genes.parts import Parts

RECODED = re.compile(r"pos:[a-z(]*<?(\d+)[^:]*aa:Sec")
"""NCBI's `transl_except=(pos:complement(4520..4522),aa:Sec)`: its lowest base."""


class Telling:
    """Attributes of genes, read once for all their transcripts."""

    def __init__(self) -> None:
        self._told_by_line: dict[int, Told] = {}

    def of(self, feature: Feature) -> Told:
        if feature.line not in self._told_by_line:
            self._told_by_line[feature.line] = feature.attributes()
        return self._told_by_line[feature.line]


class Identity:
    """What the lines of a draft tell of it."""

    def __init__(self, draft: Draft, telling: Telling) -> None:
        self._draft = draft
        self._coding = [part for part in draft.parts if part.kind == CDS]
        self._cds: Told = self._coding[0].attributes() if self._coding else {}
        self._gene: Told = telling.of(draft.gene) if draft.gene else {}
        self._line = draft.own or draft.parts[0]
        self._own = self._gene if self._line is draft.gene else self._line.attributes()

    @property
    def translated_nowhere(self) -> bool:
        """Its CDS is that of a pseudogene: broken, and listed only to show where it was."""
        return self._cds.get("pseudo") == "true"

    def transcript(self, parts: Parts, bounds: Span, strand: int, code: int) -> Transcript:
        """`code`: the genetic code where the file tells none."""
        own, gene = self._own, self._gene
        name, version = self._id(parts)
        protein, protein_version = self._protein(name) if parts.cds else ("", "")
        tags = names.tags_of(own) | self._incomplete(strand)
        table = self._cds.get("transl_table", "")
        return Transcript(
            id=name,
            version=version,
            gene_id=names.gene_id_of(own, gene, self._gene_name()) or name,
            symbol=names.symbol_of(own, gene),
            symbol_source=names.symbol_source_of(own, gene),
            hgnc_id=names.hgnc_id_of(own, gene),
            biotype=biotype_of(self._line, own, gene, coding=bool(parts.cds), pseudo=self._pseudo),
            strand=strand,
            start=bounds[0],
            end=bounds[1],
            exons=parts.exons,
            cds=parts.cds,
            phase=parts.phase,
            protein_id=protein,
            protein_version=protein_version,
            tags=tags,
            mane=names.mane_of(tags, own),
            codon_table=int(table) if table.isdigit() else code,
            selenocysteines=parts.selenocysteines or self._recoded(),
            source="" if self._line.source == "." else self._line.source,
        )

    @property
    def _pseudo(self) -> bool:
        gene = self._draft.gene
        told = self.translated_nowhere or self._gene.get("pseudo") == "true"
        return told or (gene is not None and gene.kind == "pseudogene")

    def _id(self, parts: Parts) -> tuple[str, str]:
        draft = self._draft
        version = first(self._own, "transcript_version")
        if draft.own is not None and not draft.direct:
            told = first(self._own, "transcript_id") or names.bare(draft.own.id)
            version = version or first(self._own, "version")
        else:
            told = self._transcript_of_part()
            if draft.direct:
                told = told or first(self._cds, "protein_id")
            told = told or names.bare(draft.name)
        told = told or first(self._own, "Name", "locus_tag", "gene")
        place = f"{self._line.contig}:{parts.exons[0][0]}-{parts.exons[-1][1]}"
        return names.versioned(told.rpartition("|")[2] or place, version)

    def _transcript_of_part(self) -> str:
        """As a part names it; NCBI's GTF fills the key even where there is none."""
        told = "" if self._draft.own else first(self._own, "transcript_id")
        return "" if told.startswith(NO_TRANSCRIPT) else told

    def _protein(self, transcript: str) -> tuple[str, str]:
        told, version = first(self._cds, "protein_id"), first(self._cds, "protein_version")
        if not told and self._coding[0].id.startswith(("CDS:", "cds-")):
            told = names.bare(self._coding[0].id)
            told = "" if names.versioned(told)[0] == transcript else told
        if not self._line.gtf:
            version = version or first(self._cds, "version")
        return names.versioned(told.rpartition("|")[2], version) if told else ("", "")

    def _gene_name(self) -> str:
        """The id by which the gene is tied to it, whether or not the file has its line."""
        draft = self._draft
        if draft.gene is not None:
            return draft.gene.id
        tied = draft.own is not None or draft.direct
        return self._line.parents[0] if tied and self._line.parents else ""

    def _incomplete(self, strand: int) -> frozenset[str]:
        """NCBI marks open ends of a CDS; Ensembl's tags of the same meaning are in the file."""
        if not any("partial=true" in part.text for part in self._coding):
            return frozenset()
        low = any("start_range=" in part.text for part in self._coding)
        high = any("end_range=" in part.text for part in self._coding)
        five_prime, three_prime = (low, high) if strand > 0 else (high, low)
        ends = (("cds_start_NF", five_prime), ("cds_end_NF", three_prime))
        return frozenset(tag for tag, there in ends if there)

    def _recoded(self) -> tuple[int, ...]:
        told = RECODED.findall(self._cds.get("transl_except", ""))
        return tuple(sorted(int(at) for at in told))
