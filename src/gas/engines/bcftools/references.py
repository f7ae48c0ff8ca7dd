"""The references that are installed, read from their `reference.json`; no vendor needed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gas.ports.annotation import Reference

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
    """File in the genes folder by contig; contigs without genes are not in it."""

    @property
    def genome_path(self) -> Path:
        return self.path / GENOME_NAME


class InstalledReferences:
    """Looks at the folder anew each time; what did not change is not read again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[str, tuple[int, Installed]] = {}

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
            changed_ns = about_path.stat().st_mtime_ns
            known = self._read.get(name)
            if known and known[0] == changed_ns:
                return known[1]
            found = _parse(name, json.loads(about_path.read_text()), about_path.parent)
        except (OSError, ValueError, KeyError, TypeError):
            self._read.pop(name, None)
            return None
        self._read[name] = (changed_ns, found)
        return found


def _parse(name: str, about: Mapping[str, Any], path: Path) -> Installed:
    reference = Reference(
        name=name,
        title=about["title"],
        contigs={contig["name"]: contig["bases"] for contig in about["contigs"]},
        checksums=about["checksums"],
        installed_at=about["installed_at"],
        notes=about["notes"],
    )
    return Installed(
        reference,
        path,
        aliases={contig["name"]: contig["aliases"] for contig in about["contigs"]},
        genes={contig["name"]: contig["genes"] for contig in about["contigs"] if contig["genes"]},
    )
