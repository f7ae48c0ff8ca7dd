"""One transcript as a line of text, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from sys import intern

from gas.engines.bcftools.consequence.transcript import Span, Transcript

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
FIELDS = 20


def line_of(transcript: Transcript) -> bytes:
    """Fields in their order, between tabs; places as numbers between spaces."""
    one = transcript
    fields = (
        one.id,
        one.version,
        one.gene_id,
        one.symbol,
        one.symbol_source,
        one.hgnc_id,
        one.biotype,
        one.strand,
        one.start,
        one.end,
        _flat(one.exons),
        _flat(one.cds),
        one.phase,
        one.protein_id,
        one.protein_version,
        ",".join(sorted(one.tags)),
        one.mane,
        one.codon_table,
        " ".join(map(str, one.selenocysteines)),
        one.source,
    )
    line = "\t".join(map(str, fields))
    if CONTROL.search(line) or line.count("\t") != FIELDS - 1:
        line = "\t".join(CONTROL.sub(" ", str(field)).replace("\t", " ") for field in fields)
    return line.encode() + b"\n"


def transcript_of(line: bytes) -> Transcript:
    """ValueError or IndexError if it is no line of ours."""
    f = line.decode().removesuffix("\n").split("\t")
    if len(f) != FIELDS:
        raise ValueError(f"a transcript has {FIELDS} fields")
    return Transcript(
        id=f[0],
        version=f[1],
        gene_id=f[2],
        symbol=f[3],
        symbol_source=intern(f[4]),
        hgnc_id=f[5],
        biotype=intern(f[6]),
        strand=int(f[7]),
        start=int(f[8]),
        end=int(f[9]),
        exons=_spans(f[10]),
        cds=_spans(f[11]),
        phase=int(f[12]),
        protein_id=f[13],
        protein_version=f[14],
        tags=frozenset(f[15].split(",")) if f[15] else frozenset(),
        mane=f[16],
        codon_table=int(f[17]),
        selenocysteines=tuple(map(int, f[18].split())),
        source=intern(f[19]),
    )


def _flat(spans: Iterable[Span]) -> str:
    return " ".join(f"{start} {end}" for start, end in spans)


def _spans(text: str) -> tuple[Span, ...]:
    places = list(map(int, text.split()))
    return tuple(zip(places[::2], places[1::2], strict=True))
