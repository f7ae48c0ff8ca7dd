"""Structural variants on a coding gene and a non-coding one, by overlap."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.consequence_rig import golden
from gas.engines.bcftools.consequence.fields import NOTHING, csq_text
from gas.engines.bcftools.consequence.predictor import Predictor
from gas.engines.bcftools.consequence.structural import event_of

INVERTED = (
    "coding_sequence_variant&5_prime_UTR_variant&3_prime_UTR_variant&intron_variant"
    "&coding_transcript_variant"
)


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    """T1: exons 31-60, 121-150 and 211-260, CDS 41-226. T2, lincRNA: exons 101-119, 262-290."""
    return golden(tmp_path, "structural")


def _terms(predictor: Predictor, alt: str, start: int, end: int, svtype: str = "") -> str:
    """Of T1; `start` is the position in the VCF, that of the base before."""
    prediction = predictor.predict("7", start, "A", alt, end=end, svtype=svtype)
    return next(e.Consequence for e in prediction.entries if e.Feature == "T1")


@pytest.mark.parametrize(
    ("alt", "start", "end", "wanted"),
    [
        ("<DEL>", 20, 280, "transcript_ablation"),
        ("<DEL:ME:ALU>", 20, 280, "transcript_ablation"),
        ("<CN0>", 20, 280, "transcript_ablation"),
        ("<DEL>", 122, 124, "frameshift_variant&feature_truncation"),
        ("<DEL>", 122, 125, "feature_truncation&inframe_deletion"),
        ("<DEL>", 70, 80, "intron_variant"),
        ("<DUP>", 20, 280, "transcript_amplification"),
        ("<DUP:TANDEM>", 20, 280, "transcript_amplification"),
        ("<CN3>", 20, 280, "transcript_amplification"),
        ("<DUP>", 122, 125, "feature_elongation&coding_sequence_variant"),
        ("<DUP>", 70, 80, "intron_variant"),
        ("<INV>", 20, 280, INVERTED),
        ("<CNV>", 20, 280, INVERTED),
        ("<CN2>", 20, 280, INVERTED),
        ("<INS>", 122, 122, "feature_elongation&coding_sequence_variant"),
        ("<INS:ME:ALU>", 122, 122, "feature_elongation&coding_sequence_variant"),
        ("<DEL>", 300, 310, "downstream_gene_variant"),
        ("<DEL>", 5, 10, "upstream_gene_variant"),
    ],
)
def test_what_an_event_covers(
    predictor: Predictor, alt: str, start: int, end: int, wanted: str
) -> None:
    assert _terms(predictor, alt, start, end) == wanted


def test_the_ends_of_the_coding_sequence(predictor: Predictor) -> None:
    assert "start_lost" in _terms(predictor, "<DEL>", 40, 44).split("&")
    assert "stop_lost" in _terms(predictor, "<DEL>", 222, 226).split("&")
    assert "start_lost" not in _terms(predictor, "<DUP>", 40, 44).split("&")


@pytest.mark.parametrize("alt", ["A[8:77[", "]8:77]A", "[8:77[A", "A]8:77]", ".A", "A."])
def test_a_breakend_cuts_the_transcript(predictor: Predictor, alt: str) -> None:
    prediction = predictor.predict("7", 130, "A", alt)
    terms = {entry.Feature: entry.Consequence.split("&") for entry in prediction.entries}
    assert "feature_truncation" in terms["T1"]
    assert {len(text.split("|")) for text in prediction.texts} == {32}
    assert "," not in "".join(prediction.texts)


def test_a_type_of_copy_number_is_taken_from_svtype(predictor: Predictor) -> None:
    assert _terms(predictor, "<CNV>", 20, 280, "DEL") == "transcript_ablation"
    assert _terms(predictor, "<CNV>", 20, 280, "dup") == "transcript_amplification"
    assert _terms(predictor, "<WHAT>", 20, 280, "DEL") == "transcript_ablation"


@pytest.mark.parametrize("alt", ["*", "<*>", "<NON_REF>", ".", "<X>", "<WHAT>", "A", "?"])
def test_of_an_alt_that_says_nothing_nothing_is_predicted(predictor: Predictor, alt: str) -> None:
    prediction = predictor.predict("7", 130, "A", alt, end=140)
    assert prediction == NOTHING
    assert csq_text(prediction) == ""


def test_places_and_names(predictor: Predictor) -> None:
    coding, noncoding = predictor.predict("7", 55, "A", "<DEL>", end=125).entries
    assert (coding.Allele, coding.EXON, coding.INTRON) == ("deletion", "1-2/3", "1/2")
    assert (coding.cDNA_position, coding.CDS_position, coding.Protein_position) == (
        "26-35",
        "16-25",
        "6-9",
    )
    assert coding.HGVSc == coding.HGVSp == coding.Amino_acids == coding.Codons == ""
    assert "intron_variant" in coding.Consequence.split("&")
    assert (noncoding.Feature, noncoding.INTRON, noncoding.EXON) == ("T2", "1/1", "2/2")


def test_far_from_any_gene(tmp_path: Path) -> None:
    near = golden(tmp_path, "structural")
    (entry,) = near.predict("7", 20_000, "A", "<DEL>", end=20_100).entries
    assert (entry.Consequence, entry.Feature, entry.NEAREST) == (
        "intergenic_variant",
        "",
        "GENE2",
    )


@pytest.mark.parametrize(
    ("alt", "end", "wanted"),
    [
        ("<DEL>", 20, (11, 20)),
        ("<DEL>", None, (10, 10)),
        ("<DEL>", 3, (10, 10)),
        ("<INS>", 20, (11, 10)),
        ("A[2:5[", 20, (10, 10)),
    ],
)
def test_where_an_event_lies(alt: str, end: int | None, wanted: tuple[int, int]) -> None:
    event = event_of(10, "A", alt, end=end, svtype="")
    assert event is not None
    assert (event.start, event.end) == wanted
