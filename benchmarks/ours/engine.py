"""An engine that finds nothing, at once. Named to GAS as `benchmarks.ours.engine:NoopEngine`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gas.ports.annotation import LOG_NAME, AnnotationTask, Outcome, Progresses, Reference

NAME = "benchmarks.ours.engine:NoopEngine"
NOWHERE = Reference("none", "No genome", {"1": 1}, {}, "2026-01-01T00:00:00Z")


class NoopEngine:
    name = "noop"

    def __init__(self, references_path: Path) -> None:
        self.references_path = references_path

    def annotate(self, task: AnnotationTask, report: Progresses) -> Outcome:  # noqa: ARG002
        (task.work_path / LOG_NAME).write_text("Nothing was done.\n")
        return Outcome((), ())


class InstalledReferences:
    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> Sequence[Reference]:
        return (NOWHERE,)

    def get(self, name: str) -> Reference | None:
        return NOWHERE if name == NOWHERE.name else None
