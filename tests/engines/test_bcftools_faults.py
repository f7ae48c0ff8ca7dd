"""What happens when a run is stopped, or its processes die, hang or are short of something."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from engines.conftest import Bench, family, gone, log_of
from gas.domain.errors import EngineFailed, GasError, Interrupted, StoreFull, TooLarge
from gas.domain.job import Progress
from gas.engines.bcftools.blame import blame
from gas.engines.bcftools.chain import _is_unsorted
from gas.engines.bcftools.stages import Started
from small_disk import small_disk

SOON_SECONDS = 10.0


class Strike:
    """Does something to the engine's processes once all stages run."""

    def __init__(self, number: int, place: int) -> None:
        self.number, self.place = number, place
        self.pids: list[int] = []

    def __call__(self, progress: Progress) -> None:
        processes = family()
        if progress.stage == "consequences" and len(processes) > 3 and not self.pids:
            self.pids = [process.pid for process in processes]
            os.kill(self.pids[self.place], self.number)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
@pytest.mark.parametrize("place", [0, 3])
def test_a_dead_process_is_the_engines_failure(bench: Bench, number: int, place: int) -> None:
    strike = Strike(number, place)
    task = bench.task(bench.large())
    with pytest.raises(EngineFailed, match="ENGINE_CRASHED"):
        bench.run(task, strike)
    assert len(strike.pids) > 3
    assert gone(strike.pids, SOON_SECONDS)
    assert f"signal {int(number)}" in log_of(task)
    assert not (task.work_path / "scratch").exists()


def test_a_hanging_process_is_found_out(bench: Bench) -> None:
    strike = Strike(signal.SIGSTOP, 0)
    with pytest.raises(EngineFailed, match="ENGINE_STALLED"):
        bench.run(bench.task(bench.large()), strike, stall_seconds=0.8)
    assert gone(strike.pids, SOON_SECONDS)


@pytest.mark.parametrize("stage", ["intake", "consequences"])
def test_interruption_ends_everything_within_a_second(bench: Bench, stage: str) -> None:
    # Once in three times: the machine that runs the tests may have other things to do.
    assert any(seconds_to_end(bench, stage) < 1.0 for _ in range(3))


def seconds_to_end(bench: Bench, stage: str) -> float:
    pids: list[int] = []
    stopped_at = 0.0

    def report(progress: Progress) -> None:
        nonlocal stopped_at
        if progress.stage == stage and (processes := family()):
            pids.extend(process.pid for process in processes)
            stopped_at = time.monotonic()
            raise Interrupted("CANCELLED", "The job was cancelled.")

    task = bench.task(bench.large())
    with pytest.raises(Interrupted):
        bench.run(task, report)
    assert pids
    assert gone(pids, SOON_SECONDS)
    ended_at = time.monotonic()
    assert "CANCELLED" in log_of(task)
    return ended_at - stopped_at


def test_reports_come_at_least_every_second(bench: Bench) -> None:
    def longest_silence() -> float:
        times: list[float] = []
        bench.run(bench.task(bench.large()), lambda _progress: times.append(time.monotonic()))
        assert len(times) > 5
        return max(b - a for a, b in pairwise(times))

    # Once in three times: the machine that runs the tests may have other things to do.
    assert any(longest_silence() < 1.0 for _ in range(3))


def test_time_limit_is_kept(bench: Bench) -> None:
    begun = time.monotonic()
    with pytest.raises(TooLarge, match="RUN_TOO_LONG"):
        bench.run(bench.task(bench.large(), seconds=1))
    assert time.monotonic() - begun < SOON_SECONDS


def test_memory_limit_is_kept(bench: Bench) -> None:
    path = bench.runs_path.parent / "wide.vcf"
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    row = f"demo1\t5\t.\tA\tC\t.\t.\tX={'y' * 50_000_000}\n"
    path.write_text("##fileformat=VCFv4.2\n" + columns + row)
    with pytest.raises(TooLarge, match="RUN_NEEDS_MEMORY"):
        bench.run(bench.task(path, memory_bytes=160 * 2**20))


