"""Hand-made streams of delivered records, and the outputs made of them as a run makes them."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from gas.engines.bcftools import stages
from gas.engines.bcftools.blame import blame
from gas.engines.bcftools.consequence.alike import Alike, alone
from gas.engines.bcftools.consequence.fields import CSQ_FIELDS, Prediction, Verdict
from gas.engines.bcftools.outputs.feed import TableFeed, lay_pipes
from gas.engines.bcftools.outputs.finish import OutputPaths, finish_outputs
from gas.engines.bcftools.outputs.summary import Taking
from gas.engines.bcftools.stages import Stage, Started

FIXED = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
CONSEQUENCE, SYMBOL, PICK, PICK_MANE = map(
    CSQ_FIELDS.index, ("Consequence", "SYMBOL", "PICK", "PICK_MANE")
)
PEAK = "peak"
"""Kilobytes that making the tables took."""
FLUSHED_ROWS = 1000
TAKING = Taking("in.vcf", "demo", 0, {})
PATIENCE_SECONDS = 60.0
_left_open: list[TableFeed] = []
"""In the process that delivers: what it did not close breaks off with its end, and not before."""


@dataclass(frozen=True)
class Said:
    """What a predictor says."""

    texts: tuple[str, ...] = ()
    most_severe: str = ""
    impact: str = ""

    @property
    def verdict(self) -> Verdict:
        entries = [text.split("|") for text in self.texts]

        def found(at: int) -> int:
            return next((place for place, one in enumerate(entries) if one[at] == "1"), -1)

        return Verdict(
            self.most_severe,
            self.impact,
            tuple([one[CONSEQUENCE] for one in entries]),
            tuple([one[SYMBOL] for one in entries]),
            found(PICK),
            found(PICK_MANE),
        )

    @property
    def alike(self) -> Alike:
        return alone(0, Prediction(self.texts, self.verdict))


NOTHING = Said()
Row = tuple[bytes, Said]
"""A line of a VCF, without its end, and what is said of it."""


def entry(**fields: str) -> str:
    """One entry of CSQ, by its fields."""
    return "|".join(fields.get(name, "") for name in CSQ_FIELDS)


def line(*columns: object) -> bytes:
    return "\t".join(map(str, columns)).encode()


def header(*infos: str, samples: Sequence[str] = ()) -> list[str]:
    """`infos`: 'ID,Number,Type'."""
    declared = []
    for info in infos:
        key, number, type_name = info.split(",")
        declared.append(f'##INFO=<ID={key},Number={number},Type={type_name},Description="-">')
    columns = [*FIXED, *(["FORMAT", *samples] if samples else [])]
    return ["##fileformat=VCFv4.3", *declared, "\t".join(columns)]


def on_errors_of(run: Callable[[], None]) -> Callable[[], None]:
    """With standard error as a stage has it, not as pytest has it."""

    def run_so() -> None:
        sys.stderr = os.fdopen(2, "w", closefd=False)
        run()

    return run_so


@dataclass(frozen=True)
class Stream:
    folder: Path
    header: Sequence[str]
    rows: Callable[[], Iterable[Row]]
    known: Mapping[str, Sequence[str]]
    taking: Taking = TAKING
    closes: bool = True

    @property
    def paths(self) -> OutputPaths:
        return OutputPaths(
            *(self.folder / name for name in ("v.parquet", "t.parquet", "s.json", "c.log"))
        )

    def run(self) -> list[Started]:
        """Both sides, each in a process of its own, to their end."""
        lay_pipes(self.folder)
        line = [
            Stage("deliver", on_errors_of(self._deliver)),
            Stage("tables", on_errors_of(self._finish)),
        ]
        started = stages.start(line, self.folder)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while stages.poll(started) and time.monotonic() < deadline:
            if started[-1].status not in (
                None,
                0,
            ):  # as the chain does: nobody waits for a dead one
                break
            time.sleep(0.005)
        stages.stop(started)
        return started

    def made(self) -> Stream:
        blame(self.run())
        return self

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """'v' and 't' are the tables."""
        paths = self.paths
        with duckdb.connect() as connection:
            for name, path in (("v", paths.variants), ("t", paths.transcripts)):
                connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{path}')")
            return connection.execute(sql).fetchall()

    def row(self, columns: str, rid: int = 1) -> tuple[Any, ...]:
        return self.ask(f"SELECT {columns} FROM v WHERE rid = {rid}")[0]

    @property
    def summary(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.paths.summary.read_text())
        return told

    def again(self, name: str, **changes: Any) -> Stream:
        """The same, in another folder."""
        folder = self.folder.with_name(name)
        folder.mkdir()
        return replace(self, folder=folder, **changes)

    def _deliver(self) -> None:
        feed = TableFeed(self.folder, self.header, csq_fields=CSQ_FIELDS, known=self.known)
        _left_open.append(feed)
        feed.open()
        for number, (text, said) in enumerate(self.rows()):
            csq = ",".join(said.texts).encode()
            feed.extend([text.split(b"\t", 9)], [csq], [said.alike])
            if number % FLUSHED_ROWS == 0:
                feed.put(feed.gathered())
        feed.put(feed.gathered())
        if self.closes:
            feed.close()

    def _finish(self) -> None:
        inherited = _peak_kilobytes()  # of the tests, from which this process was forked
        finish_outputs(self.folder, self.paths, self.taking)
        (self.folder / PEAK).write_text(str(_peak_kilobytes() - inherited))


def _peak_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def stream(
    folder: Path,
    *rows: Row,
    infos: Sequence[str] = (),
    samples: Sequence[str] = (),
    known: Mapping[str, Sequence[str]] | None = None,
) -> Stream:
    return Stream(folder, header(*infos, samples=samples), lambda: rows, known or {})
