"""Alleles of all sizes anywhere on the golden genomes: whole entries, no surprise."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engines.consequence_rig import GOLDEN, TextGenome, golden
from gas.engines.bcftools.consequence.fields import ann_text
from gas.engines.bcftools.consequence.terms import RANK_BY_TERM

NAMES = sorted(path.name for path in GOLDEN.iterdir())
SYMBOLS = ("<DEL>", "<DUP>", "<INV>", "<INS>", "<CNV>", "<CN0>", "A[7:3[", "]7:5]A", "<*>", "*")
LENGTHS = (1, 1, 2, 3, 4, 6, 9, 20, 80, 200)


def _alt(dice: random.Random, ref: str) -> str:
    if dice.random() < 0.1:
        return dice.choice(SYMBOLS)
    alt = "".join(dice.choices("ACGTN", (8, 8, 8, 8, 1), k=dice.choice(LENGTHS[:8])))
    if dice.random() < 0.5:
        alt = ref[0] + alt[1:]
    return alt + ref[1:] if dice.random() < 0.3 else alt


@pytest.mark.parametrize("name", NAMES)
def test_any_allele_gets_entries_that_can_be_written(name: str, tmp_path: Path) -> None:
    predictor = golden(tmp_path, name)
    genome = TextGenome.of(GOLDEN / name / "genome.fa")
    ((contig, bases),) = genome.bases_by_contig.items()
    dice = random.Random(name)
    for _ in range(800):
        position = dice.randint(1, len(bases) + 3)
        last = min(position + dice.choice(LENGTHS) - 1, max(position, len(bases)))
        ref = genome.fetch(contig, position, last)
        alt = _alt(dice, ref)
        end = position + dice.randint(0, 300)
        prediction = predictor.predict(contig, position, ref, alt, end=end)
        for entry in prediction.entries:
            assert set(entry.Consequence.split("&")) <= set(RANK_BY_TERM)
            assert not set(",; =") & set("".join(entry)), (position, ref, alt)
        assert ann_text(prediction, alt, lengths=predictor.lengths).count("|") == 15 * len(
            prediction.texts
        )
