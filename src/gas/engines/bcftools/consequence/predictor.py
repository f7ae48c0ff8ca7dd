"""Consequences of variants, as Ensembl VEP 115 tells them from a GFF3 and a FASTA.

For each ALT: what it does to every transcript within 5,000 bases of it. Made for records sorted
by position; any order works.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from gas.engines.bcftools.consequence.alike import Alike, alone
from gas.engines.bcftools.consequence.bases import ChunkedGenome
from gas.engines.bcftools.consequence.fields import NO_LENGTHS, NOTHING, Prediction
from gas.engines.bcftools.consequence.scene import Nearby, NoTranscripts, Scene
from gas.engines.bcftools.consequence.stretch import Change
from gas.engines.bcftools.consequence.structural import event_of, structural
from gas.engines.bcftools.consequence.variant import Genome, from_vcf

FLANK_BASES = 5000
"""How far from a transcript a variant is still upstream or downstream of it."""
KEPT_SCENES = 4
FEWEST = 2
"""From so many records on it pays to say it of all together."""
BASES = frozenset("ACGT")
LETTERS = frozenset("ACGTUNRYSWKMBDHVacgtunryswkmbdhv")
NOT_SAID = frozenset({"*", "<*>", "<NON_REF>", ".", "X", "<X>"})
"""An overlapping deletion told elsewhere, or any other allele: nothing to predict."""


class Predictor:
    """`transcripts_of` gives the transcripts of a contig, or None if there are none."""

    def __init__(
        self,
        transcripts_of: Callable[[str], Nearby | None],
        genome: Genome,
        *,
        flank_bases: int = FLANK_BASES,
    ) -> None:
        self._transcripts_of = transcripts_of
        self._genome = genome
        self._flank_bases = flank_bases
        self._scenes: dict[str, Scene] = {}
        self._contig = ""
        self._scene: Scene | None = None

    def predict(
        self,
        contig: str,
        position: int,
        ref: str,
        alt: str,
        *,
        end: int | None = None,
        existing: str = "",
        svtype: str = "",
    ) -> Prediction:
        """Of one ALT of a record, as the VCF has it; `position` from 1.

        `end` and `svtype` are INFO/END and INFO/SVTYPE, for symbolic ALTs. `existing` goes into
        Existing_variation as it is, joined by '&'. Without entries nothing can be predicted.
        """
        scene = self._scene
        if scene is None or contig != self._contig:
            scene = self._enter(contig)
        if len(ref) == 1 and len(alt) == 1 and ref in BASES and alt in BASES and alt != ref:
            return scene.single_base(position, ref, alt, existing)
        if alt in NOT_SAID or alt == ref:
            return NOTHING
        if LETTERS.issuperset(alt) and LETTERS.issuperset(ref):
            variant = from_vcf(scene.genome, contig, position, ref.upper(), alt.upper())
            return scene.general(variant, existing)
        event = event_of(position, ref, alt, end=end, svtype=svtype)
        if event is None:
            return NOTHING
        return structural(scene, event, existing, self._flank_bases)

    def predict_all(
        self,
        contig: str,
        positions: Sequence[int],
        changes: Sequence[Change | None],
        existing: Sequence[str],
        one: Callable[[int], Prediction],
    ) -> list[Alike]:
        """What `predict` says of each of many records on a contig, whose `positions` ascend. Of
        those that are no change of a single base `one` predicts, by their place."""
        scene = self._scene
        if scene is None or contig != self._contig:
            scene = self._enter(contig)
        found: list[Alike] = []
        start = 0
        while start < len(positions):
            end = start
            if changes[start] is not None:
                end = bisect_right(positions, scene.reach(positions[start]), start)
            others: Sequence[int] = range(start, max(end, start + 1))
            if end - start >= FEWEST:
                plain = [at for at in others if changes[at] is not None]
                same = scene.together(
                    [positions[at] for at in plain],
                    [change for at in plain if (change := changes[at])],
                    [existing[at] for at in plain],
                )
                if same is not None:
                    found.append(Alike(plain, *same))
                    others = [at for at in others if changes[at] is None]
            found += [alone(at, one(at)) for at in others]
            start = max(end, start + 1)
        return found

    @property
    def lengths(self) -> Mapping[str, tuple[int, int, int]]:
        """Of the transcripts of the present contig: what `fields.ann_text` takes."""
        return self._scene.lengths if self._scene is not None else NO_LENGTHS

    def _enter(self, contig: str) -> Scene:
        scene = self._scenes.get(contig)
        if scene is None:
            transcripts = self._transcripts_of(contig) or NoTranscripts()
            genome = ChunkedGenome(self._genome)
            if len(self._scenes) >= KEPT_SCENES:
                del self._scenes[next(iter(self._scenes))]
            scene = Scene(contig, transcripts, genome, flank_bases=self._flank_bases)
            self._scenes[contig] = scene
        self._contig, self._scene = contig, scene
        return scene
