"""The demo genome, installed once, and runs on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from gas.domain.job import FileKind, Progress
from gas.engines.bcftools import BcftoolsEngine, DemoFiles, add_reference, make_demo
from gas.engines.bcftools.process import MODULE
from gas.ports.annotation import LOG_NAME, AnnotationTask, Outcome

MEMORY_BYTES = 2 * 2**30


@dataclass(frozen=True)
class Bench:
    """An engine with references, and a folder for each run."""

    references_path: Path
    runs_path: Path
    demo: DemoFiles

    def task(self, input_path: Path, reference: str = "demo", **limits: int) -> AnnotationTask:
        work_path = self.runs_path / f"run{len(list(self.runs_path.iterdir()))}"
        work_path.mkdir()
        return AnnotationTask(
            input_path=input_path,
            input_name=input_path.name,
            reference=reference,
            work_path=work_path,
            seconds=limits.get("seconds", 60),
            memory_bytes=limits.get("memory_bytes", MEMORY_BYTES),
        )

    def run(
        self,
        task: AnnotationTask,
        report: Callable[[Progress], None] | None = None,
        stall_seconds: float = 60.0,
    ) -> Outcome:
        engine = BcftoolsEngine(self.references_path, stall_seconds=stall_seconds)

        def told(progress: Progress) -> None:
            if report is not None:
                report(progress)

        return engine.annotate(task, told)

    def install(self, name: str, fasta: Path, gff: Path) -> None:
        add_reference(self.references_path, name, fasta=fasta, gff=gff)

    def large(self, copies: int = 150) -> Path:
        """The demo's VCF with every record so many times: seconds of work."""
        path = self.runs_path.parent / f"large{copies}.vcf"
        if not path.exists():
            lines = self.demo.vcf.read_text().splitlines(keepends=True)
            path.write_text("".join(x if x[0] == "#" else x * copies for x in lines))
        return path


def family() -> list[psutil.Process]:
    """The engine's processes under this one: the child first, then its stages. Servers of other
    tests may run here, too."""
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # of an earlier run, and not yet waited for
            if MODULE in child.cmdline():
                return [child, *child.children(recursive=True)]
    return []


def gone(pids: list[int], within_seconds: float) -> bool:
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        if not any(_lives(pid) for pid in pids):
            return True
        time.sleep(0.01)
    return False


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoFiles]:
    folder = tmp_path_factory.mktemp("engine")
    demo = make_demo(folder / "demo")
    add_reference(folder / "references", "demo", fasta=demo.fasta, gff=demo.gff, title="Demo")
    return folder / "references", demo


@pytest.fixture
def bench(installed: tuple[Path, DemoFiles], tmp_path: Path) -> Bench:
    runs_path = tmp_path / "runs"
    runs_path.mkdir()
    return Bench(installed[0], runs_path, installed[1])


def file_of(outcome: Outcome, kind: FileKind) -> Path:
    return next(file.path for file in outcome.files if file.kind is kind)


def log_of(task: AnnotationTask) -> str:
    return (task.work_path / LOG_NAME).read_text()
