"""Several processes that write one result: it does not tell how many, and they end together."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pysam
import pytest

from engines.conftest import Bench, family, gone, log_of
from engines.streams import PATIENCE_SECONDS, header, on_errors_of
from gas.domain.errors import EngineFailed, Interrupted
from gas.domain.job import FileKind, Progress
from gas.domain.options import AnnotationOptions
from gas.engines.bcftools import bgzf, deliver, stages
from gas.engines.bcftools.outputs.feed import lay_pipes
from gas.engines.bcftools.outputs.finish import OutputPaths, finish_outputs
from gas.engines.bcftools.outputs.summary import Taking
from gas.engines.bcftools.record import UNSORTED, DeliverSpec
from gas.engines.bcftools.references import GENES_FOLDER, InstalledReferences
from gas.engines.bcftools.stages import Stage, Started
from gas.engines.bcftools.turns import Turns

STEM = ("v.vcf.gz", "v.parquet", "t.parquet", "s.json", "c.log")
EVERY = AnnotationOptions(ann=True)
SOON_SECONDS = 10.0
TIMED = (FileKind.PROVENANCE, FileKind.LOG)


@dataclass(frozen=True)
class Desk:
    """The stage that delivers, and the tables beside it, on lines of the demo."""

    bench: Bench
    folder: Path

    def run(self, lines: Sequence[bytes], processes: int, late: int = -1) -> list[Started]:
        """`late`: the place of a process that begins when the results are whole."""
        self.folder.mkdir()
        lay_pipes(self.folder)
        (self.folder / "header").write_text("\n".join(header(samples=["A", "B"])) + "\n")
        stage = deliver.deliver_stage(self.spec(), processes)
        first, *others = (
            self._waiting(_loud(one)) if place == late else _loud(one)
            for place, one in enumerate([stage, *stage.beside])
        )
        several = replace(first, beside=tuple(others))
        source = Stage("text", lambda: _write(b"".join(line + b"\n" for line in lines)))
        started = stages.start([source, several], self.folder)
        started += stages.start([_loud(Stage("tables", self._tables))], self.folder)
        deadline = time.monotonic() + PATIENCE_SECONDS
        stages.follow(started, lambda: _check(deadline))
        return started

    def spec(self) -> DeliverSpec:
        installed = InstalledReferences(self.bench.references_path).find("demo")
        assert installed is not None
        genes = installed.path / GENES_FOLDER
        return DeliverSpec(
            target_path=self.folder / STEM[0],
            header_path=self.folder / "header",
            feed_folder=self.folder,
            genome_path=installed.genome_path,
            transcripts_paths={key: genes / name for key, name in installed.transcripts.items()},
            name_by_contig={"demo1": "one"},
            renamed={},
            id_fields=(),
            known={},
            ann=True,
            quality_key="GAS_QUAL_test",
        )

    def sums(self) -> list[str]:
        return [hashlib.sha256((self.folder / name).read_bytes()).hexdigest() for name in STEM]

    def _waiting(self, stage: Stage) -> Stage:
        def run() -> None:
            while not (self.folder / STEM[0]).read_bytes().endswith(bgzf.END):
                time.sleep(0.005)
            stage.run()

        return replace(stage, run=run)

    def _tables(self) -> None:
        paths = OutputPaths(*(self.folder / name for name in STEM[1:]))
        finish_outputs(self.folder, paths, Taking("in.vcf", "demo", 0, {}))


def _loud(stage: Stage) -> Stage:
    return replace(stage, run=on_errors_of(stage.run))


def _write(text: bytes) -> None:
    while text:
        text = text[os.write(1, text) :]


def _check(deadline: float) -> None:
    assert time.monotonic() < deadline


def lines_of(bench: Bench, *, copies: int = 1) -> list[bytes]:
    """The demo's records with one ALT, and two samples."""
    found = []
    for row in bench.demo.vcf.read_bytes().splitlines():
        columns = row.split(b"\t")
        if row[:1] != b"#" and b"," not in columns[4]:
            kept = [*columns[:8], b"GT:DP", b"0/1:7", b"1/1:9"]
            found += [b"\t".join(kept)] * copies
    return found


@pytest.mark.parametrize("chunk_bytes", [1, 700, 50_000])
def test_how_they_share_the_work_cannot_be_told(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_bytes: int
) -> None:
    lines = lines_of(bench, copies=3)
    alone = Desk(bench, tmp_path / "alone")
    assert not any(one.status for one in alone.run(lines, 1))
    monkeypatch.setattr(deliver, "CHUNK_BYTES", chunk_bytes)
    monkeypatch.setattr(deliver, "READ_BYTES", chunk_bytes)
    for processes in (1, 2, 4):
        together = Desk(bench, tmp_path / f"{processes}")
        assert [one.status for one in together.run(lines, processes)] == [0] * (processes + 2)
        assert together.sums() == alone.sums()


