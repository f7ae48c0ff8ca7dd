"""Goes through a file of genes, contig by contig, whatever its format.

Files list one contig after the other, so that one at a time is in memory. Where one comes back
later, the file is read again with all its lines held, packed: slower, and still small.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gas.engines.bcftools import gff, gtf
from gas.engines.bcftools.fasta import text_lines
from gas.engines.bcftools.genes.feature import PARTS, Feature, bad_genes

Line = tuple[int, bytes]
Parse = Callable[[bytes, int], Feature | None]
SEQUENCE = (b"##FASTA", b">")
"""Where a GFF3 goes over into the sequences themselves."""
PACK_BYTES = 1 << 20


class ContigCameBack(Exception):
    """Lines of a contig stand apart; nothing is wrong, but it cannot be read in one go."""


@dataclass(slots=True)
class ContigGenes:
    """All lines of one contig, under the name that the file gives it."""

    name: str
    features: list[Feature] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    circular: bool = False

    def add(self, feature: Feature) -> None:
        self.features.append(feature)
        if feature.kind not in PARTS and not feature.parents:
            self.aliases = gff.aliases_of(feature) or self.aliases
            self.circular = self.circular or gff.is_circular(feature)


def contigs_of(path: Path, digest: hashlib._Hash) -> Iterator[ContigGenes]:
    """`digest` takes the file as it is stored. InputError BAD_GENES, BAD_GZIP; ContigCameBack."""
    done: set[bytes] = set()
    contig: ContigGenes | None = None
    current = b""
    parse: Parse | None = None
    for number, raw in _lines(path, digest):
        parse = parse or _format_of(raw, number)
        name = raw[: raw.find(b"\t")]
        if name != current:
            if name in done:
                raise ContigCameBack
            if contig is not None and contig.features:
                yield contig
            done.add(name)
            contig, current = ContigGenes(name.decode("utf-8", "replace")), name
        feature = parse(raw, number) if parse else None
        if feature is not None and contig is not None:
            contig.add(feature)
    if contig is None:
        raise bad_genes("There are none.", 0)
    if contig.features:
        yield contig


def contigs_of_shuffled(path: Path, digest: hashlib._Hash) -> Iterator[ContigGenes]:
    """The same for a file in which contigs come back. InputError BAD_GENES, BAD_GZIP."""
    packed: dict[bytes, _Packed] = {}
    parse: Parse | None = None
    for number, raw in _lines(path, digest):
        parse = parse or _format_of(raw, number)
        packed.setdefault(raw[: raw.find(b"\t")], _Packed()).add(number, raw)
    for name in list(packed):
        contig = ContigGenes(name.decode("utf-8", "replace"))
        for number, raw in packed.pop(name).lines():
            feature = parse(raw, number) if parse else None
            if feature is not None:
                contig.add(feature)
        if contig.features:
            yield contig


class _Packed:
    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._lines: list[bytes] = []
        self._bytes = 0

    def add(self, number: int, raw: bytes) -> None:
        self._lines.append(b"%d\t%b" % (number, raw))
        self._bytes += len(raw)
        if self._bytes > PACK_BYTES:
            self._pack()

    def lines(self) -> Iterator[Line]:
        self._pack()
        for chunk in self._chunks:
            for line in zlib.decompress(chunk).split(b"\n"):
                number, _, raw = line.partition(b"\t")
                yield int(number), raw

    def _pack(self) -> None:
        if self._lines:
            self._chunks.append(zlib.compress(b"\n".join(self._lines), 1))
        self._lines, self._bytes = [], 0


def _lines(path: Path, digest: hashlib._Hash) -> Iterator[Line]:
    """Those that may be features. The file is read to its end, for its checksum."""
    source = text_lines(path, digest)
    for number, raw in enumerate(source, start=1):
        if raw.startswith(b"#"):
            if raw.startswith(SEQUENCE):
                _drain(source)
        elif raw.startswith(b">"):
            _drain(source)
        elif raw.strip():
            yield number, raw


def _drain(source: Iterable[bytes]) -> None:
    for _ in source:
        pass


def _format_of(raw: bytes, number: int) -> Parse | None:
    """By what the attributes look like, never by the file's name. None if this line has none."""
    columns = raw.split(b"\t", 8)
    if len(columns) < 9 or columns[8].strip() in (b"", b"."):
        gff.parse(raw, number)  # says what is wrong with it, if it is
        return None
    return gtf.parse if gtf.looks_like_gtf(columns[8]) else gff.parse
