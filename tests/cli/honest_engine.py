"""An engine that says what it made its result from; found by its dotted path."""

from __future__ import annotations

from pathlib import Path

from gas.domain.job import FileKind, Progress
from gas.domain.options import AnnotationOptions
from gas.engines.bcftools.outputs.origin import Origin, file_used
from gas.engines.bcftools.outputs.provenance import provenance_of, write_provenance
from gas.ports.annotation import LOG_NAME, AnnotationTask, Outcome, OutcomeFile, Progresses
from workers.fake_engine import InstalledReferences

PATH = "cli.honest_engine:HonestEngine"
__all__ = ["PATH", "HonestEngine", "InstalledReferences"]


class HonestEngine:
    """The result is the input and the text of a file `genome` beside the references."""

    name = "honest"

    def __init__(self, references_path: Path) -> None:
        self._genome_path = references_path.parent / "genome"

    def run_key(self, reference: str, options: AnnotationOptions, input_sha256: str) -> str:
        return ""

    def annotate(self, task: AnnotationTask, report: Progresses) -> Outcome:
        assert not list(task.work_path.iterdir())
        (task.work_path / LOG_NAME).write_text("began\n")
        report(Progress("all", 0.5))
        made = task.work_path / f"{task.input_name.partition('.')[0]}.annot.vcf.gz"
        genome = self._genome_path.read_bytes()
        made.write_bytes(task.input_path.read_bytes() + genome + repr(task.options).encode())
        origin = Origin(
            input=file_used(task.input_path, name=task.input_name),
            reference=task.reference,
            release="1",
            checksums={"fasta": file_used(self._genome_path).sha256},
            options={"haplotypes": task.options.haplotypes, "ann": task.options.ann},
            versions={"gas": "1"},
        )
        told = provenance_of(
            origin, outputs=[file_used(made)], counts={}, stages=[], made_at="2026-01-01T00:00:00"
        )
        write_provenance(task.work_path / "provenance.json", told)
        files = [
            OutcomeFile(FileKind.ANNOTATED, made),
            OutcomeFile(FileKind.PROVENANCE, task.work_path / "provenance.json"),
        ]
        return Outcome(files, [("Total", 1200), ("Located: CDS", 7), ("Located: Splice", 0)])
