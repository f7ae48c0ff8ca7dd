"""CSQ and ANN as texts, which transcript is picked, and what the terms are worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.consequence_rig import TextGenome, golden, stored
from gas.engines.bcftools.consequence import codons, terms
from gas.engines.bcftools.consequence.fields import (
    ANN_FIELDS,
    CSQ_FIELDS,
    ann_text,
    csq_text,
    escaped,
)
from gas.engines.bcftools.consequence.predictor import Predictor
from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.consequence.variant import from_vcf

DOCUMENTED = (
    "Allele Consequence IMPACT SYMBOL Gene Feature_type Feature BIOTYPE EXON INTRON HGVSc HGVSp"
    " cDNA_position CDS_position Protein_position Amino_acids Codons Existing_variation DISTANCE"
    " STRAND FLAGS SYMBOL_SOURCE HGNC_ID"
)


def test_csq_has_the_fields_of_vep_in_its_order() -> None:
    assert CSQ_FIELDS[:23] == tuple(DOCUMENTED.split())
    assert len(CSQ_FIELDS) == 32


def test_an_entry_and_its_text_are_the_same_thing(tmp_path: Path) -> None:
    prediction = golden(tmp_path, "structural").predict("7", 44, "G", "A", existing="rs1&rs2")
    assert csq_text(prediction) == ",".join("|".join(entry) for entry in prediction.entries)
    first = prediction.entries[0]
    assert (first.Allele, first.Existing_variation, first.STRAND) == ("A", "rs1&rs2", "1")
    assert prediction.most_severe == "missense_variant"
    assert prediction.impact == "MODERATE"
    assert first.IMPACT == "MODERATE"


def test_values_of_a_file_cannot_break_the_text() -> None:
    assert escaped("a|b,c;d=e f%") == "a&b&c%3Bd%3De_f%25"


def test_ann_is_the_same_prediction_most_severe_first(tmp_path: Path) -> None:
    predictor = golden(tmp_path, "structural")
    prediction = predictor.predict("7", 44, "G", "A")
    entries = ann_text(prediction, "A", lengths=predictor.lengths).split(",")
    assert [entry.split("|")[1] for entry in entries] == [
        "missense_variant",
        "downstream_gene_variant",
    ]
    assert all(len(entry.split("|")) == len(ANN_FIELDS) == 16 for entry in entries)
    assert entries[0] == (
        "A|missense_variant|MODERATE|GENE1|T1G|transcript|T1.2|protein_coding|1/3"
        "|c.4G>A|p.Ala2Thr|14/110|4/66|2/22||"
    )
    assert entries[1].split("|")[14] == "57"


def test_ann_between_genes(tmp_path: Path) -> None:
    predictor = golden(tmp_path, "structural")
    prediction = predictor.predict("7", 9000, "G", "A")  # N: beyond the end of the contig
    assert ann_text(prediction, "A") == (
        "A|intergenic_region|MODIFIER|GENE2|GENE2|intergenic_region||||g.9000N>A||||||"
    )
    (entry,) = prediction.entries
    assert (entry.Consequence, entry.NEAREST, entry.PICK) == ("intergenic_variant", "GENE2", "1")


def test_a_contig_without_genes_is_all_intergenic() -> None:
    predictor = Predictor(lambda contig: None, TextGenome({"9": "ACGTACGTAC"}))
    for alt in ("A", "GTT", "<DEL>"):
        (entry,) = predictor.predict("9", 3, "G", alt, end=5).entries
        assert (entry.Consequence, entry.NEAREST) == ("intergenic_variant", "")
    (beyond,) = predictor.predict("9", 300, "G", "GTT").entries
    assert beyond.Consequence == "intergenic_variant"


def _transcript(
    name: str, *tags: str, biotype: str = "protein_coding", bases: int = 60
) -> Transcript:
    coding = biotype == "protein_coding"
    return Transcript(
        id=name, version="1", gene_id="G", symbol="S", symbol_source="", hgnc_id="",
        biotype=biotype, strand=1, start=101, end=100 + bases, exons=((101, 100 + bases),),
        cds=((101, 100 + bases),) if coding else (), phase=0, protein_id="", protein_version="",
        tags=frozenset(tags), mane="NM_1.1" if tags else "", codon_table=1, selenocysteines=(),
        source="made",
    )  # fmt: skip


def _picked(folder: Path, *transcripts: Transcript) -> dict[str, tuple[str, str]]:
    store = stored(folder, "7", transcripts)
    predictor = Predictor(lambda contig: store, TextGenome({"7": "ATG" * 200}))
    entries = predictor.predict("7", 104, "A", "C").entries
    return {e.Feature: (e.PICK, e.PICK_MANE) for e in entries if e.PICK or e.PICK_MANE}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (_transcript("A", "MANE_Select"), _transcript("B", "MANE_Plus_Clinical")),
        (_transcript("A", "MANE_Plus_Clinical"), _transcript("B", "Ensembl_canonical")),
        (_transcript("A", "Ensembl_canonical"), _transcript("B", "appris_principal_1")),
        (_transcript("A", "appris_principal_1"), _transcript("B", "appris_principal_2")),
        (_transcript("A", "appris_alternative_2"), _transcript("B", "CCDS")),
        (_transcript("A"), _transcript("B", biotype="lncRNA", bases=90)),
        (_transcript("A", "CCDS"), _transcript("B", bases=90)),
        (_transcript("A", bases=90), _transcript("B", bases=60)),
    ],
)
def test_one_is_picked_in_the_order_of_vep(
    tmp_path: Path, better: Transcript, worse: Transcript
) -> None:
    for at, both in enumerate(((better, worse), (worse, better))):
        folder = tmp_path / str(at)
        folder.mkdir()
        picked = _picked(folder, *both)
        assert [name for name, (pick, _) in picked.items() if pick] == ["A"]


def test_mane_is_picked_by_itself_too(tmp_path: Path) -> None:
    select, plus = _transcript("A", "MANE_Select"), _transcript("B", "MANE_Plus_Clinical")
    assert _picked(tmp_path, select, plus, _transcript("C")) == {"A": ("1", "1")}


def test_without_mane_select_plus_clinical_is_the_mane_pick(tmp_path: Path) -> None:
    plus = _transcript("B", "MANE_Plus_Clinical")
    assert _picked(tmp_path, plus, _transcript("C")) == {"B": ("1", "1")}


def test_without_any_mane_none_is_the_mane_pick(tmp_path: Path) -> None:
    assert _picked(tmp_path, _transcript("C")) == {"C": ("1", "")}


def test_terms_are_ranked_and_weighed() -> None:
    assert terms.joined(frozenset({"intron_variant", "splice_donor_variant"})) == (
        "splice_donor_variant&intron_variant"
    )
    assert terms.severest("splice_region_variant&intron_variant") == "splice_region_variant"
    assert terms.impact("stop_gained&splice_region_variant") == "HIGH"
    assert terms.impact("intergenic_variant") == "MODIFIER"
    assert min(terms.RANK_BY_TERM, key=terms.RANK_BY_TERM.__getitem__) == "transcript_ablation"


def test_amino_acids_by_code() -> None:
    assert codons.amino_acid("ATA", 1) == "I"
    assert codons.amino_acid("ATA", 2) == "M"
    assert codons.amino_acid("TGA", 2) == "W"
    assert codons.amino_acid("TGA", 4) == "W"
    assert codons.amino_acid("AGA", 2) == "*"
    assert codons.amino_acid("CTG", 12) == "S"
    assert codons.amino_acid("NNN", 1) == "X"
    assert codons.amino_acid("GCN", 1) in ("A", "X")
    assert codons.reverse_complement("AACGN") == "NCGTT"


@pytest.mark.parametrize(
    ("ref", "alt", "wanted"),
    [
        ("A", "AT", (11, 10, "", "T")),
        ("AT", "A", (11, 11, "T", "")),
        ("AT", "GC", (10, 11, "AT", "GC")),
        ("AT", "TG", (10, 11, "AT", "TG")),
        ("ATG", "ATTT", (11, 12, "TG", "TTT")),
    ],
)
def test_an_allele_lies_behind_the_first_base_that_both_share(
    ref: str, alt: str, wanted: tuple[int, int, str, str]
) -> None:
    variant = from_vcf(TextGenome({"7": "G" * 9 + "ATGATG"}), "7", 10, ref, alt)
    assert (variant.start, variant.end, variant.ref, variant.alt) == wanted
