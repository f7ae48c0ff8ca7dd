"""The references that are installed, read from their `reference.json`; no vendor needed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gas.domain.errors import InputError
from gas.engines.bcftools.shelf.known import FOLDER as KNOWN_FOLDER
from gas.engines.bcftools.shelf.known import Known, newest, read_known
from gas.ports.annotation import KnownSource, Reference

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")
ABOUT_NAME = "reference.json"
GENOME_NAME = "genome.fa.gz"
GENES_FOLDER = "genes"


@dataclass(frozen=True, slots=True)
class Installed:
    """A reference with what only the engine needs to know."""

    reference: Reference
    path: Path
    aliases: Mapping[str, Sequence[str]]
    """Further names by contig, from the reference's own files."""
    genes: Mapping[str, str]
    """File in the genes folder for csq, by contig; contigs without genes are not in it."""
    transcripts: Mapping[str, str] = field(default_factory=dict)
    """File in the genes folder, by contig; contigs without transcripts are not in it."""
    all_known: tuple[Known, ...] = ()
    """Every release of every source."""
    recipe: str = ""
    """What it was installed by; empty if from files of the operator's own."""
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """'bytes' and 'sha256' by path in its folder; empty if it is older than that was noted."""

    @property
    def genome_path(self) -> Path:
        return self.path / GENOME_NAME

    @property
    def known(self) -> tuple[Known, ...]:
        """The newest release of each source: what a job uses, in this order."""
        return newest(self.all_known)


def check_name(name: str) -> None:
    """InputError BAD_REFERENCE_NAME."""
    if not NAME.match(name):
        raise InputError(
            "BAD_REFERENCE_NAME",
            "The name of a reference has lower-case letters, digits, '_', '-' and '.' only.",
            cure="Choose a name like 'grch38' or 'sars-cov-2'.",
        )


class InstalledReferences:
    """Looks at the folder anew each time; what did not change is not read again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[str, tuple[tuple[int, int], Installed]] = {}

    def all(self) -> Sequence[Reference]:
        return [installed.reference for installed in self.installed()]

    def get(self, name: str) -> Reference | None:
        found = self.find(name)
        return found.reference if found else None

    def installed(self) -> Sequence[Installed]:
        try:
            names = sorted(entry.name for entry in self._path.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [found for name in names if (found := self.find(name))]

    def find(self, name: str) -> Installed | None:
        if not NAME.match(name):
            return None
        about_path = self._path / name / ABOUT_NAME
        try:
            changed_ns = (about_path.stat().st_mtime_ns, _changed_ns(about_path.parent))
            before = self._read.get(name)
            if before and before[0] == changed_ns:
                return before[1]
            found = _parse(name, json.loads(about_path.read_text()), about_path.parent)
        except (OSError, ValueError, KeyError, TypeError):
            self._read.pop(name, None)
            return None
        self._read[name] = (changed_ns, found)
        return found


def _changed_ns(path: Path) -> int:
    """When known variants last came or went; a folder's own time says so."""
    try:
        return (path / KNOWN_FOLDER).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _parse(name: str, about: Mapping[str, Any], path: Path) -> Installed:
    contigs = about["contigs"]
    files = about.get("files", {})
    known = read_known(path)
    reference = Reference(
        name=name,
        title=about["title"],
        contigs={contig["name"]: contig["bases"] for contig in contigs},
        checksums=about["checksums"],
        installed_at=about["installed_at"],
        notes=about["notes"],
        release=about.get("release", ""),
        genes=about.get("genes", 0),
        transcripts=about.get("transcripts", {}).get("all", 0),
        known=[KnownSource(one.name, one.release, one.records) for one in known],
        size_bytes=sum(file["bytes"] for file in files.values())
        + sum(one.size_bytes for one in known),
    )
    return Installed(
        reference,
        path,
        aliases={contig["name"]: contig["aliases"] for contig in contigs},
        genes=_files(contigs, "genes"),
        transcripts=_files(contigs, "transcripts"),
        all_known=known,
        recipe=about.get("recipe", ""),
        files=files,
    )


def _files(contigs: Sequence[Mapping[str, Any]], kind: str) -> dict[str, str]:
    return {contig["name"]: contig[kind] for contig in contigs if contig.get(kind)}
