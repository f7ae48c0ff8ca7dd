"""An engine that finds nothing, at once. Named to GAS as `benchmarks.ours.engine:NoopEngine`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from gas.domain.errors import EngineFailed
from gas.domain.options import AnnotationOptions
from gas.ports.annotation import LOG_NAME, AnnotationTask, Outcome, Progresses, Reference

NAME = "benchmarks.ours.engine:NoopEngine"
SLOW = "benchmarks.ours.engine:SlowEngine"
POISON = "poison.vcf"
NOWHERE = Reference("none", "No genome", {"1": 1}, {}, "2026-01-01T00:00:00Z")


class NoopEngine:
    name = "noop"

    def __init__(self, references_path: Path) -> None:
        self.references_path = references_path

    def run_key(self, reference: str, options: AnnotationOptions, input_sha256: str) -> str:  # noqa: ARG002
        return ""

    def annotate(self, task: AnnotationTask, report: Progresses) -> Outcome:  # noqa: ARG002
        (task.work_path / LOG_NAME).write_text("Nothing was done.\n")
        return Outcome((), ())


class SlowEngine(NoopEngine):
    """Takes as many milliseconds as the input's name says ('20.vcf'), and breaks on POISON."""

    def annotate(self, task: AnnotationTask, report: Progresses) -> Outcome:
        if task.input_name == POISON:
            raise EngineFailed("ENGINE_CRASHED", "It was asked for.")
        time.sleep(int(task.input_name.partition(".")[0]) / 1000)
        return super().annotate(task, report)


class InstalledReferences:
    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> Sequence[Reference]:
        return (NOWHERE,)

    def get(self, name: str) -> Reference | None:
        return NOWHERE if name == NOWHERE.name else None
