"""Installs and removes references. A reference is there whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gas.domain.errors import Conflict, InputError, NotFound
from gas.engines.bcftools.process import COMPLAINTS_NAME, Bounds, Child
from gas.engines.bcftools.references import InstalledReferences, check_name
from gas.engines.bcftools.shelf.held import held
from gas.engines.bcftools.shelf.room import full_disk_is_why, room_or_told
from gas.engines.bcftools.shelf.seal import seal
from gas.ports.annotation import Reference

BOUNDS = Bounds(memory_bytes=16 * 2**30, seconds=6 * 3600, stall_seconds=6 * 3600.0)
BUILDING = re.compile(r"\.building-(\d+)-[0-9a-f]{8}\Z")
REMOVING = ".removing-"
DOWNLOADS = ".downloads"


@dataclass(frozen=True, slots=True)
class Sources:
    """What a reference is made of."""

    fasta: Path
    genes: Path
    title: str
    recipe: str = ""
    release: str = ""
    told: tuple[dict[str, object], ...] = ()
    """What is known of the files, for `reference.json`."""


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
    Conflict REFERENCE_EXISTS; StoreFull NO_ROOM_TO_INSTALL. Of two at once under one name, the
    later gets the Conflict.
    """
    check_name(name)
    for source in (fasta, gff):
        if not source.is_file():
            raise InputError(
                "NO_SUCH_FILE", f"There is no file {source.name}.", cure="Look at its path."
            )
    if (path / name).exists():
        raise exists(name)
    with room_or_told(), building(path) as folder:
        build(folder, Sources(fasta, gff, title or name), report)
        return publish(folder, path, name)


@contextmanager
def building(path: Path) -> Iterator[Path]:
    """A folder to build in, beside the references; gone at the end unless it was published."""
    path.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    folder = path / f".building-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def build(folder: Path, sources: Sources, report: Callable[[str], object]) -> None:
    """Genome, genes and `reference.json`, in the new `folder`."""
    told = {
        "folder": str(folder.resolve()),
        "fasta": str(sources.fasta.resolve()),
        "gff": str(sources.genes.resolve()),
        "title": sources.title,
        "installed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with (
        full_disk_is_why(folder),
        Child("build", json.dumps(told), work_path=folder, bounds=BOUNDS) as child,
    ):
        for answer in child.answers():
            if "note" in answer:
                report(answer["note"])
    (folder / COMPLAINTS_NAME).unlink(missing_ok=True)
    seal(folder, recipe=sources.recipe, release=sources.release, sources=sources.told)


def publish(folder: Path, path: Path, name: str) -> Reference:
    """Makes what was built in `folder` the reference `name`. Conflict REFERENCE_EXISTS."""
    move_whole(folder, path / name, lambda: exists(name))
    installed = InstalledReferences(path).get(name)
    if installed is None:
        raise NotFound("NO_SUCH_REFERENCE", f"The reference '{name}' was removed meanwhile.")
    return installed


def move_whole(folder: Path, target: Path, taken: Callable[[], Conflict]) -> None:
    """All of it durable first, then visible at once; `taken()` if something is there already."""
    for entry in (*folder.rglob("*"), folder, folder.parent):
        sync(entry)
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise
        raise taken() from error  # another one got there first
    sync(target.parent)


def remove_reference(path: Path, name: str) -> None:
    """It is gone at once for whoever looks; runs that have begun with it may fail and be tried
    again. What was downloaded for it goes too.

    NotFound if there is none; Conflict INSTALL_RUNNING if something is being added to it.
    """
    with held(path, name):
        if not (path / name).is_dir():
            raise NotFound("NO_SUCH_REFERENCE", f"There is no reference '{name}'.")
        remove_whole(path, path / name)
        shutil.rmtree(path / DOWNLOADS / name, ignore_errors=True)
        with suppress(OSError):
            (path / DOWNLOADS).rmdir()


def remove_whole(path: Path, folder: Path) -> None:
    """A folder below `path`, at once."""
    hidden = path / f"{REMOVING}{secrets.token_hex(4)}"
    with suppress(FileNotFoundError):
        folder.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def exists(name: str) -> Conflict:
    return Conflict(
        "REFERENCE_EXISTS",
        f"There is a reference '{name}' already.",
        cure="Remove it first, or choose another name.",
    )


def sync(path: Path) -> None:
    """A file or a folder: it is on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
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
