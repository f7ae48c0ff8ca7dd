"""bcftools csq on real variants of chr21, as a second opinion on the predictor.

csq runs in a child: it can take Python down with it.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from data import shared
from engines.consequence_rig import IndexedGenome, stored, transcripts_of
from engines.peer_terms import folded, substitution, told
from gas.engines.bcftools.consequence.predictor import Predictor

CHILD = """
import sys
import pysam.bcftools
getattr(pysam.bcftools, sys.argv[1])(*sys.argv[2:], catch_stdout=False)
"""
INCOMPLETE = {"ENST00000460679", "ENST00000448850", "ENST00000415997"}
"""Their CDS begins within a codon: csq counts from the first whole one, Ensembl from the part."""


def _bcftools(*arguments: str | Path, target: Path) -> None:
    with target.open("wb") as out:
        command = [sys.executable, "-c", CHILD, *map(str, arguments)]
        subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, check=True, timeout=120)


def _compared(source: Path, folder: Path) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    fasta, genes = shared("human_chr21/chr21.fa.gz"), shared("human_chr21/chr21.gff3.gz")
    split, said = folder / "split.vcf", folder / "said.vcf"
    _bcftools("norm", "-m", "-any", "-c", "w", "-f", fasta, source, target=split)
    _bcftools(
        "csq", "-l", "--force", "-G", "1", "-v", "0", "-f", fasta, "-g", genes, split, target=said
    )
    transcripts = transcripts_of(genes, {"21": 46_709_983})["21"]
    store = stored(folder, "21", transcripts)
    predictor = Predictor(lambda _: store, IndexedGenome(fasta))
    counts: Counter[str] = Counter()
    differences: Counter[tuple[str, str]] = Counter()
    for raw in said.read_text().splitlines():
        if raw.startswith("#") or "BCSQ=" not in raw:
            continue
        parts = raw.split("\t")
        text = parts[7].partition("BCSQ=")[2].partition(";")[0]
        prediction = predictor.predict("21", int(parts[1]), parts[3], parts[4])
        entries = {entry.Feature: entry for entry in prediction.entries}
        for transcript, one in told(text).items():
            counts["compared"] += 1
            entry = entries[transcript]
            if folded(entry) != one.terms:
                theirs, ours = one.terms - folded(entry), folded(entry) - one.terms
                differences["&".join(sorted(theirs)), "&".join(sorted(ours))] += 1
            elif len(parts[3]) == len(parts[4]) == 1 and entry.Amino_acids and one.amino_acids:
                counts["amino acids"] += 1
                if substitution(entry) != one.amino_acids:
                    counts["numbered otherwise"] += 1
                    assert transcript in INCOMPLETE
    return counts, differences


def test_on_a_person_both_say_the_same(tmp_path: Path) -> None:
    counts, differences = _compared(shared("human_chr21/na12878_slice.vcf.gz"), tmp_path)
    assert counts["compared"] >= 18
    assert not differences
    assert not counts["numbered otherwise"]


@pytest.mark.slow
def test_on_known_variants_all_that_differs_is_explained(tmp_path: Path) -> None:
    counts, differences = _compared(shared("human_chr21/known_slice.vcf.gz"), tmp_path)
    assert counts["compared"] > 8_000
    assert counts["amino acids"] > 4_000
    explained = {
        ("feature_elongation", ""),  # csq's word for a replacement in an intron that is longer
        ("feature_elongation", "non_coding_transcript_variant"),
        ("feature_truncation", ""),  # and for one that is shorter
        ("feature_truncation", "non_coding_transcript_variant"),
        ("stop_gained", ""),  # the first new residue of a frameshift is far behind it
        # The end of the CDS goes, and what follows is a stop again:
        ("coding_sequence_variant", "stop_retained_variant"),
    }
    assert set(differences) <= explained


def test_what_vep_says_of_two_variants_of_its_own_examples(tmp_path: Path) -> None:
    genes = shared("human_chr21/chr21.gff3.gz")
    store = stored(tmp_path, "21", transcripts_of(genes, {"21": 46_709_983})["21"])
    genome = IndexedGenome(shared("human_chr21/chr21.fa.gz"))
    predictor = Predictor(lambda contig: store, genome)
    first = {e.Feature: e for e in predictor.predict("21", 25_585_733, "C", "T").entries}
    missense = first["ENST00000352957"]
    assert missense.Consequence == "missense_variant"
    assert missense.HGVSc.endswith(":c.991G>A")
    assert missense.HGVSp.endswith(":p.Ala331Thr")
    assert (missense.cDNA_position, missense.Codons) == ("1033", "Gca/Aca")
    untranslated = first["ENST00000307301"]
    assert untranslated.Consequence == "3_prime_UTR_variant"
    assert untranslated.HGVSc.endswith(":c.*18G>A")
    assert untranslated.cDNA_position == "1122"
    assert first["ENST00000567517"].DISTANCE == "2407"
    second = {e.Feature: e for e in predictor.predict("21", 25_587_758, "G", "A").entries}
    changed = second["ENST00000307301"]
    assert (changed.Amino_acids, changed.Codons) == ("T/M", "aCg/aTg")
    assert (changed.cDNA_position, changed.CDS_position) == ("1043", "1001")
    assert second["ENST00000567517"].DISTANCE == "4432"
