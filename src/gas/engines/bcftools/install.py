"""Installs and removes references. A reference is there whole or not at all."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gas.domain.errors import Conflict, InputError, NotFound
from gas.engines.bcftools.process import COMPLAINTS_NAME, Bounds, Child
from gas.engines.bcftools.references import NAME, InstalledReferences
from gas.ports.annotation import Reference

BOUNDS = Bounds(memory_bytes=16 * 2**30, seconds=6 * 3600, stall_seconds=6 * 3600.0)
BUILDING = re.compile(r"\.building-(\d+)-[0-9a-f]{8}\Z")
REMOVING = ".removing-"


def add_reference(
    path: Path,
    name: str,
    *,
    fasta: Path,
    gff: Path,
    title: str = "",
    report: Callable[[str], object] = lambda _text: None,
) -> Reference:
    """Under `path`, from a FASTA and a GFF3, plain or gzipped. `report` is told what goes on.

    InputError BAD_REFERENCE_NAME, BAD_FASTA, BAD_GENES, GENES_DO_NOT_FIT, NO_SUCH_FILE;
    Conflict REFERENCE_EXISTS. Of two at once under one name, the later gets the Conflict.
    """
    if not NAME.match(name):
        raise InputError(
            "BAD_REFERENCE_NAME",
            "The name of a reference has lower-case letters, digits, '_', '-' and '.' only.",
            cure="Choose a name like 'grch38' or 'sars-cov-2'.",
        )
    for source in (fasta, gff):
        if not source.is_file():
            raise InputError(
                "NO_SUCH_FILE", f"There is no file {source.name}.", cure="Look at its path."
            )
    if (path / name).exists():
        raise _exists(name)
    path.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    folder = path / f".building-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        _build(folder, fasta=fasta, gff=gff, title=title or name, report=report)
        _sync(folder)
        _publish(folder, path / name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    installed = InstalledReferences(path).get(name)
    if installed is None:
        raise NotFound("NO_SUCH_REFERENCE", f"The reference '{name}' was removed meanwhile.")
    return installed


def remove_reference(path: Path, name: str) -> None:
    """NotFound if there is none. It is gone at once for whoever looks; runs that have begun with
    it may fail and be tried again."""
    if not NAME.match(name) or not (path / name).is_dir():
        raise NotFound("NO_SUCH_REFERENCE", f"There is no reference '{name}'.")
    hidden = path / f"{REMOVING}{secrets.token_hex(4)}"
    with suppress(FileNotFoundError):
        (path / name).rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def _build(
    folder: Path, *, fasta: Path, gff: Path, title: str, report: Callable[[str], object]
) -> None:
    told = {
        "folder": str(folder.resolve()),
        "fasta": str(fasta.resolve()),
        "gff": str(gff.resolve()),
        "title": title,
        "installed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with Child("build", json.dumps(told), work_path=folder, bounds=BOUNDS) as child:
        for answer in child.answers():
            if "note" in answer:
                report(answer["note"])
    (folder / COMPLAINTS_NAME).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    for entry in (*folder.rglob("*"), folder, folder.parent):
        descriptor = os.open(entry, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _publish(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError as error:  # another one got there first
        raise _exists(target.name) from error
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leftovers(path: Path) -> None:
    """Of installations that were killed."""
    for entry in path.iterdir():
        found = BUILDING.match(entry.name)
        dead = found is not None and not Path(f"/proc/{found[1]}").exists()
        if dead or entry.name.startswith(REMOVING):
            shutil.rmtree(entry, ignore_errors=True)


def _exists(name: str) -> Conflict:
    return Conflict(
        "REFERENCE_EXISTS",
        f"There is a reference '{name}' already.",
        cure="Remove it first, or choose another name.",
    )
