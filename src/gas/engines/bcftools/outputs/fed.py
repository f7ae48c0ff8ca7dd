"""What was counted while the tables were fed: by each process that fed, and in all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from gas.engines.bcftools.outputs.located import most_frequent_first
from gas.engines.bcftools.outputs.samples import Counts, added

FED = "fed-*.json"
"""Written once all was fed."""


@dataclass(frozen=True, slots=True)
class Fed:
    records: int
    places: Mapping[str, int]
    consequences: Mapping[str, int]
    samples: Counts


def write_fed(folder: Path, place: int, fed: Fed) -> None:
    """`place`: of the process, from 0."""
    path = folder / FED.replace("*", str(place))
    path.write_text(json.dumps(asdict(fed)), encoding="utf-8")


def read_fed(folder: Path) -> Fed | None:
    """Of all processes; None if none of them came to its end."""
    parts = [Fed(**json.loads(path.read_text("utf-8"))) for path in folder.glob(FED)]
    if not parts:
        return None
    places, consequences = Counter[str](), Counter[str]()
    samples = parts[0].samples
    for part in parts:
        places.update(part.places)
        consequences.update(part.consequences)
    for part in parts[1:]:
        samples = added(samples, part.samples)
    records = sum(part.records for part in parts)
    return Fed(records, dict(places), most_frequent_first(consequences), samples)
