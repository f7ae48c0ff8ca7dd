"""What the tests of the predictor share: genomes and genes read from small files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gas.engines.bcftools.consequence.predictor import Predictor
from gas.engines.bcftools.consequence.store import Transcripts, write_transcripts
from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.genes.models import ContigShape, models_of
from gas.engines.bcftools.genes.reading import contigs_of
from gas.engines.bcftools.genes.rings import code_of

GOLDEN = Path(__file__).parent / "golden"


class TextGenome:
    """Of bases by contig."""

    def __init__(self, bases_by_contig: dict[str, str]) -> None:
        self.bases_by_contig = bases_by_contig

    @classmethod
    def of(cls, path: Path) -> TextGenome:
        found: dict[str, str] = {}
        for record in path.read_text().split(">")[1:]:
            name, _, bases = record.partition("\n")
            found[name.split()[0]] = "".join(bases.split()).upper()
        return cls(found)

    def fetch(self, contig: str, start: int, end: int) -> str:
        bases = self.bases_by_contig.get(contig, "")
        before = "N" * max(0, min(end, 0) - start + 1)
        inside = bases[max(start, 1) - 1 : max(end, 0)]
        return (before + inside).ljust(max(0, end - start + 1), "N")


class IndexedGenome:
    """Of a FASTA that is too large for memory."""

    def __init__(self, path: Path) -> None:
        import pysam

        self._file: Any = pysam.FastaFile(str(path))

    def fetch(self, contig: str, start: int, end: int) -> str:
        first = max(start, 1)
        bases = str(self._file.fetch(contig, first - 1, max(end, first - 1))).upper()
        before = "N" * (min(end, 0) - start + 1) if start < 1 else ""
        return (before + bases).ljust(end - start + 1, "N")


def transcripts_of(path: Path, bases_by_contig: dict[str, int]) -> dict[str, list[Transcript]]:
    """Of a GFF3, by contig."""
    found: dict[str, list[Transcript]] = {}
    for contig in contigs_of(path, hashlib.sha256()):
        if contig.name in bases_by_contig:
            code = code_of((contig.name, *contig.aliases))
            shape = ContigShape(bases_by_contig[contig.name], circular=False, code=code)
            found[contig.name] = list(models_of(contig.features, shape).transcripts)
    return found


def stored(folder: Path, name: str, transcripts: Iterable[Transcript]) -> Transcripts:
    path = folder / f"{name}.transcripts"
    write_transcripts(path, transcripts)
    return Transcripts.open(path)


def predictor_of(folder: Path, genome: TextGenome, genes: Path) -> Predictor:
    """`folder` is for what is written on the way."""
    lengths = {name: len(bases) for name, bases in genome.bases_by_contig.items()}
    stores = {
        name: stored(folder, f"{at}", transcripts)
        for at, (name, transcripts) in enumerate(transcripts_of(genes, lengths).items())
    }
    return Predictor(stores.get, genome)


def golden(folder: Path, name: str) -> Predictor:
    genome = TextGenome.of(GOLDEN / name / "genome.fa")
    return predictor_of(folder, genome, GOLDEN / name / "genes.gff3")


def normalised(
    genome: TextGenome | IndexedGenome, contig: str, position: int, ref: str, alt: str
) -> tuple[int, str, str]:
    """Trimmed and moved to the left, as `bcftools norm` leaves it."""
    while ref != alt and ref[-1] == alt[-1] and (min(len(ref), len(alt)) > 1 or position > 1):
        if min(len(ref), len(alt)) == 1:
            base = genome.fetch(contig, position - 1, position - 1)
            ref, alt, position = base + ref, base + alt, position - 1
        ref, alt = ref[:-1], alt[:-1]
    while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
        ref, alt, position = ref[1:], alt[1:], position + 1
    return position, ref, alt
