"""One record as it is delivered: with CSQ, under the file's names, and told to the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gas.engines.bcftools.consequence.fields import Prediction, ann_text
from gas.engines.bcftools.consequence.predictor import Predictor
from gas.engines.bcftools.consequence.store import Transcripts
from gas.engines.bcftools.headers import RECORD
from gas.engines.bcftools.outputs.feed import TableFeed

MADE_OF = f"{RECORD}=".encode()
UNSORTED = "records are not sorted"


class Passed(NamedTuple):
    """Which way some records in a row went."""

    contigs: Sequence[bytes]
    first_position: int
    """On the first of them."""
    last_position: int
    """On the last."""


@dataclass(frozen=True, slots=True)
class DeliverSpec:
    """What the stage is told."""

    target_path: Path
    header_path: Path
    """Of the results, whole."""
    feed_folder: Path
    genome_path: Path
    transcripts_paths: Mapping[str, Path]
    """By the reference's contig."""
    name_by_contig: Mapping[str, str]
    """The file's name for it."""
    renamed: Mapping[str, str]
    """INFO fields that get another name."""
    id_fields: Sequence[str]
    """INFO fields with identifiers of known variants."""
    known: Mapping[str, Sequence[str]]
    """INFO fields by source, its mark first."""
    ann: bool
    quality_key: str
    """INFO field that has QUAL as the input wrote it."""


class RecordWriter:
    def __init__(self, told: DeliverSpec, genome: Any, feed: TableFeed) -> None:
        self._told = told
        self._feed = feed
        self._predictor = Predictor(self._transcripts_of, _Bases(genome))
        self._renamed = {key.encode(): new.encode() for key, new in told.renamed.items()}
        self._ids = [f";{name}=".encode() for name in told.id_fields]
        self._as_it_was = f"{told.quality_key}=".encode()
        self._raw = b""
        self._contig = ""
        self._name = b""
        self._position = 0
        self.passed = Passed([], 0, 0)
        """Of the lines that were written last."""

    def written(self, lines: Sequence[bytes]) -> bytes:
        """The records as they are delivered. ValueError UNSORTED if one comes before the one
        before it."""
        if not lines:
            self.passed = Passed([], 0, 0)
            return b""
        self._raw, self._position = b"", 0
        self._contigs: list[bytes] = []
        text = b"".join([self._written(line) for line in lines])
        first = int(lines[0].split(b"\t", 2)[1])
        self.passed = Passed(self._contigs, first, self._position)
        return text

    def _written(self, line: bytes) -> bytes:
        fields = line.split(b"\t", 9)
        position = int(fields[1])
        if fields[0] != self._raw:
            self._enter(fields[0])
        elif position < self._position:
            raise ValueError(UNSORTED)
        self._position = position
        prediction = self._predict(position, fields)
        csq = ",".join(prediction.texts).encode()
        info = fields[7]
        if self._as_it_was in info:
            fields[5], info = _own_quality(info, self._as_it_was)
        if self._renamed:
            info = self._with_new_names(info)
        if self._name != self._raw:  # the record as the file had it
            info = info.replace(b"%s%s|" % (MADE_OF, self._raw), b"%s%s|" % (MADE_OF, self._name))
        fields[0], fields[7] = self._name, info
        self._feed.append(fields, csq, prediction)  # before CSQ makes INFO long to search
        if csq:
            info = b"CSQ=" + csq if info == b"." else info + b";CSQ=" + csq
            if self._told.ann:
                info += b";ANN=" + self._ann(prediction, fields[4])
            fields[7] = info
        return b"\t".join(fields) + b"\n"

    def _enter(self, raw: bytes) -> None:
        if raw in self._contigs:
            raise ValueError(UNSORTED)
        self._contigs.append(raw)
        self._raw, self._contig = raw, raw.decode()
        self._name = self._told.name_by_contig.get(self._contig, self._contig).encode()

    def _predict(self, position: int, fields: Sequence[bytes]) -> Prediction:
        ref, alt = fields[3].decode(), fields[4].decode()
        existing = self._existing(fields[7]) if self._ids else ""
        if alt[0] != "<" and "[" not in alt and "]" not in alt:
            return self._predictor.predict(self._contig, position, ref, alt, existing=existing)
        info = b";" + fields[7]
        end = _value(info, b";END=")
        return self._predictor.predict(
            self._contig,
            position,
            ref,
            alt,
            end=int(end) if end.isdigit() else None,
            existing=existing,
            svtype=_value(info, b";SVTYPE=").decode(),
        )

    def _existing(self, info: bytes) -> str:
        info = b";" + info
        found = b",".join(filter(None, (_value(info, key) for key in self._ids)))
        return found.decode().replace(",", "&") if found else ""

    def _ann(self, prediction: Prediction, alt: bytes) -> bytes:
        return ann_text(prediction, alt.decode(), lengths=self._predictor.lengths).encode()

    def _with_new_names(self, info: bytes) -> bytes:
        parts = [part.partition(b"=") for part in info.split(b";")]
        return b";".join(self._renamed.get(key, key) + mark + value for key, mark, value in parts)

    def _transcripts_of(self, contig: str) -> Transcripts | None:
        path = self._told.transcripts_paths.get(contig)
        return Transcripts.open(path) if path else None


class _Bases:
    """The genome as the predictor asks for it: from 1, ends included, N outside."""

    def __init__(self, genome: Any) -> None:
        self._genome = genome

    def fetch(self, contig: str, start: int, end: int) -> str:
        length = self._genome.get_reference_length(contig)
        inside: str = self._genome.fetch(contig, max(start - 1, 0), min(max(end, 0), length))
        before, after = max(1 - start, 0), max(end - max(length, start - 1), 0)
        bases: str = "N" * min(before, end - start + 1) + inside.upper() + "N" * after
        return bases


def _own_quality(info: bytes, as_it_was: bytes) -> tuple[bytes, bytes]:
    """QUAL as the input wrote it, and INFO without it."""
    parts = info.split(b";")
    own = next(part for part in parts if part.startswith(as_it_was))
    parts.remove(own)
    return own[len(as_it_was) :], b";".join(parts) or b"."


def _value(info: bytes, key: bytes) -> bytes:
    """Of INFO with a ';' in front; empty if it is not there."""
    at = info.find(key)
    if at < 0:
        return b""
    at += len(key)
    end = info.find(b";", at)
    return info[at:] if end < 0 else info[at:end]
