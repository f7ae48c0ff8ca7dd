"""What a parent tells its child: one run, as a line of JSON."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from gas.domain.keys import stem
from gas.domain.options import AnnotationOptions
from gas.ports.annotation import AnnotationTask

MOST_PROCESSES = 4
"""More would wait for the tables."""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run, as plain values. The child finds the reference itself, so that all it uses of it
    was there at one moment."""

    input_path: str
    input_name: str
    work_path: str
    references_path: str
    reference: str
    options: dict[str, bool]
    processes: int
    """That write at the same time, where there is much to write."""

    @property
    def stem(self) -> str:
        return stem(self.input_name)

    @property
    def chosen(self) -> AnnotationOptions:
        return AnnotationOptions(**self.options)

    def path(self, ending: str) -> Path:
        """Of a result."""
        return Path(self.work_path) / f"{self.stem}{ending}"

    def file(self, name: str) -> Path:
        """Of a result that is not called after the input."""
        return Path(self.work_path) / name

    def scratch(self, name: str) -> Path:
        """Of what is of no use after the run."""
        return Path(self.work_path) / "scratch" / name


def encode(spec: RunSpec) -> str:
    return json.dumps(asdict(spec))


def decode(text: str) -> RunSpec:
    return RunSpec(**json.loads(text))


def run_spec(task: AnnotationTask, references_path: Path) -> RunSpec:
    return RunSpec(
        input_path=str(task.input_path.resolve()),
        input_name=task.input_name,
        work_path=str(task.work_path.resolve()),
        references_path=str(references_path.resolve()),
        reference=task.reference,
        options=asdict(task.options),
        processes=min(task.processes or len(os.sched_getaffinity(0)), MOST_PROCESSES),
    )
