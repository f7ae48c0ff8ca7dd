"""`provenance.json`: what a run was made from and what it made, so that it can be made again.

This file and the log alone hold times; they are no outputs in the sense of a comparison.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gas.domain.errors import InputError
from gas.engines.bcftools.outputs.origin import FileUsed, Origin, run_key

FORMAT = 1


@dataclass(frozen=True, slots=True)
class StageTime:
    name: str
    seconds: float
    records: int | None = None


def provenance_of(
    origin: Origin,
    *,
    outputs: Iterable[FileUsed],
    counts: Mapping[str, Any],
    stages: Iterable[StageTime],
    made_at: str,
) -> dict[str, Any]:
    """As `provenance.json` holds it. `counts`: the summary's 'records'. `made_at`: ISO 8601."""
    stages = list(stages)
    return {
        "format": FORMAT,
        "key": run_key(origin),
        "input": _file(origin.input),
        "reference": {
            "name": origin.reference,
            "release": origin.release,
            "checksums": dict(origin.checksums),
            "known": [
                {"name": one.name, "release": one.release, "sha256": one.sha256}
                for one in origin.known
            ],
        },
        "options": dict(origin.options),
        "versions": dict(origin.versions),
        "outputs": [_file(one) for one in outputs],
        "records": dict(counts),
        "made_at": made_at,
        "seconds": round(sum(one.seconds for one in stages), 3),
        "stages": [asdict(one) for one in stages],
    }


def write_provenance(path: Path, told: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def read_provenance(path: Path) -> dict[str, Any]:
    """InputError BAD_PROVENANCE."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        whole = told["format"] == FORMAT and all(
            isinstance(value, str)
            for one in (told["input"], *told["outputs"])
            for value in (one["name"], one["sha256"])
        )
        whole = whole and isinstance(told["reference"]["name"], str)
        whole = whole and isinstance(told["options"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise InputError(
            "BAD_PROVENANCE",
            f"{path.name} is not a provenance.json of this version of GAS.",
            cure="Give the provenance.json of a run, as it was downloaded.",
        )
    found: dict[str, Any] = told
    return found


def _file(used: FileUsed) -> dict[str, Any]:
    told = asdict(used)
    return told if used.kind else {name: told[name] for name in ("name", "bytes", "sha256")}
