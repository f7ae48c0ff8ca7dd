"""The files that a run leaves: where they are, and what they were made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gas.domain.job import FileKind
from gas.engines.bcftools.outputs.finish import OutputPaths
from gas.engines.bcftools.outputs.origin import Origin, file_used
from gas.engines.bcftools.outputs.provenance import StageTime, provenance_of, write_provenance
from gas.engines.bcftools.spec import RunSpec

ANNOTATED, REJECTED = ".annot.vcf.gz", ".rejected.vcf"
PROVENANCE = "provenance.json"


def output_paths(spec: RunSpec) -> OutputPaths:
    """What is made beside the VCF."""
    return OutputPaths(
        spec.path(".variants.parquet"),
        spec.path(".transcripts.parquet"),
        spec.file("summary.json"),
        spec.path(".count.log"),
    )


def files_written(spec: RunSpec) -> list[tuple[str, str]]:
    """Kind and path of what there is, in the order of the job's page."""
    beside = output_paths(spec)
    files = (
        (FileKind.ANNOTATED, spec.path(ANNOTATED)),
        (FileKind.INDEX, spec.path(f"{ANNOTATED}.tbi")),
        (FileKind.INDEX, spec.path(f"{ANNOTATED}.csi")),
        (FileKind.VARIANTS, beside.variants),
        (FileKind.TRANSCRIPTS, beside.transcripts),
        (FileKind.SUMMARY, beside.summary),
        (FileKind.COUNT_LOG, beside.count_log),
        (FileKind.REJECTED, spec.path(REJECTED)),
        (FileKind.PROVENANCE, spec.file(PROVENANCE)),
    )
    return [(kind.value, str(path)) for kind, path in files if path.exists()]


def write_provenance_of(spec: RunSpec, origin: Origin, times: Sequence[StageTime]) -> None:
    """Once everything else is written."""
    summary = json.loads(output_paths(spec).summary.read_text())
    told = provenance_of(
        origin,
        outputs=[file_used(Path(path), kind=kind) for kind, path in files_written(spec)],
        counts=summary["records"],
        stages=times,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_provenance(spec.file(PROVENANCE), told)
