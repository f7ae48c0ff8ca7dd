"""The first stage of a run: the input is read, mended and checked, and what was found is told."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from gas.engines.bcftools import stages
from gas.engines.bcftools.blame import blame, in_the_wake
from gas.engines.bcftools.spec import RunSpec
from gas.engines.bcftools.stages import Stage, bcftools
from gas.vcf import faults
from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Intake, Taken
from gas.vcf.sniff import Kind, sniff


def take_in(
    spec: RunSpec, names: ContigNames, report: Callable[[float], None], *, quality_key: str
) -> Taken:
    """`report` is told the fraction of the input that was read."""
    total = max(Path(spec.input_path).stat().st_size, 1)
    viewing, source = _open_input(spec)
    try:
        with source:
            return Intake(names, reference_names=True, quality_key=quality_key).take(
                source,
                spool_path=spec.scratch("records.gz"),
                rejected_path=spec.path(".rejected.vcf"),
                report=lambda done: report(min(done / total, 1.0)),
            )
    finally:
        _check_bcf(viewing)


def told_of(taken: Taken) -> list[str]:
    """Lines for the log."""
    told = [f"Intake: {taken.kept:,} records kept, {sum(taken.rejected.values()):,} rejected."]
    told += [f"  rejected {code}: {count:,}" for code, count in taken.rejected.items()]
    told += [f"  the reference has no contig {name[:60]}" for name in taken.unknown_contigs[:5]]
    told += [f"  {repair} ({count:,} times)" for repair, count in taken.header.repairs.items()]
    if taken.blanked_genotypes:
        told.append(f"  {taken.blanked_genotypes:,} genotypes beyond ALT were set to missing.")
    told += [
        f"  {name} is {contig} of the reference."
        for name, contig in taken.contig_by_name.items()
        if name != contig
    ]
    if not taken.sorted:
        told.append("  the records are not in order; they are sorted.")
    return told


def _open_input(spec: RunSpec) -> tuple[list[stages.Started], BinaryIO]:
    path = Path(spec.input_path)
    if not _is_bcf(path):
        return [], path.open("rb")
    reading, writing = os.pipe()
    view = Stage("view", bcftools("view", "--no-version", "-Ov", "-o", "-", str(path)))
    return stages.start([view], spec.scratch(""), target=writing), os.fdopen(reading, "rb")


def _check_bcf(viewing: Sequence[stages.Started]) -> None:
    """What the reader of a BCF says goes before what the intake made of the rest."""
    deadline = time.monotonic() + 1.0
    while stages.poll(viewing) and time.monotonic() < deadline:
        time.sleep(stages.POLL_SECONDS)
    stages.stop(viewing)
    if any((stage.status or 0) > 0 and not in_the_wake(stage) for stage in viewing):
        raise faults.BAD_BCF.error()
    if not any(stage.stopped or (stage.status or 0) > 0 for stage in viewing):
        blame(viewing)


def _is_bcf(path: Path) -> bool:
    with path.open("rb") as source:
        head = source.read(1 << 16)
    if sniff(head) in (Kind.GZIP, Kind.BGZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, 16)
        except zlib.error:
            return False  # the intake says what is wrong
    return sniff(head) is Kind.BCF