def test_killed_caller_leaves_no_process(bench: Bench) -> None:
    task = bench.task(bench.large())
    code = (
        "from pathlib import Path; from gas.engines.bcftools import BcftoolsEngine;"
        "from gas.ports.annotation import AnnotationTask;"
        f"t = AnnotationTask(Path({str(task.input_path)!r}), 'a.vcf', 'demo',"
        f" Path({str(task.work_path)!r}), 60, {task.memory_bytes});"
        f"BcftoolsEngine(Path({str(bench.references_path)!r})).annotate(t, lambda p: None)"
    )
    source = str(Path(__file__).parents[2] / "src")
    with subprocess.Popen([sys.executable, "-c", code], env={"PYTHONPATH": source}) as caller:
        deadline = time.monotonic() + 3 * SOON_SECONDS
        pids: list[int] = []
        while len(pids) < 5 and time.monotonic() < deadline:
            pids = [x.pid for x in psutil.Process(caller.pid).children(recursive=True)]
            time.sleep(0.01)
        caller.kill()
    assert len(pids) >= 5
    assert gone(pids, SOON_SECONDS)


def test_nothing_is_written_outside_the_work_folder(bench: Bench) -> None:
    before = set(bench.references_path.rglob("*"))
    task = bench.task(bench.demo.vcf)
    bench.run(task)
    assert set(bench.references_path.rglob("*")) == before
    names = {path.name for path in task.work_path.iterdir()}
    stem = {"annot.vcf.gz", "annot.vcf.gz.tbi", "count.log"}
    tables = {"variants.parquet", "transcripts.parquet"}
    expected = {f"demo.{ending}" for ending in stem | tables}
    assert names == expected | {"summary.json", "provenance.json", "run.log"}


def test_full_disk_is_told_and_may_be_tried_again(bench: Bench, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "300k") as small:
        task = Bench(bench.references_path, small, bench.demo).task(bench.large())
        with pytest.raises(StoreFull, match="NO_ROOM"):
            bench.run(task)


@pytest.mark.parametrize(
    ("stage", "status", "code"),
    [
        ("norm", 255, "BAD_RECORD"),
        ("csq", 255, "ENGINE_BROKE"),
        ("norm", -signal.SIGSEGV, "ENGINE_CRASHED"),
    ],
)
def test_what_a_stage_says_of_a_record_is_repeated_to_nobody(
    tmp_path: Path, stage: str, status: int, code: str
) -> None:
    complaints = tmp_path / "complaints"
    complaints.write_text("[E::vcf_parse_format] Invalid value 'CANARY' in CANARY at demo1:7\n")
    with pytest.raises(GasError) as caught:
        blame([Started(stage, 1, complaints, status)])
    assert caught.value.reason.code == code
    assert "CANARY" not in str(caught.value.reason)


def test_a_stage_that_found_no_room_is_told_before_those_beside_it(tmp_path: Path) -> None:
    said = {"feed": "Traceback: something odd", "tables": "OSError: No space left on device"}
    started = []
    for name, words in said.items():
        (tmp_path / name).write_text(words)
        started.append(Started(name, 1, tmp_path / name, 1))
    with pytest.raises(StoreFull, match="NO_ROOM"):
        blame(started)


def test_a_stage_whose_words_found_no_room_is_told_as_such(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "8m") as small:
        (small / "complaints").touch()
        with pytest.raises(StoreFull, match="NO_ROOM"):
            blame([Started("norm", 1, small / "complaints", 1)])


def test_a_silent_stage_is_no_full_disk_where_there_is_room(tmp_path: Path) -> None:
    complaints = tmp_path / "complaints"
    complaints.touch()
    with pytest.raises(EngineFailed, match="ENGINE_BROKE"):
        blame([Started("norm", 1, complaints, 1)])


@pytest.mark.parametrize(("stage", "unsorted"), [("csq", True), ("norm", False)])
def test_what_csq_says_of_unsorted_records_is_no_failure_yet(
    tmp_path: Path, stage: str, unsorted: bool
) -> None:
    complaints = tmp_path / "complaints"
    complaints.write_text("Error: The file is not sorted, r:2041 comes before r:1\n")
    assert _is_unsorted([Started(stage, 1, complaints, 1)]) is unsorted
