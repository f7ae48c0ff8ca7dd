"""One record as it is delivered: with CSQ, under the file's names, and told to the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import gt, itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from gas.engines.bcftools.consequence.alike import Alike
from gas.engines.bcftools.consequence.fields import Prediction, ann_text
from gas.engines.bcftools.consequence.predictor import Predictor
from gas.engines.bcftools.consequence.store import Transcripts
from gas.engines.bcftools.consequence.stretch import CHANGES
from gas.engines.bcftools.headers import RECORD
from gas.engines.bcftools.outputs.feed import TableFeed

MADE_OF = f"{RECORD}=".encode()
UNSORTED = "records are not sorted"
TOGETHER = 256
"""Records that go from step to step together: of more, the text does not stay in the fast memory
of a core."""


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
        self.passed = Passed([], 0, 0)
        """Of the lines that were written last."""

    def written(self, text: bytes) -> bytes:
        """The records of some whole lines as they are delivered. ValueError UNSORTED if one comes
        before the one before it."""
        lines = text.split(b"\n")
        lines.pop()
        self._contigs: list[bytes] = []
        self._raw, self._first, self._position = b"", -1, 0
        mends = self._as_it_was in text
        parts = [
            self._part([line.split(b"\t", 9) for line in lines[at : at + TOGETHER]], mends=mends)
            for at in range(0, len(lines), TOGETHER)
        ]
        self.passed = Passed(self._contigs, self._first, self._position)
        return b"".join(parts)

    def _part(self, rows: list[list[bytes]], *, mends: bool) -> bytes:
        """`mends`: QUAL of some is in INFO."""
        contigs = [row[0] for row in rows]
        if contigs.count(contigs[0]) == len(rows):
            return self._on_contig(rows, mends=mends)
        groups = groupby(rows, key=itemgetter(0))
        return b"".join([self._on_contig(list(group), mends=mends) for _, group in groups])

    def _on_contig(self, rows: list[list[bytes]], *, mends: bool) -> bytes:
        self._enter(rows[0][0])
        positions = [int(row[1]) for row in rows]
        if any(map(gt, (self._position, *positions), positions)):
            raise ValueError(UNSORTED)
        self._first = positions[0] if self._first < 0 else self._first
        self._position = positions[-1]
        existing = [self._existing(row[7]) for row in rows] if self._ids else [""] * len(rows)
        alike = self._predictor.predict_all(
            self._contig,
            positions,
            [CHANGES.get((row[3], row[4])) for row in rows],
            existing,
            lambda at: self._predict(positions[at], rows[at], existing[at]),
        )
        csqs = [b""] * len(rows)
        for same in alike:
            for place, csq in zip(same.places, same.csq(), strict=False):
                csqs[place] = csq.encode()
        if mends or self._renamed or self._name != self._raw:
            for row in rows:
                self._mend(row)
        self._feed.extend(rows, csqs, alike)  # before CSQ makes INFO long to search
        for row, value in zip(rows, csqs, strict=True):
            if value:
                row[7] = b"CSQ=" + value if row[7] == b"." else row[7] + b";CSQ=" + value
        if self._told.ann:
            self._add_ann(rows, alike)
        return b"\n".join([b"\t".join(row) for row in rows]) + b"\n"

    def _enter(self, raw: bytes) -> None:
        if raw == self._raw:
            return
        if raw in self._contigs:
            raise ValueError(UNSORTED)
        self._contigs.append(raw)
        self._position = 0
        self._raw, self._contig = raw, raw.decode()
        self._name = self._told.name_by_contig.get(self._contig, self._contig).encode()

    def _mend(self, row: list[bytes]) -> None:
        """The record as the file had it."""
        info = row[7]
        if self._as_it_was in info:
            row[5], info = _own_quality(info, self._as_it_was)
        if self._renamed:
            info = self._with_new_names(info)
        if self._name != self._raw:
            info = info.replace(b"%s%s|" % (MADE_OF, self._raw), b"%s%s|" % (MADE_OF, self._name))
        row[0], row[7] = self._name, info

    def _predict(self, position: int, fields: Sequence[bytes], existing: str) -> Prediction:
        ref, alt = fields[3].decode(), fields[4].decode()
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

    def _add_ann(self, rows: list[list[bytes]], alike: Sequence[Alike]) -> None:
        lengths = self._predictor.lengths
        for same in alike:
            for place, texts in zip(same.places, zip(*same.entries, strict=True), strict=False):
                row = rows[place]
                ann = ann_text(Prediction(texts, same.verdict), row[4].decode(), lengths=lengths)
                row[7] += b";ANN=" + ann.encode()

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
