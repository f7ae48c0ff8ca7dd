"""An engine that does what the name of the input says; found by its dotted path."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from gas.domain.errors import EngineFailed, InputError
from gas.domain.job import FileKind, Progress
from gas.domain.options import AnnotationOptions
from gas.ports.annotation import (
    LOG_NAME,
    AnnotationTask,
    Outcome,
    OutcomeFile,
    Progresses,
    Reference,
)

PATH = "workers.fake_engine:FakeEngine"


class FakeEngine:
    """Strict: it wants an empty folder and an input, and keeps a mark of each run in the home."""

    name = "fake"

    def __init__(self, references_path: Path) -> None:
        self._home = references_path.parent

    def run_key(self, reference: str, options: AnnotationOptions, input_sha256: str) -> str:
        return ""

    def annotate(self, task: AnnotationTask, report: Progresses) -> Outcome:
        assert not list(task.work_path.iterdir())
        assert task.input_path.stat().st_size
        (task.work_path / LOG_NAME).write_text("began\n")
        with (self._home / "runs").open("a") as marks:
            marks.write(f"{task.input_name} {os.getpid()} {time.time()}\n")
        kind = task.input_name.partition(".")[0].rstrip("0123456789")
        if kind == "slow":
            while not (self._home / "go").exists():
                report(Progress("waiting", 0.5))
                time.sleep(0.01)
        elif kind == "broken":
            raise EngineFailed("ENGINE_BROKE", "The engine broke, as it was asked to.")
        elif kind == "crash":
            raise RuntimeError("genotype 0/1 of somebody")
        elif kind == "bad":
            raise InputError("BAD_LINE", "The file is at fault.", place="line 3")
        elif kind == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        report(Progress("all", 1.0))
        made = task.work_path / f"{kind}.annot.vcf.gz"
        made.write_bytes(b"annotated")
        return Outcome((OutcomeFile(FileKind.ANNOTATED, made),), (("Total", 1),))


class InstalledReferences:
    def __init__(self, references_path: Path) -> None:
        self._found = {"demo": Reference("demo", "Demo", {"1": 100}, {}, "2026-01-01T00:00:00Z")}

    def all(self) -> Sequence[Reference]:
        return list(self._found.values())

    def get(self, name: str) -> Reference | None:
        return self._found.get(name)
