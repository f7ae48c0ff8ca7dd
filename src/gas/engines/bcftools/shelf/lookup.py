"""Annotates a few records: reads only those rows of a table that lie where the records do."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from gas.engines.bcftools.shelf.known import Known
from gas.engines.bcftools.stages import bcftools

ROWS_FOR_A_LOOK_UP = 1000
"""So many rows are streamed in the time of one look-up (0.25 ms, mostly to unpack a block)."""
Places = Mapping[str, Sequence[tuple[int, int]]]
"""By contig: start and end of each record, 1-based, ends included, in order of start."""


def annotate_few(known: Known, beside: Path, options: Sequence[str]) -> None:
    """What a stage does: standard input to standard output. Files are made at `beside`."""
    import pysam

    input_path = beside.with_name(f"{beside.name}.in")
    with os.fdopen(os.dup(0), "rb") as source, input_path.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    places = _places(input_path)
    table_path = known.table_path
    if _is_sparse(known, places):
        table_path = beside.with_name(f"{beside.name}.tsv.gz")
        with pysam.BGZFile(str(table_path), "wb", None) as few:
            few.write(_rows(known, places))
        end = 2 if known.intervals else 1
        pysam.tabix_index(
            str(table_path), seq_col=0, start_col=1, end_col=end, csi=True, force=True
        )
    bcftools("annotate", "-a", str(table_path), *options, str(input_path))()


def _places(input_path: Path) -> Places:
    import pysam

    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    loud = pysam.set_verbosity(0)  # it has no index, and needs none
    with pysam.VariantFile(str(input_path)) as records:
        for record in records:
            places[record.chrom].append((record.pos, max(record.stop, record.pos)))
    pysam.set_verbosity(loud)
    return places


def _is_sparse(known: Known, places: Places) -> bool:
    rows = sum(known.rows.get(contig, 0) for contig in places)
    return sum(map(len, places.values())) * ROWS_FOR_A_LOOK_UP < rows


def _rows(known: Known, places: Places) -> bytes:
    """Of variants those that begin where a record does, of intervals all that reach into one."""
    import pysam

    found: list[str] = []
    with pysam.TabixFile(str(known.table_path), index=str(known.index_path)) as table:
        for contig in places:
            if not known.rows.get(contig):
                continue
            read = 0  # rows up to here are taken already
            for start, end in places[contig]:
                last = end if known.intervals else start
                if last <= read:
                    continue
                rows = table.fetch(contig, max(start - 1, read), last)
                found += [row for row in rows if int(row.split("\t", 2)[1]) > read]
                read = last
    return "".join(f"{row}\n" for row in found).encode()
