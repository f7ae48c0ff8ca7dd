"""One run from end to end, in the child: intake, the stages, the results.

Between intake and results records go under the reference's names of contigs and one ALT each:
`norm` splits and left-aligns, a stage for each source adds known variants, `deliver` predicts
consequences and writes, and beside it `tables` makes tables, counts and the summary.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from gas.domain.errors import EngineFailed, InputError
from gas.engines.bcftools import stages
from gas.engines.bcftools.blame import blame, mismatches
from gas.engines.bcftools.build_check import Candidate, is_wrong_build, judge, wrong_build
from gas.engines.bcftools.deliver import DELIVER, index
from gas.engines.bcftools.headers import quality_key
from gas.engines.bcftools.line import CSQ, Line
from gas.engines.bcftools.outputs.feed import lay_pipes
from gas.engines.bcftools.outputs.finish import COUNTED
from gas.engines.bcftools.outputs.origin import (
    Origin,
    all_versions,
    file_used,
    origin_of,
)
from gas.engines.bcftools.outputs.provenance import StageTime
from gas.engines.bcftools.record import UNSORTED
from gas.engines.bcftools.references import Installed, InstalledReferences
from gas.engines.bcftools.results import files_written, write_provenance_of
from gas.engines.bcftools.spec import RunSpec
from gas.engines.bcftools.stages import Stage
from gas.engines.bcftools.taking import take_in, told_of
from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Taken

Emit = Callable[[dict[str, Any]], None]
INTAKE_SHARE, STAGES_SHARE = 0.25, 0.7
EMIT_SECONDS = 0.2
FEW_RECORDS = 100_000
"""Up to so many, known variants may be looked up by position."""
COMPLAINTS = (UNSORTED, "file is not sorted")
"""What `deliver` says, and csq."""
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Chain:
    def __init__(self, spec: RunSpec, emit: Emit) -> None:
        self._spec = spec
        self._emit = emit
        references = InstalledReferences(Path(spec.references_path))
        self._installed = _found(references, spec.reference)
        self._others = [
            other for other in references.installed() if other.path != self._installed.path
        ]
        self._names = _names_of(self._installed)
        self._quality_key = quality_key()
        self._emitted_at = 0.0
        self._fed = mmap.mmap(-1, 8)  # shared with the feeding process
        self._is_indexing = False
        self._times: list[StageTime] = []
        self._began = time.monotonic()

    def run(self) -> dict[str, Any]:
        """What was found and written, as plain values."""
        spec = self._spec
        spec.scratch("").mkdir()
        used = file_used(
            Path(spec.input_path),
            name=spec.input_name,
            report=lambda: self._progress("intake", 0.0),
        )
        origin = origin_of(self._installed, spec.chosen, used=used, versions=all_versions())
        taken = take_in(
            spec,
            self._names,
            lambda part: self._progress("intake", part * INTAKE_SHARE),
            quality_key=self._quality_key,
        )
        self._note(*told_of(taken))
        self._passed("intake", taken.kept)
        self._judge_build(taken)
        self._passed("build", len(taken.probes))
        self._annotate(taken, origin)
        self._passed("annotate", taken.kept_alleles)
        counts = json.loads(spec.scratch(COUNTED).read_text())
        write_provenance_of(spec, origin, self._times)
        return {"files": files_written(spec), "counts": counts}

    def _judge_build(self, taken: Taken) -> None:
        """InputError WRONG_BUILD."""
        chosen = _candidate(self._installed, self._names)
        others = [_candidate(other, _names_of(other)) for other in self._others]
        verdict = judge(chosen, others, taken.probes, taken.header.contig_lengths)
        self._note(*verdict.lines)
        verdict.check()

    def _annotate(self, taken: Taken, origin: Origin) -> None:
        made = Line(
            self._spec,
            self._installed,
            self._names,
            taken,
            self._fed,
            quality_key=self._quality_key,
        )
        made.write_headers(origin)
        for sort in (False, True) if taken.sorted else (True,):
            folder = self._spec.scratch("sorted" if sort else "tables")
            folder.mkdir()
            lay_pipes(folder)
            line = made.stages(folder, sort=sort)
            started = self._go(line, made.tables(folder), taken.spool_bytes)
            if sort or not _is_unsorted(started):
                break
            self._note("Left-aligned records changed their order; sorted again.")
        blame(started)
        self._check_mismatches(started, taken)
        self._check_written(folder, taken)
        (folder / COUNTED).rename(self._spec.scratch(COUNTED))

    def _go(self, line: Sequence[Stage], beside: Stage, spool_bytes: int) -> list[stages.Started]:
        started = stages.start(line, self._spec.scratch(""))
        started += stages.start([beside], self._spec.scratch(""))
        self._is_indexing = False

        def tick() -> None:
            self._index_what_is_whole(started)
            fed = struct.unpack_from("q", self._fed, 0)[0] / max(spool_bytes, 1)
            self._progress("consequences", INTAKE_SHARE + STAGES_SHARE * min(fed, 1.0), started)

        stages.follow(started, tick)
        self._index_what_is_whole(started)  # if the tables were as soon finished
        stages.follow(started, tick)
        return started

    def _check_mismatches(self, started: Sequence[stages.Started], taken: Taken) -> None:
        wrong, places = mismatches(next(s for s in started if s.name == "norm").errors_path)
        if wrong:
            more = ", ..." if wrong > len(places) else ""
            shown = f"{', '.join(places)}{more}"
            self._note(f"REF differs from the reference in {wrong:,} records: at {shown}.")
        if is_wrong_build(wrong, taken.kept):
            raise wrong_build(wrong / taken.kept, "")

    def _check_written(self, folder: Path, taken: Taken) -> None:
        written = json.loads((folder / COUNTED).read_text())[0][1]
        if written != taken.kept_alleles:
            raise EngineFailed(
                "RECORDS_LOST",
                f"{taken.kept_alleles:,} records were to be written, {written:,} were.",
                cure="Run the job again; if it stays so, send its log to the operator.",
            )
        self._note(f"Written: {written:,} records, one for each ALT of {taken.kept:,}.")

    def _index_what_is_whole(self, started: list[stages.Started]) -> None:
        """Once the VCF is written, while the tables are not finished yet."""
        writing = [one.status for one in started if one.name.startswith(DELIVER)]
        if self._is_indexing or None in writing or any(one.status for one in started):
            return
        self._is_indexing = True
        target, threads = self._spec.path(".annot.vcf.gz"), self._spec.processes - 1
        index_stage = Stage("index", lambda: index(target, threads))
        started += stages.start([index_stage], self._spec.scratch(""))

    def _passed(self, name: str, records: int | None = None) -> None:
        now = time.monotonic()
        self._times.append(StageTime(name, round(now - self._began, 3), records))
        self._began = now

    def _note(self, *lines: str) -> None:
        for line in lines:
            self._emit({"note": line})

    def _progress(
        self, stage: str, fraction: float, started: Sequence[stages.Started] = ()
    ) -> None:
        now = time.monotonic()
        if now - self._emitted_at >= EMIT_SECONDS:
            self._emitted_at = now
            work = time.process_time() + sum(_cpu_seconds(s.pid) for s in started)
            self._emit({"stage": stage, "fraction": fraction, "work": round(work, 2)})


def _found(references: InstalledReferences, name: str) -> Installed:
    installed = references.find(name)
    if installed is None:
        raise InputError(
            "UNKNOWN_REFERENCE",
            f"The reference '{name}' is not installed here.",
            cure="Choose another; `gas reference ls` names them.",
        )
    return installed


def _names_of(installed: Installed) -> ContigNames:
    return ContigNames(installed.reference.contigs, installed.aliases)


def _candidate(installed: Installed, names: ContigNames) -> Candidate:
    reference = installed.reference
    return Candidate(reference.name, reference.title, str(installed.genome_path), names)


def _is_unsorted(started: Iterable[stages.Started]) -> bool:
    return any(
        bool(stage.status)
        and stage.name.startswith((DELIVER, CSQ))
        and any(words in stage.errors_path.read_text(errors="replace") for words in COMPLAINTS)
        for stage in started
    )


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
