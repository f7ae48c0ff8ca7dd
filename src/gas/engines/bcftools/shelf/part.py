"""One file of known variants -> rows of a table; a task of the child process.

A VCF or BCF goes through `mend`, `norm` (split, left-align), `sort` if need be, and `tabulate`,
each in a process of its own; a BED through `bed`.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from gas.domain import errors
from gas.domain.errors import GasError
from gas.engines.bcftools import stages
from gas.engines.bcftools.blame import blame, in_the_wake
from gas.engines.bcftools.shelf.bed import BedReader, is_bed
from gas.engines.bcftools.shelf.known import KnownField
from gas.engines.bcftools.shelf.mend import Mender, nothing_left
from gas.engines.bcftools.shelf.reading import kind_of, lines_of, unreadable
from gas.engines.bcftools.shelf.tabulate import NotSortedError, Tabulator
from gas.engines.bcftools.stages import Stage, bcftools
from gas.vcf.contigs import ContigNames
from gas.vcf.sniff import Kind

Emit = Callable[[dict[str, Any]], None]
EMIT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class PartTask:
    source: str
    """Path of the file."""
    target: str
    """Path of the table, `.tsv.gz`; what is needed on the way lies beside it."""
    genome: str
    contigs: dict[str, int]
    aliases: dict[str, list[str]]
    fields: list[dict[str, str]]

    @property
    def names(self) -> ContigNames:
        return ContigNames(self.contigs, self.aliases)

    @property
    def known_fields(self) -> list[KnownField]:
        return [KnownField(**row) for row in self.fields]

    def beside(self, name: str) -> Path:
        return Path(f"{self.target}.{name}")


@dataclass(slots=True)
class Part:
    """What a table holds."""

    fields: list[dict[str, str]]
    intervals: bool
    rows: dict[str, int]
    left_out: dict[str, int]
    unreadable: dict[str, int]
    """Values that were left out, by field."""
    joined: int
    has_rs: bool


def make_part(told: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    """A `Part` as plain values. InputError; see `Mender` and `lines_of`."""
    task = PartTask(**told)
    path = Path(task.source)
    made = _intervals(task, emit) if is_bed(path.name) else _variants(task, emit)
    if not any(made.rows.values()):
        raise nothing_left(made.left_out)
    return asdict(made)


def _intervals(task: PartTask, emit: Emit) -> Part:
    path = Path(task.source)
    total = max(path.stat().st_size, 1)
    for sort in (False, True):
        reader = BedReader(task.known_fields, task.names)
        with _table(task) as write:
            try:
                lines = lines_of(path, _reporter(emit, total))
                found = reader.run(lines, write, sort=sort)
                break
            except NotSortedError:
                continue
    return Part([asdict(one) for one in reader.fields], intervals=True, **found.plain())


def _variants(task: PartTask, emit: Emit) -> Part:
    kind = kind_of(Path(task.source))
    for sort in (False, True):
        started = _go(task, kind, emit, sort=sort)
        _check_unpacked(task, started)
        mended, tabulated = _told(task, "mend"), _told(task, "tabulate")
        if failed := mended.get("failed"):
            raise _error(failed)
        if not tabulated.get("unsorted"):
            break
        emit({"note": "The known variants are not in order; they are sorted."})
    blame(started)
    fields = json.loads(task.beside("fields").read_text())
    made = Part(fields, intervals=False, **tabulated["found"])
    for why, count in mended["left_out"].items():
        made.left_out[why] = made.left_out.get(why, 0) + count
    return made


def _check_unpacked(task: PartTask, started: Sequence[stages.Started]) -> None:
    """What the reader of a BCF says goes before what was made of the rest."""
    for stage in started:
        if stage.name == "unpack" and (stage.status or 0) > 0 and not in_the_wake(stage):
            raise unreadable(Path(task.source), "It is damaged or cut off.")


class _Fed:
    """How many bytes of the source were read, told from one process to another."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 8)

    def set(self, count: int) -> None:
        struct.pack_into("q", self._shared, 0, count)

    def get(self) -> int:
        return int(struct.unpack_from("q", self._shared, 0)[0])