@pytest.mark.parametrize("late", [0, 1])
def test_a_file_without_records_is_whole(bench: Bench, tmp_path: Path, late: int) -> None:
    """Though one of the processes is there only when all is done."""
    desk = Desk(bench, tmp_path / "none")
    assert not any(one.status for one in desk.run([], 2, late=late))
    assert (desk.folder / STEM[0]).read_bytes().endswith(bgzf.END)
    with pysam.VariantFile(str(desk.folder / STEM[0])) as written:
        assert list(written) == []


@pytest.mark.parametrize("chunk_bytes", [1, 50_000])
@pytest.mark.parametrize("swapped", ["positions", "contigs"])
def test_what_is_out_of_order_is_found_out(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_bytes: int, swapped: str
) -> None:
    monkeypatch.setattr(deliver, "CHUNK_BYTES", chunk_bytes)
    monkeypatch.setattr(deliver, "READ_BYTES", min(chunk_bytes, 40))
    row = b"\t.\tA\tC\t.\t.\t.\tGT\t0/1\t0/0"
    places = [b"demo1\t50", b"demo1\t49"]
    if swapped == "contigs":
        places = [b"demo1\t50", b"demo2\t50", b"demo1\t51"]
    started = Desk(bench, tmp_path / "x").run([place + row for place in places], 2)
    said = "".join(one.errors_path.read_text() for one in started if one.name[:7] == "deliver")
    assert UNSORTED in said


def test_blocks_are_those_of_htslib(tmp_path: Path) -> None:
    rng = random.Random(1)
    for size in (0, 1, bgzf.BLOCK_BYTES, bgzf.BLOCK_BYTES + 1, 200_000):
        text = rng.randbytes(size // 2) + b"ACGT" * (size - size // 2)
        path = tmp_path / str(size)
        with pysam.BGZFile(str(path), "wb", None) as file:
            file.write(text)
        blocks, rest = bgzf.whole_blocks(text)
        assert bgzf.packed(blocks) + bgzf.packed(rest) + bgzf.END == path.read_bytes()


def test_a_turn_brings_what_was_told_however_long() -> None:
    turns = Turns(2, b"first")
    told = [turns.take(0)]
    turns.give(1, b"x" * 300_000)
    told.append(turns.take(1))
    turns.give(2)
    told.append(turns.take(2))
    assert told == [b"first", b"x" * 300_000, b""]


def sums_of_run(bench: Bench, path: Path, processes: int) -> dict[str, str]:
    task = replace(bench.task(path), processes=processes, options=EVERY)
    files = [file for file in bench.run(task).files if file.kind not in TIMED]
    return {one.path.name: hashlib.sha256(one.path.read_bytes()).hexdigest() for one in files}


def test_whole_runs_are_the_same(bench: Bench) -> None:
    path = bench.large(11)  # from 10,000 records on several are used
    alone = sums_of_run(bench, path, 1)
    assert len(alone) == 6
    assert sums_of_run(bench, path, 2) == sums_of_run(bench, path, 4) == alone


class Watch:
    """Does something once two processes deliver."""

    def __init__(self) -> None:
        self.pids: list[int] = []

    def __call__(self, progress: Progress) -> None:
        processes = family()
        if progress.stage == "consequences" and len(processes) >= 7 and not self.pids:
            self.pids = [process.pid for process in processes]
            self.act()

    def act(self) -> None:
        raise Interrupted("CANCELLED", "The job was cancelled.")


@pytest.mark.parametrize("place", [4, 5])
def test_one_that_is_killed_ends_the_run(bench: Bench, place: int) -> None:
    class Strike(Watch):
        def act(self) -> None:
            os.kill(self.pids[place], signal.SIGKILL)

    strike = Strike()
    task = replace(bench.task(bench.large()), processes=2)
    with pytest.raises(EngineFailed, match="ENGINE_CRASHED"):
        bench.run(task, strike)
    assert len(strike.pids) >= 7
    assert gone(strike.pids, SOON_SECONDS)
    assert "step 'deliver" in log_of(task)
    assert not (task.work_path / "scratch").exists()


def test_a_cancelled_run_ends_all_of_them(bench: Bench) -> None:
    watch = Watch()
    with pytest.raises(Interrupted):
        bench.run(replace(bench.task(bench.large()), processes=2), watch)
    assert len(watch.pids) >= 7
    assert gone(watch.pids, SOON_SECONDS)
