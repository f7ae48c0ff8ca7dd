"""Tables of one release, one after another -> the folder that a reference keeps; a task of the
child process."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from gas.domain.errors import InputError
from gas.engines.bcftools.shelf.checksums import described
from gas.engines.bcftools.shelf.known import ABOUT_NAME, INDEX_NAME, TABLE_NAME
from gas.engines.bcftools.shelf.reading import BGZF_END

WINDOW_BITS = 12
"""Of the index: 4,096 bases. Half the time of a look-up, against the 14 of a .tbi, where known
variants are dense."""
COPY_BYTES = 1 << 22


def make_whole(told: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """`told`: folder (empty), parts (paths of tables), made (a `Part` for each), about (source,
    release, title, sources, added_at). Writes the table, its index and `source.json`."""
    import pysam
    from pysam.version import __version__ as pysam_version

    folder = Path(told["folder"])
    made: list[Mapping[str, Any]] = told["made"]
    rows = _rows(made)
    emit({"note": f"{sum(rows.values()):,} known variants on {len(rows):,} contigs."})
    intervals = made[0]["intervals"]
    with (folder / TABLE_NAME).open("wb") as target:
        for part in told["parts"]:
            _append(Path(part), target)
        target.write(BGZF_END)
    pysam.tabix_index(
        str(folder / TABLE_NAME),
        seq_col=0,
        start_col=1,
        end_col=2 if intervals else 1,
        csi=True,
        min_shift=WINDOW_BITS,
        index=str(folder / INDEX_NAME),
        force=True,
    )
    about = {
        **told["about"],
        "intervals": intervals,
        "records": sum(rows.values()),
        "rows": rows,
        "has_rs": any(part["has_rs"] for part in made),
        "fields": made[0]["fields"],
        "joined": sum(part["joined"] for part in made),
        "left_out": _summed(made, "left_out"),
        "unreadable": _summed(made, "unreadable"),
        "files": {name: described(folder / name) for name in (TABLE_NAME, INDEX_NAME)},
        "made_with": f"pysam {pysam_version}",
    }
    (folder / ABOUT_NAME).write_text(json.dumps(about, indent=1) + "\n")
    return {"records": about["records"], "left_out": about["left_out"]}


def _rows(made: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """By contig. InputError KNOWN_CONTIG_TWICE if two parts have the same one."""
    rows: dict[str, int] = {}
    for part in made:
        for contig, count in part["rows"].items():
            if contig in rows:
                raise InputError(
                    "KNOWN_CONTIG_TWICE",
                    f"Two files of the known variants have the contig {contig}.",
                    cure="Give one file for each contig, or one for all.",
                )
            if count:
                rows[contig] = count
    return rows


def _append(part: Path, target: BinaryIO) -> None:
    """Without the block that ends it: bgzip files may be put one behind another."""
    left = part.stat().st_size - len(BGZF_END)
    with part.open("rb") as source:
        while left and (chunk := source.read(min(left, COPY_BYTES))):
            target.write(chunk)
            left -= len(chunk)


def _summed(made: Sequence[Mapping[str, Any]], what: str) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in made:
        total.update(part[what])
    return dict(total)