def _line(task: PartTask, kind: Kind, fed: _Fed, *, sort: bool) -> list[Stage]:
    plain = ["--no-version", "-o", "-"]
    line = []
    if kind is Kind.BCF:
        line.append(Stage("unpack", bcftools("view", "-G", "-Ov", *plain, task.source)))
    line.append(Stage("mend", lambda: _mend(task, fed, piped=kind is Kind.BCF)))
    norm = ["-m", "-any", "-c", "w", "--force", "-f", task.genome]
    line.append(Stage("norm", bcftools("norm", *norm, "-Ou" if sort else "-Ov", *plain, "-")))
    if sort:
        room = ["-m", "512M", "-T", str(task.beside("sort"))]
        line.append(Stage("sort", bcftools("sort", *room, "-Ov", "-o", "-", "-")))
    line.append(Stage("tabulate", lambda: _tabulate(task)))
    return line


def _go(task: PartTask, kind: Kind, emit: Emit, *, sort: bool) -> list[stages.Started]:
    said_path = task.beside("said")
    said_path.mkdir(exist_ok=True)
    for name in ("fields", "mend", "tabulate"):
        task.beside(name).unlink(missing_ok=True)
    fed = _Fed()
    report = _reporter(emit, max(Path(task.source).stat().st_size, 1))
    started = stages.start(_line(task, kind, fed, sort=sort), said_path)
    stages.follow(started, lambda: report(fed.get()))
    return started


def _mend(task: PartTask, fed: _Fed, *, piped: bool) -> None:
    import pysam

    def learnt(fields: Sequence[KnownField]) -> None:
        task.beside("fields").write_text(json.dumps([asdict(one) for one in fields]))

    told: dict[str, Any] = {}
    try:
        with pysam.FastaFile(task.genome) as genome, os.fdopen(os.dup(1), "wb") as target:
            mender = Mender(task.known_fields, task.names, genome, learnt)
            if piped:
                with os.fdopen(os.dup(0), "rb") as source:
                    found = mender.run((line.rstrip(b"\r\n") for line in source), target)
            else:
                found = mender.run(lines_of(Path(task.source), fed.set), target)
        told = {"left_out": found.left_out}
    except GasError as error:
        reason = error.reason
        words = [reason.code, reason.message, reason.place, reason.cure]
        told = {"failed": [type(error).__name__, *words]}
        raise
    finally:
        task.beside("mend").write_text(json.dumps(told))


def _tabulate(task: PartTask) -> None:
    told: dict[str, Any] = {}
    with os.fdopen(os.dup(0), "rb", buffering=1 << 20) as source, _table(task) as write:
        first = source.readline()  # mend has read the header by the time that norm writes its own
        fields = json.loads(task.beside("fields").read_text())
        tabulator = Tabulator([KnownField(**row) for row in fields], write)
        try:
            told = {"found": tabulator.run(chain([first], source)).plain()}
        except NotSortedError:
            told = {"unsorted": True}
    task.beside("tabulate").write_text(json.dumps(told))
    if "unsorted" in told:
        raise NotSortedError


@contextmanager
def _table(task: PartTask) -> Iterator[Callable[[bytes], object]]:
    import pysam

    with pysam.BGZFile(task.target, "wb", None) as target:
        yield target.write


def _told(task: PartTask, name: str) -> dict[str, Any]:
    path = task.beside(name)
    told: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return told


def _reporter(emit: Emit, total: int) -> Callable[[int], None]:
    """Tells the share that was read, now and then; bytes read are the work done."""
    told_at = 0.0

    def report(done: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at >= EMIT_SECONDS:
            told_at = now
            emit({"stage": "known", "fraction": min(done / total, 1.0), "work": done})

    return report


def _error(words: Sequence[str]) -> GasError:
    kind, code, message, place, cure = words
    error_type: type[GasError] = getattr(errors, kind)
    return error_type(code, message, place=place, cure=cure)
