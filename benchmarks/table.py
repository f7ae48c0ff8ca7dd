"""Medians, a table, and a JSON file of what was measured."""

from __future__ import annotations

import json
import math
import os
import statistics
import time
from collections.abc import Mapping, Sequence

from benchmarks.processes import ROOT

FOLDER = ROOT / ".gas-benchmarks"


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of them do not exceed; 0.0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Of each figure over all rounds."""
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def drawn(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with columns in line."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    )


def saved(name: str, found: object) -> str:
    """Writes it with the moment and the machine's load; says where."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}-{time.strftime('%Y%m%dT%H%M%S')}.json"
    machine = {"cores": os.cpu_count(), "load": os.getloadavg()}
    path.write_text(json.dumps({"machine": machine, "found": found}, indent=1))
    return f"written to {path.relative_to(ROOT)}"
