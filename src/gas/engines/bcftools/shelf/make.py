"""The parent's side of making known variants: one child for each file, one for the whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gas.engines.bcftools.process import COMPLAINTS_NAME, Bounds, Child
from gas.engines.bcftools.references import GENOME_NAME
from gas.engines.bcftools.shelf.known import KnownField
from gas.engines.bcftools.shelf.part import PartTask
from gas.engines.bcftools.shelf.report import Note, Report, Work
from gas.engines.bcftools.shelf.room import full_disk_is_why

BOUNDS = Bounds(memory_bytes=16 * 2**30, seconds=96 * 3600, stall_seconds=3600.0)
"""All of dbSNP takes hours; an hour without a byte read is no work."""


@dataclass(frozen=True, slots=True)
class Target:
    """A genome that known variants are made for."""

    genome_path: Path
    contigs: Mapping[str, int]
    aliases: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Release:
    """What is to be made."""

    name: str
    release: str
    title: str
    fields: tuple[KnownField, ...]


def target_of(folder: Path) -> Target:
    """Of a reference that may not be published yet."""
    about = json.loads((folder / "reference.json").read_text())
    return Target(
        folder / GENOME_NAME,
        {contig["name"]: contig["bases"] for contig in about["contigs"]},
        {contig["name"]: contig["aliases"] for contig in about["contigs"]},
    )


def make_part(
    target: Target, release: Release, source: Path, table: Path, report: Report
) -> dict[str, Any]:
    """Makes `table` of the file `source`; what it holds, as plain values."""
    task = PartTask(
        source=str(source.resolve()),
        target=str(table.resolve()),
        genome=str(target.genome_path.resolve()),
        contigs=dict(target.contigs),
        aliases={contig: list(names) for contig, names in target.aliases.items()},
        fields=[asdict(field) for field in release.fields],
    )
    made = _run("known-part", json.dumps(asdict(task)), table.parent, source.name, report)
    for why, count in {**made["left_out"], **_unreadable(made)}.items():
        report(Note(f"{count:,} records {why} were left out."))
    return made


def make_whole(
    folder: Path,
    release: Release,
    parts: Sequence[tuple[Path, Mapping[str, Any]]],
    *,
    sources: Sequence[Mapping[str, Any]],
    added_at: str,
    report: Report,
) -> None:
    """Fills the new `folder` from tables and what `make_part` said of each."""
    folder.mkdir(parents=True)
    told = {
        "folder": str(folder.resolve()),
        "parts": [str(path.resolve()) for path, _ in parts],
        "made": [made for _, made in parts],
        "about": {
            "source": release.name,
            "release": release.release,
            "title": release.title,
            "sources": list(sources),
            "added_at": added_at,
        },
    }
    _run("known-whole", json.dumps(told), folder, release.title, report)


def clear_beside(table: Path) -> None:
    """What a part needed on its way."""
    for path in table.parent.glob(f"{table.name}.*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _run(what: str, told: str, folder: Path, name: str, report: Report) -> dict[str, Any]:
    done: dict[str, Any] = {}
    try:
        with (
            full_disk_is_why(folder),
            Child(what, told, work_path=folder, bounds=BOUNDS) as child,
        ):
            for answer in child.answers():
                if "note" in answer:
                    report(Note(answer["note"]))
                if "fraction" in answer:
                    report(Work(name, answer["fraction"]))
                done = answer.get("done", {})
    finally:
        (folder / COMPLAINTS_NAME).unlink(missing_ok=True)
    report(Work(name, 1.0))
    return done


def _unreadable(made: Mapping[str, Any]) -> dict[str, int]:
    return {f"with an unreadable value of {name}": n for name, n in made["unreadable"].items()}
