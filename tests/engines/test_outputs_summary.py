"""Summary and count log: every number is the one that can be counted by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engines.streams import NOTHING, Row, Said, Stream, entry, line, stream
from gas.domain.counts import groups
from gas.engines.bcftools.outputs.finish import COUNTED
from gas.engines.bcftools.outputs.located import Located, places_of
from gas.engines.bcftools.outputs.samples import HET, HOM, MISSING, REFERENCE, genotype_class
from gas.engines.bcftools.outputs.summary import Taking


def said(*consequences: str, severe: str, impact: str) -> Said:
    return Said(tuple(entry(Consequence=text) for text in consequences), severe, impact)


INTERGENIC = said("intergenic_variant", severe="intergenic_variant", impact="MODIFIER")
MISSENSE = said(
    "missense_variant",
    "missense_variant&splice_region_variant",
    "intron_variant",
    severe="missense_variant",
    impact="MODERATE",
)
KNOWN = {"dbsnp": ["DBSNP"], "clinvar": ["CLINVAR", "CLNSIG"]}


def variant(ref: str, alt: str, *genotypes: str, **values: str) -> bytes:
    columns = [values.get("contig", "1"), 1, values.get("id", "."), ref, alt]
    columns += [values.get("quality", "."), "PASS", values.get("info", ".")]
    return line(*columns, *(["GT", *genotypes] if genotypes else []))


@pytest.fixture
def made(tmp_path: Path) -> Stream:
    rows: list[Row] = [
        (variant("A", "G", "0/1", "1/1", quality="9.9"), MISSENSE),
        (variant("a", "c", "1|1", "./.", quality="10", id="x;rs7"), INTERGENIC),
        (variant("A", "AT", "0/1", "0/0", quality="5000", info="DBSNP"), INTERGENIC),
        (variant("A" * 80, "A", "1", ".", info="CLINVAR;CLNSIG=Pathogenic,risk|risk"), MISSENSE),
        (variant("A", "*", "0/1", "0/1", contig="2"), NOTHING),
        (variant("N", "T", "0/0", "0/1", contig="2", info="CLINVAR;CLNSIG=Benign/x"), INTERGENIC),
    ]
    one = stream(tmp_path, *rows, samples=["ANN", "BEN"], infos=["CLNSIG,.,String"], known=KNOWN)
    return replace(one, taking=Taking("a.vcf", "demo", 5, {"BAD_POS": 2, "BAD_ALT": 1})).made()


def test_records_in_are_annotated_or_rejected(made: Stream) -> None:
    assert made.summary["records"] == {
        "in": 8,
        "annotated": 5,
        "rejected": {"BAD_ALT": 1, "BAD_POS": 2},
        "written": 6,
    }


def test_variants_are_counted_by_what_they_are(made: Stream) -> None:
    told = made.summary
    assert told["format"] == 1
    assert told["contigs"] == {"1": 4, "2": 2}
    assert told["types"] == {"snv": 3, "del": 1, "ins": 1, "overlap": 1}
    assert (told["transitions"], told["transversions"], told["ts_tv"]) == (1, 1, 1.0)
    assert told["indel_lengths"] == {"length": [-51, 1], "records": [1, 1]}
    quality = dict(zip(told["quality"]["from"], told["quality"]["records"], strict=True))
    assert (quality[0], quality[10], quality[1000], told["quality"]["missing"]) == (1, 1, 1, 3)


def test_variants_are_counted_by_what_they_do(made: Stream) -> None:
    told = made.summary
    assert told["most_severe"] == {"intergenic_variant": 3, "missense_variant": 2}
    assert told["impacts"] == {"MODIFIER": 3, "MODERATE": 2}
    assert told["consequences"] == {
        "intergenic_variant": 3,
        "intron_variant": 2,
        "missense_variant": 2,
        "splice_region_variant": 2,
    }
    places = {place: count for place, count in told["places"].items() if count}
    assert places == {"interGenic": 4, "CDS": 2, "Splice": 2, "Intronic": 2}


def test_known_variants_are_counted_by_source(made: Stream) -> None:
    told = made.summary
    assert told["known"] == {
        "known": 4,
        "novel": 2,
        "in_dbsnp": 2,
        "sources": {"dbsnp": 1, "clinvar": 2},
    }
    assert told["clinvar"] == {"Benign/x": 1, "Pathogenic": 1, "risk": 1}


def test_each_sample_is_counted(made: Stream) -> None:
    ann, ben = made.summary["samples"]
    assert ann == {
        "name": "ANN",
        "variants": 4,
        "het": 2,
        "hom": 2,
        "het_hom": 1.0,
        "reference": 1,
        "missing": 0,
        "transitions": 1,
        "transversions": 1,
        "ts_tv": 1.0,
        "indels": 2,
    }
    assert (ben["variants"], ben["het"], ben["hom"], ben["missing"]) == (2, 1, 1, 2)
    assert ben["indels"] == 0


def test_the_count_log_has_total_places_and_sources(made: Stream) -> None:
    lines = made.paths.count_log.read_text().splitlines()
    assert lines[2:4] == ["Total: 6", "In dbSNP: 2 (33.3%)"]
    located = lines[lines.index("Variants located:") + 1 : lines.index("Consequences:")]
    assert located[:2] == ["interGenic: 4", "CDS: 2"]
    assert "missense_variant: 2" in lines
    assert lines[-2:] == ["In dbsnp: 1", "In clinvar: 2"]


def test_counts_for_a_page_fall_into_groups(made: Stream) -> None:
    counts = json.loads((made.folder / COUNTED).read_text())
    found = groups((name, count) for name, count in counts)
    assert list(found) == ["", "Located", "Consequence", "In"]
    assert found[""] == [("Total", 6), ("In dbSNP", 2)]
    assert ("CDS", 2) in found["Located"]
    assert found["In"] == [("dbsnp", 1), ("clinvar", 2)]


def test_a_thousand_samples_are_counted_each_for_itself(tmp_path: Path) -> None:
    names = [f"S{number}" for number in range(1000)]

    def genotypes(record: int) -> list[str]:
        return [("0/0", "0/1", "1|1", "./.")[(number + record) % 4] for number in range(1000)]

    rows = [(variant("A", "G", *genotypes(record)), NOTHING) for record in range(40)]
    made = stream(tmp_path, *rows, samples=names).made()
    for sample in made.summary["samples"]:
        counts = [sample[what] for what in ("reference", "het", "hom", "missing", "transitions")]
        assert counts == [10, 10, 10, 10, 20]
    assert made.row("samples_het, samples_hom, samples_missing, gt") == (250, 250, 250, "0/0")


def test_of_very_many_samples_the_first_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gas.engines.bcftools.outputs.plan.MOST_SAMPLES", 1)
    row = variant("A", "G", "0/1", "1/1", "0/0")
    made = stream(tmp_path, (row, NOTHING), samples=["A", "B", "C"]).made()
    (only,) = made.summary["samples"]
    assert (only["name"], only["variants"], made.summary["more_samples"]) == ("A", 1, 2)
    assert made.row("samples_het, samples_hom, gt") == (1, 1, "0/1")


@pytest.mark.parametrize(
    ("genotype", "expected"),
    [
        ("0/1", HET),
        ("1|0", HET),
        ("./1", HET),
        ("1/1/0", HET),
        ("1", HOM),
        ("1|1", HOM),
        ("|1", HOM),
        ("0/0", REFERENCE),
        ("0", REFERENCE),
        ("./.", MISSING),
        ("0/.", MISSING),
        (".", MISSING),
        ("", MISSING),
    ],
)
def test_a_genotype_is_of_one_class(genotype: str, expected: int) -> None:
    assert genotype_class(genotype.encode()) == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ((), {"interGenic"}),
        (("stop_gained&splice_region_variant",), {"CDS", "Splice"}),
        (
            ("intron_variant", "intron_variant&non_coding_transcript_variant"),
            "Intronic Non_coding_intronic",
        ),
        (("non_coding_transcript_exon_variant",), {"Non_coding_exonic"}),
        (("5_prime_UTR_variant&NMD_transcript_variant",), {"5' UTR"}),
        (("upstream_gene_variant", "downstream_gene_variant"), {"Upstream", "Downstream"}),
        (("transcript_ablation",), {"Whole transcript"}),
        (("feature_elongation&coding_sequence_variant",), {"CDS"}),
    ],
)
def test_terms_say_where_a_record_lies(terms: tuple[str, ...], expected: set[str] | str) -> None:
    wanted = set(expected.split()) if isinstance(expected, str) else expected
    assert places_of(terms) == wanted


def test_counting_forgets_texts_but_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gas.engines.bcftools.outputs.located.MOST_KEPT", 3)
    located = Located()
    for number in range(100):
        terms = (f"term{number % 7}", "b&b")
        assert located.text(terms) == f"term{number % 7}&b"
        located.add(terms)
    assert located.consequences()["b"] == 100
    assert sum(located.consequences().values()) == 200
    assert located.places()["CDS"] == 100
