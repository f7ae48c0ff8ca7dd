"""One run from end to end, in the child: intake, then the stages, then the results."""

from __future__ import annotations

import json
import mmap
import os
import struct
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from gas.domain.errors import EngineFailed
from gas.engines.bcftools import stages
from gas.engines.bcftools.blame import blame, in_the_wake, mismatch_count
from gas.engines.bcftools.build_check import check_build, is_wrong_build, wrong_build
from gas.engines.bcftools.counts import count_log
from gas.engines.bcftools.deliver import deliver, index
from gas.engines.bcftools.prepare import lay_out
from gas.engines.bcftools.spec import RunSpec
from gas.engines.bcftools.stages import Stage, bcftools
from gas.vcf import faults
from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Intake, Taken
from gas.vcf.sniff import Kind, sniff

Emit = Callable[[dict[str, Any]], None]
INTAKE_SHARE, STAGES_SHARE = 0.35, 0.6
POLL_SECONDS = 0.005
EMIT_SECONDS = 0.2
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Chain:
    def __init__(self, spec: RunSpec, emit: Emit) -> None:
        self._spec = spec
        self._emit = emit
        self._names = ContigNames(spec.contigs, spec.aliases)
        self._emitted_at = 0.0
        self._fed = mmap.mmap(-1, 8)  # shared with the feeding process

    def run(self) -> dict[str, Any]:
        """What was found and written, as plain values."""
        spec = self._spec
        spec.scratch("").mkdir()
        taken = self._take_in()
        share = check_build(spec, self._names, taken.probes)
        self._note(f"REF differs from the reference in {share:.2%} of the records looked at.")
        header_path = self._write_header(taken)
        genome_path, genes_path = lay_out(spec, taken.contig_by_name)
        for sort in (False, True) if taken.sorted else (True,):
            line = self._line(taken, header_path, genome_path, genes_path, sort=sort)
            started = self._go(line, taken.spool_bytes)
            unsorted = not sort and "not sorted" in _errors(started)
            if not unsorted:
                break
            self._note("Left-aligned records changed their order; sorted again.")
        blame(started)
        self._check_mismatches(started, taken)
        table = self._check_counts(taken)
        self._finish(table)
        return {
            "counts": table,
            "rejected": taken.rejected_path is not None,
            "index": self._index_ending(),
        }

    def _take_in(self) -> Taken:
        spec = self._spec
        total = max(Path(spec.input_path).stat().st_size, 1)
        viewing, source = self._open_input()
        try:
            with source:
                taken = Intake(self._names).take(
                    source,
                    spool_path=spec.scratch("records.gz"),
                    rejected_path=spec.path(".rejected.vcf"),
                    report=lambda done: self._progress(
                        "intake", min(done / total, 1) * INTAKE_SHARE
                    ),
                )
        finally:
            _check_bcf(viewing)
        self._tell(taken)
        return taken

    def _open_input(self) -> tuple[list[stages.Started], BinaryIO]:
        path = Path(self._spec.input_path)
        if not _is_bcf(path):
            return [], path.open("rb")
        reading, writing = os.pipe()
        view = Stage("view", bcftools("view", "--no-version", "-Ov", "-o", "-", str(path)))
        return (
            stages.start([view], self._spec.scratch(""), target=writing),
            os.fdopen(reading, "rb"),
        )

    def _tell(self, taken: Taken) -> None:
        rejected = sum(taken.rejected.values())
        self._note(f"Intake: {taken.kept:,} records kept, {rejected:,} rejected.")
        for code, count in taken.rejected.items():
            self._note(f"  rejected {code}: {count:,}")
        for name in taken.unknown_contigs[:5]:
            self._note(f"  the reference has no contig {name[:60]}")
        for repair, count in taken.header.repairs.items():
            self._note(f"  {repair} ({count:,} times)")
        if taken.blanked_genotypes:
            self._note(f"  {taken.blanked_genotypes:,} genotypes beyond ALT were set to missing.")
        for name, contig in taken.contig_by_name.items():
            if name != contig:
                self._note(f"  {name} is {contig} of the reference.")
        if not taken.sorted:
            self._note("  the records are not in order; they are sorted.")

    def _write_header(self, taken: Taken) -> Path:
        from pysam.version import __bcftools_version__ as bcftools_version
        from pysam.version import __version__ as pysam_version

        contigs = {
            name: self._names.lengths[contig] for name, contig in taken.contig_by_name.items()
        }
        version = f"bcftools {bcftools_version} (pysam {pysam_version})"
        extra = (*self._spec.provenance, f'##gas_engine="{version}"')
        path = self._spec.scratch("header.vcf")
        path.write_text(taken.header.text(contigs, extra))
        return path

    def _line(
        self, taken: Taken, header: Path, genome: Path, genes: Path | None, *, sort: bool
    ) -> list[Stage]:
        spec = self._spec
        plain = ["--no-version", "-o", "-"]
        line = [Stage("feed", lambda: self._feed(header))]
        if "BCSQ" in taken.header.declared["INFO"] | taken.header.declared["FORMAT"]:
            kinds = [k for k in ("INFO", "FORMAT") if "BCSQ" in taken.header.declared[k]]
            gone = ",".join(f"{kind}/BCSQ" for kind in kinds)
            line.append(Stage("strip", bcftools("annotate", "-x", gone, "-Ou", *plain, "-")))
        norm = ["-m", "-any", "-c", "w", "--force", "-f", str(genome), "-Ou", *plain, "-"]
        line.append(Stage("norm", bcftools("norm", *norm)))
        if sort:
            arguments = ["-m", "256M", "-T", str(spec.scratch("sort")), "-Ou", "-o", "-", "-"]
            line.append(Stage("sort", bcftools("sort", *arguments)))
        if genes is None:
            line.append(Stage("text", bcftools("view", "-Ov", *plain, "-")))
        else:
            found = ["-l", "--force", "-G", "1", "-s", "-", "-v", "0"]
            paths = ["-f", str(genome), "-g", str(genes)]
            line.append(Stage("csq", bcftools("csq", *found, *paths, "-Ov", *plain, "-")))
        target, counted = spec.path(".annot.vcf.gz"), spec.scratch("counted.json")
        line.append(Stage("deliver", lambda: deliver(target, counted)))
        return line

    def _feed(self, header_path: Path) -> None:
        with os.fdopen(os.dup(1), "wb") as target:
            target.write(header_path.read_bytes())
            with self._spec.scratch("records.gz").open("rb") as spool:
                unpacker = zlib.decompressobj(wbits=31)
                while chunk := spool.read(1 << 16):
                    target.write(unpacker.decompress(chunk))
                    struct.pack_into("q", self._fed, 0, spool.tell())
                target.write(unpacker.flush())

    def _go(self, line: Sequence[Stage], spool_bytes: int) -> list[stages.Started]:
        started = stages.start(line, self._spec.scratch(""))
        try:
            while stages.poll(started):
                fed = struct.unpack_from("q", self._fed, 0)[0] / max(spool_bytes, 1)
                fraction = INTAKE_SHARE + STAGES_SHARE * min(fed, 1.0)
                self._progress("consequences", fraction, started)
                if any(stage.status not in (None, 0) for stage in started):
                    time.sleep(0.05)  # those beside it fail in its wake, or are stopped
                    stages.poll(started)
                    break
                time.sleep(POLL_SECONDS)
        finally:
            stages.stop(started)
        return started

    def _check_mismatches(self, started: Sequence[stages.Started], taken: Taken) -> None:
        wrong = mismatch_count(next(s for s in started if s.name == "norm").errors_path)
        if wrong:
            self._note(f"REF differs from the reference in {wrong:,} records.")
        if is_wrong_build(wrong, taken.kept):
            raise wrong_build(wrong / taken.kept, "")

    def _check_counts(self, taken: Taken) -> list[tuple[str, int]]:
        table = [tuple(row) for row in json.loads(self._spec.scratch("counted.json").read_text())]
        written = table[0][1]
        if written != taken.kept_alleles:
            raise EngineFailed(
                "RECORDS_LOST",
                f"{taken.kept_alleles:,} records were to be written, {written:,} were.",
                cure="Run the job again; if it stays so, send its log to the operator.",
            )
        self._note(f"Written: {written:,} records, one for each ALT of {taken.kept:,}.")
        return table

    def _finish(self, table: list[tuple[str, int]]) -> None:
        spec = self._spec
        target = spec.path(".annot.vcf.gz")
        self._progress("index", INTAKE_SHARE + STAGES_SHARE)
        started = stages.start([Stage("index", lambda: index(target))], spec.scratch(""))
        try:
            while stages.poll(started):
                self._progress("index", INTAKE_SHARE + STAGES_SHARE, started)
                time.sleep(POLL_SECONDS)
        finally:
            stages.stop(started)
        blame(started)
        spec.path(".count.log").write_text(count_log(table))

    def _index_ending(self) -> str:
        return ".tbi" if self._spec.path(".annot.vcf.gz.tbi").exists() else ".csi"

    def _note(self, text: str) -> None:
        self._emit({"note": text})

    def _progress(
        self, stage: str, fraction: float, started: Sequence[stages.Started] = ()
    ) -> None:
        now = time.monotonic()
        if now - self._emitted_at >= EMIT_SECONDS:
            self._emitted_at = now
            work = time.process_time() + sum(_cpu_seconds(s.pid) for s in started)
            self._emit({"stage": stage, "fraction": fraction, "work": round(work, 2)})


def _check_bcf(viewing: Sequence[stages.Started]) -> None:
    """What the reader of a BCF says goes before what the intake made of the rest."""
    deadline = time.monotonic() + 1.0
    while stages.poll(viewing) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
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


def _errors(started: Sequence[stages.Started]) -> str:
    return "".join(
        stage.errors_path.read_text(errors="replace")
        for stage in started
        if stage.name == "csq" and stage.status
    )


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
