"""The short cuts for single bases and for what lies deep in introns give the general answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import shared
from engines.consequence_rig import GOLDEN, IndexedGenome, TextGenome, golden, stored
from engines.gene_lines import read
from gas.engines.bcftools.consequence.alike import Alike
from gas.engines.bcftools.consequence.fields import CSQ_FIELDS, Prediction
from gas.engines.bcftools.consequence.predictor import Predictor
from gas.engines.bcftools.consequence.scene import Scene
from gas.engines.bcftools.consequence.small import outcome
from gas.engines.bcftools.consequence.stretch import CHANGES
from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.consequence.variant import Variant, from_vcf

FOLDERS = ("forward", "reverse", "incomplete", "selenocysteine", "mitochondrion", "slippage")


def _scene(predictor: Predictor) -> Scene:
    scene = predictor._scene
    assert scene is not None
    return scene


@pytest.mark.parametrize("name", [*FOLDERS, "noncoding", "open_end", "short_intron", "structural"])
def test_every_single_base_fares_as_in_the_general_way(name: str, tmp_path: Path) -> None:
    predictor = golden(tmp_path, name)
    ((contig, bases),) = TextGenome.of(GOLDEN / name / "genome.fa").bases_by_contig.items()
    for position, ref in enumerate(bases, start=1):
        for alt in set("ACGT") - {ref}:
            short = predictor.predict(contig, position, ref, alt, existing="rs1")
            scene = _scene(predictor)
            variant = Variant(scene.genome, contig, position, ref, alt)
            assert short == scene.general(variant, "rs1"), (position, ref, alt)


@pytest.mark.parametrize("name", [*FOLDERS, "noncoding", "short_intron", "structural"])
@pytest.mark.parametrize("step", [1, 3])
def test_many_at_once_fare_as_each_alone(name: str, step: int, tmp_path: Path) -> None:
    predictor, alone = golden(tmp_path, name), golden(tmp_path, name)
    ((contig, bases),) = TextGenome.of(GOLDEN / name / "genome.fa").bases_by_contig.items()
    positions = list(range(1, len(bases) + 1, step))
    refs = [bases[at - 1] if at % 97 else "ACGT"["TGCA".index(bases[at - 1])] for at in positions]
    alts = ["ACGT"["ACGT".index(ref) - at % 5] for ref, at in zip(refs, positions, strict=True)]
    existing = ["rs1" if at % 3 else "" for at in positions]

    def one(at: int) -> Prediction:
        return alone.predict(contig, positions[at], refs[at], alts[at], existing=existing[at])

    pairs = zip(refs, alts, strict=True)
    changes = [CHANGES.get((ref.encode(), alt.encode())) for ref, alt in pairs]
    told = {
        place: Prediction(texts, same.verdict)
        for same in predictor.predict_all(contig, positions, changes, existing, one)
        for place, texts in zip(same.places, _by_record(same), strict=True)
    }
    assert told == {at: one(at) for at in range(len(positions))}


def _by_record(same: Alike) -> list[tuple[str, ...]]:
    return list(zip(*same.entries, strict=True)) or [()] * len(same.places)


def test_an_mrna_with_two_proteins_has_both(tmp_path: Path) -> None:
    genes = """
        1 . gene 11 130 . + . ID=gene:G;biotype=protein_coding
        1 . mRNA 11 130 . + . ID=transcript:A;Parent=gene:G
        1 . exon 11 130 . + . Parent=transcript:A
        1 . CDS 21 80 . + 0 ID=CDS:P;Parent=transcript:A;protein_id=P
        1 . CDS 31 120 . + 0 ID=CDS:Q;Parent=transcript:A;protein_id=Q
        """
    genome = TextGenome({"1": "ATG" * 100})
    store = stored(tmp_path, "two", read(tmp_path, genes, bases=300).transcripts)
    predictor = Predictor({"1": store}.get, genome)
    for position in (25, 26, 100):  # of the first alone, of both, of the second alone
        bases = genome.fetch("1", position, position)
        entries = predictor.predict("1", position, bases, "C").texts
        told = {
            entry.split("|")[CSQ_FIELDS.index("ENSP")]: entry.split("|")[1] for entry in entries
        }
        assert set(told) == {"P", "Q"}, entries
        coding = {name for name, terms in told.items() if "UTR" not in terms}
        assert coding == {
            name
            for name, first, last in (("P", 21, 80), ("Q", 31, 120))
            if first <= position <= last
        }


def _introns_of(lengths: list[int], strand: int) -> tuple[Transcript, str]:
    """A transcript with introns of these lengths between exons of 7 bases, all of it CDS."""
    bases, exons, at = "ACGT" * 10, [], 41
    for length in [*lengths, 0]:
        exons.append((at, at + 6))
        bases += "GATTACA" + "CAGT" * (length // 4) + "CAGT"[: length % 4]
        at += 7 + length
    cds = tuple(exons)
    transcript = Transcript(
        "T", "1", "G", "S", "", "", "protein_coding", strand, 41, at - 1, tuple(exons), cds,
        0, "P", "", frozenset(), "", 1, (), "made",
    )  # fmt: skip
    return transcript, bases + "ACGT" * 10


@pytest.mark.parametrize("strand", [1, -1])
@pytest.mark.parametrize(
    "lengths", [[1, 40], [12, 13, 14], [3, 5, 8], [20, 33, 34, 35], [2, 2, 60]]
)
def test_short_and_odd_introns_do_not_set_the_ways_apart(
    lengths: list[int], strand: int, tmp_path: Path
) -> None:
    transcript, bases = _introns_of(lengths, strand)
    store = stored(tmp_path, "odd", [transcript])
    predictor = Predictor(lambda _: store, TextGenome({"1": bases}))
    for position, ref in enumerate(bases, start=1):
        alt = "C" if ref == "A" else "A"
        short = predictor.predict("1", position, ref, alt)
        scene = _scene(predictor)
        variant = Variant(scene.genome, "1", position, ref, alt)
        assert short == scene.general(variant, ""), (position, ref, alt)


def test_insertions_and_deletions_deep_in_introns_fare_as_in_the_general_way(
    tmp_path: Path,
) -> None:
    transcript, bases = _introns_of([90, 121], -1)
    store = stored(tmp_path, "deep", [transcript])
    genome = TextGenome({"1": bases})
    predictor = Predictor(lambda _: store, genome)
    for position in range(45, transcript.end - 5):
        ref = bases[position - 1]
        for record in (
            (ref, ref + "CAGT"),
            (ref, ref + "A"),
            (bases[position - 1 : position + 4], ref),
            (bases[position - 1 : position + 1], "TTT"),
        ):
            entry = predictor.predict("1", position, *record).entries[0]
            scene = _scene(predictor)
            site = scene.site(transcript)
            variant = from_vcf(scene.genome, "1", position, *record)
            found = outcome(site.layout, site.sheet, variant, 5000)
            assert found is not None
            assert (entry.Consequence, entry.HGVSc) == (found.terms, found.hgvsc), record
            assert (found.intron, found.distance) == (entry.INTRON, entry.DISTANCE)


@pytest.mark.slow
def test_on_real_genes_both_ways_agree(tmp_path: Path) -> None:
    from engines.consequence_rig import transcripts_of

    genome = IndexedGenome(shared("human_chr21/chr21.fa.gz"))
    genes = transcripts_of(shared("human_chr21/chr21.gff3.gz"), {"21": 46_709_983})["21"]
    store = stored(tmp_path, "21", genes)
    predictor = Predictor(lambda _: store, genome)
    inside = [t for t in genes if t.end > 24_985_581 and t.start < 26_023_859]
    places = {
        place
        for transcript in inside
        for start, end in transcript.exons
        for place in (*range(start - 20, start + 6), *range(end - 6, end + 20))
    }
    compared = 0
    for position in sorted(places):
        ref = genome.fetch("21", position, position)
        if ref == "N":
            continue
        alt = "C" if ref == "A" else "A"
        short = predictor.predict("21", position, ref, alt)
        scene = _scene(predictor)
        assert short == scene.general(Variant(scene.genome, "21", position, ref, alt), "")
        compared += 1
    assert compared > 5_000
