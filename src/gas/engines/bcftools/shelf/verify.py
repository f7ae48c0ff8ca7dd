"""Compares what is installed with the checksums that were noted when it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from gas.engines.bcftools.references import Installed
from gas.engines.bcftools.shelf.checksums import sums_of
from gas.engines.bcftools.shelf.known import ABOUT_NAME, FOLDER
from gas.engines.bcftools.shelf.report import Report, Work, silent


class State(Enum):
    OK = "ok"
    DIFFERS = "differs"
    MISSING = "missing"
    UNKNOWN = "unknown"
    """Nothing was noted of it: installed by an older GAS."""


@dataclass(frozen=True, slots=True)
class Verified:
    file: str
    """Its path in the reference's folder."""
    state: State
    bytes: int
    """As noted."""


def verify(installed: Installed, report: Report = silent) -> Iterator[Verified]:
    """Every file of the reference and of its known variants, as it is read."""
    if not installed.files:
        yield Verified("reference.json", State.UNKNOWN, 0)
    noted = dict(_noted(installed))
    total = max(sum(about["bytes"] for about in noted.values()), 1)
    name = f"Checking {installed.reference.name}"
    before = 0
    for file, about in noted.items():
        begun = before

        def tell(done: int, begun: int = begun) -> None:
            report(Work(name, (begun + done) / total))

        yield Verified(file, _state(installed.path / file, about, tell), about["bytes"])
        before += about["bytes"]


def _noted(installed: Installed) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from installed.files.items()
    for known in installed.all_known:
        folder = Path(known.path)
        about = json.loads((folder / ABOUT_NAME).read_text())
        for name, noted in about["files"].items():
            yield f"{FOLDER}/{folder.name}/{name}", noted


def _state(path: Path, noted: Mapping[str, Any], report: Callable[[int], None]) -> State:
    if not path.is_file():
        return State.MISSING
    sums = sums_of(path, report=report)
    same = (sums.bytes, sums.sha256) == (noted["bytes"], noted["sha256"])
    return State.OK if same else State.DIFFERS
