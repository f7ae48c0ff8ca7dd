"""The fields of an annotation: VEP's CSQ layout, and snpEff's ANN from the same prediction."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from gas.engines.bcftools.consequence.terms import rank


class Entry(NamedTuple):
    """What a variant does to one transcript, field by field, escaped as INFO wants it.

    The first 23 are VEP's documented ones in VEP's order; the rest are ours.
    """

    Allele: str
    Consequence: str
    IMPACT: str
    SYMBOL: str
    Gene: str
    Feature_type: str
    Feature: str
    BIOTYPE: str
    EXON: str
    INTRON: str
    HGVSc: str
    HGVSp: str
    cDNA_position: str  # noqa: N815  (the name that VEP gives it)
    CDS_position: str
    Protein_position: str
    Amino_acids: str
    Codons: str
    Existing_variation: str
    DISTANCE: str
    STRAND: str
    FLAGS: str
    SYMBOL_SOURCE: str
    HGNC_ID: str
    HGVSg: str
    CANONICAL: str
    MANE_SELECT: str
    MANE_PLUS_CLINICAL: str
    ENSP: str
    SOURCE: str
    NEAREST: str
    PICK: str
    PICK_MANE: str


CSQ_FIELDS: tuple[str, ...] = Entry._fields
ANN_FIELDS: tuple[str, ...] = (
    "Allele",
    "Annotation",
    "Annotation_Impact",
    "Gene_Name",
    "Gene_ID",
    "Feature_Type",
    "Feature_ID",
    "Transcript_BioType",
    "Rank",
    "HGVS.c",
    "HGVS.p",
    "cDNA.pos / cDNA.length",
    "CDS.pos / CDS.length",
    "AA.pos / AA.length",
    "Distance",
    "ERRORS / WARNINGS / INFO",
)
_ESCAPES = str.maketrans(
    {"|": "&", ",": "&", ";": "%3B", "=": "%3D", " ": "_", "\t": "_", "\n": "_", "%": "%25"}
)
NO_LENGTHS: Mapping[str, tuple[int, int, int]] = {}


class Verdict(NamedTuple):
    """What is said of the entries as a whole. Variants side by side mostly share one, the very
    same object."""

    most_severe: str
    """A term, or ''."""
    impact: str
    """HIGH, MODERATE, LOW, MODIFIER, or ''."""
    terms: tuple[str, ...]
    """Consequence of each entry."""
    symbols: tuple[str, ...]
    """SYMBOL of each entry."""
    pick: int = -1
    """Which entry, from 0; -1 if there is none."""
    pick_mane: int = -1


class Prediction(NamedTuple):
    """Everything said of one ALT. Without texts nothing can be predicted (`*`, `<NON_REF>`)."""

    texts: tuple[str, ...]
    """One CSQ entry each, in the order of the transcripts; the fields are joined by '|'."""
    verdict: Verdict

    @property
    def most_severe(self) -> str:
        return self.verdict.most_severe

    @property
    def impact(self) -> str:
        return self.verdict.impact

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple([Entry._make(text.split("|")) for text in self.texts])


NOTHING = Prediction((), Verdict("", "", (), ()))


@lru_cache(maxsize=4096)
def escaped(text: str) -> str:
    """For a value that comes from a file."""
    return text.translate(_ESCAPES)


def csq_text(prediction: Prediction) -> str:
    """The value of INFO/CSQ; '' if there is nothing to say."""
    return ",".join(prediction.texts)


def ann_text(
    prediction: Prediction,
    alt: str,
    *,
    lengths: Mapping[str, tuple[int, int, int]] = NO_LENGTHS,
) -> str:
    """The value of INFO/ANN, most severe first. `alt` as the VCF has it.

    `lengths`: bases of cDNA and CDS, and amino acids, by the id of a transcript.
    """
    entries = sorted(prediction.entries, key=lambda entry: rank(entry.Consequence))
    return ",".join(_annotation(entry, escaped(alt), lengths) for entry in entries)


def _annotation(entry: Entry, alt: str, lengths: Mapping[str, tuple[int, int, int]]) -> str:
    cdna, cds, protein = lengths.get(entry.Feature, (0, 0, 0))
    nearest = entry.NEAREST
    terms = entry.Consequence.replace("intergenic_variant", "intergenic_region")
    return "|".join(
        (
            alt,
            terms,
            entry.IMPACT,
            entry.SYMBOL or entry.Gene or nearest,
            entry.Gene or nearest,
            "transcript" if entry.Feature else "intergenic_region",
            entry.HGVSc.partition(":")[0] or entry.Feature,
            entry.BIOTYPE,
            entry.EXON or entry.INTRON,
            entry.HGVSc.partition(":")[2] or entry.HGVSg.partition(":")[2],
            entry.HGVSp.partition(":")[2],
            _of(entry.cDNA_position, cdna),
            _of(entry.CDS_position, cds),
            _of(entry.Protein_position, protein),
            entry.DISTANCE,
            "",
        )
    )


def _of(position: str, length: int) -> str:
    """snpEff gives the first position alone."""
    first = position.lstrip("?-").partition("-")[0]
    return f"{first}/{length}" if first and length else first
