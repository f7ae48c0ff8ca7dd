"""Records of which the same is said, so that it is said, counted and written once for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gas.engines.bcftools.consequence.fields import Prediction, Verdict


class Alike(NamedTuple):
    places: Sequence[int]
    """Which of the records that were asked for, from 0."""
    verdict: Verdict
    entries: Sequence[Sequence[str]]
    """Of CSQ: by transcript, then by record. Without any nothing can be predicted."""

    def csq(self) -> list[str]:
        """The value of INFO/CSQ for each record."""
        return [",".join(texts) for texts in zip(*self.entries, strict=True)]


def alone(place: int, prediction: Prediction) -> Alike:
    return Alike((place,), prediction.verdict, [(text,) for text in prediction.texts])
