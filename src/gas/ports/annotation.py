"""The engine that annotates, and the references it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from gas.domain.job import FileKind, Progress
from gas.domain.options import NO_OPTIONS, AnnotationOptions


@dataclass(frozen=True, slots=True)
class KnownSource:
    """Known variants that a reference has."""

    name: str
    """'clinvar'."""
    release: str
    """'20240107'; as its owner calls it."""
    records: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A genome and its genes, as installed."""

    name: str
    title: str
    contigs: Mapping[str, int]
    """Length in bases by contig name, in order."""
    checksums: Mapping[str, str]
    """SHA-256 by source: 'fasta', 'genes'."""
    installed_at: str
    """ISO 8601."""
    notes: str = ""
    release: str = ""
    """'115'; empty if nobody said."""
    genes: int = 0
    transcripts: int = 0
    known: Sequence[KnownSource] = ()
    """By name, then from the oldest release to the newest, which is the one that jobs use."""
    size_bytes: int = 0
    """On the disk, as far as was noted at installation."""


class References(Protocol):
    def all(self) -> Sequence[Reference]:
        """In order of name; half-installed ones are not among them."""

    def get(self, name: str) -> Reference | None: ...


@dataclass(frozen=True, slots=True)
class AnnotationTask:
    input_path: Path
    input_name: str
    """As the user calls it, already safe: the stem of the results' names comes from it."""
    reference: str
    work_path: Path
    """An empty folder of this run's own; the engine writes nowhere else. The caller removes it."""
    seconds: int
    memory_bytes: int
    options: AnnotationOptions = NO_OPTIONS
    processes: int = 0
    """At most so many do the same work side by side; 0: as many as there are cores."""


@dataclass(frozen=True, slots=True)
class OutcomeFile:
    kind: FileKind
    path: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    files: Sequence[OutcomeFile]
    counts: Sequence[tuple[str, int]]
    """As in the count log, in its order."""


class Progresses(Protocol):
    def __call__(self, progress: Progress) -> None:
        """Called at least once a second by the engine, in the thread that called `annotate`.
        Raises Interrupted when the run has to stop; the engine then ends what it started."""


KEY = "key"
"""Where a provenance, which is JSON, has the key of its run."""
LOG_NAME = "run.log"


@runtime_checkable
class Confines(Protocol):
    """An engine that shuts its processes in."""

    def missing_walls(self) -> Sequence[str]:
        """What this machine cannot keep them from, in plain words; nothing if all is well."""


class Engine(Protocol):
    name: str

    def run_key(self, reference: str, options: AnnotationOptions, input_sha256: str) -> str:
        """Runs of the same key have the same results; '' if the engine cannot tell."""

    def annotate(self, task: AnnotationTask, report: Progresses) -> Outcome:
        """Runs it. InputError: the file is at fault, no use in trying again. EngineFailed: the
        engine is. A readable log lies at
        `work_path / LOG_NAME` in every case."""
