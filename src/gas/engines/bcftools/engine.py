"""The engine as the journey sees it: starts a child, listens, writes the log."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gas import __version__
from gas.domain.errors import GasError, InputError
from gas.domain.job import FileKind, Progress
from gas.domain.options import AnnotationOptions
from gas.engines.bcftools.process import COMPLAINTS_NAME, Bounds, Child
from gas.engines.bcftools.references import Installed, InstalledReferences
from gas.engines.bcftools.spec import RunSpec, encode, run_spec
from gas.ports.annotation import LOG_NAME, AnnotationTask, Outcome, OutcomeFile, Progresses


class BcftoolsEngine:
    """Consequences by `bcftools csq`, per variant, of records that `norm` split and aligned."""

    name = "bcftools"

    def __init__(self, references_path: Path, *, stall_seconds: float = 120.0) -> None:
        self._references_path = references_path
        self._references = InstalledReferences(references_path)
        self._stall_seconds = stall_seconds

    def run_key(self, reference: str, options: AnnotationOptions, input_sha256: str) -> str:
        from gas.engines.bcftools.outputs.origin import FileUsed, key_versions, origin_of, run_key

        installed = self._references.find(reference)
        if installed is None:
            return ""
        used = FileUsed("", 0, input_sha256)
        return run_key(origin_of(installed, options, used=used, versions=key_versions()))

    def annotate(self, task: AnnotationTask, report: Progresses) -> Outcome:
        with _log(task) as log:
            log.say(f"GAS {__version__}, engine {self.name}")
            log.say(f"Input: {task.input_name}, {task.input_path.stat().st_size:,} bytes")
            installed = self._find(task.reference)
            log.say(f"Reference: {task.reference}, {installed.reference.title}".rstrip(", "))
            spec = run_spec(task, self._references_path)
            done = self._run(task, spec, report, log)
            report(Progress("index", 1.0))
            return _outcome(done)

    def missing_walls(self) -> Sequence[str]:
        from gas.engines.bcftools.confine import try_walls

        walls = try_walls()
        return [
            *(() if walls.calls else ("the network and other programs (no seccomp)",)),
            *(() if walls.files else ("files beside those of its run (no Landlock)",)),
        ]

    def _find(self, reference: str) -> Installed:
        installed = self._references.find(reference)
        if installed is None:
            raise InputError(
                "UNKNOWN_REFERENCE",
                f"The reference '{reference}' is not installed here.",
                cure="Choose another; `gas reference ls` names them.",
            )
        return installed

    def _run(
        self, task: AnnotationTask, spec: RunSpec, report: Progresses, log: _Log
    ) -> dict[str, Any]:
        bounds = Bounds(task.memory_bytes, task.seconds, self._stall_seconds)
        progress = Progress("intake", 0.0)
        report(progress)
        reported = time.monotonic()
        done: dict[str, Any] = {}
        try:
            with Child("annotate", encode(spec), work_path=task.work_path, bounds=bounds) as child:
                for answer in child.answers():
                    if "note" in answer:
                        log.say(answer["note"])
                    if "stage" in answer:
                        progress = Progress(answer["stage"], answer["fraction"])
                    if time.monotonic() - reported >= 0.15:
                        report(progress)
                        reported = time.monotonic()
                    done = answer.get("done", {})
        finally:
            shutil.rmtree(spec.scratch(""), ignore_errors=True)
            (task.work_path / COMPLAINTS_NAME).unlink(missing_ok=True)
        return done


class _Log:
    """Lines with the seconds since the start; whole on disk after each."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._begun = time.monotonic()

    def say(self, text: str) -> None:
        self._file.write(f"[{time.monotonic() - self._begun:8.2f} s] {text}\n")

    def close(self) -> None:
        self._file.close()


@contextmanager
def _log(task: AnnotationTask) -> Iterator[_Log]:
    log = _Log(task.work_path / LOG_NAME)
    try:
        yield log
        log.say("Done.")
    except GasError as error:
        log.say(f"Stopped. {error.reason}")
        raise
    finally:
        log.close()


def _outcome(done: dict[str, Any]) -> Outcome:
    files = [OutcomeFile(FileKind(kind), Path(path)) for kind, path in done["files"]]
    return Outcome(files, [(name, count) for name, count in done["counts"]])
