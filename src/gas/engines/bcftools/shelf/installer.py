"""Installs a reference by its recipe: finds, downloads, checks, builds, publishes.

What was downloaded, and tables of known variants that were made of it, stay in `.downloads/NAME`
until all is done: an installation that broke or was killed goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gas.domain.errors import Conflict, NotFound
from gas.engines.bcftools.install import (
    DOWNLOADS,
    Sources,
    build,
    building,
    exists,
    move_whole,
    publish,
    sync,
)
from gas.engines.bcftools.references import Installed, InstalledReferences, check_name
from gas.engines.bcftools.shelf.download import Downloads, Remote
from gas.engines.bcftools.shelf.find import Finder, Genome, KnownFiles
from gas.engines.bcftools.shelf.held import held
from gas.engines.bcftools.shelf.known import FOLDER, Known, folder_name
from gas.engines.bcftools.shelf.make import (
    Release,
    Target,
    clear_beside,
    make_part,
    make_whole,
    target_of,
)
from gas.engines.bcftools.shelf.naming import named
from gas.engines.bcftools.shelf.recipes import Recipe, recipe_of
from gas.engines.bcftools.shelf.report import Note, Report, silent
from gas.engines.bcftools.shelf.room import check_room, room_or_told
from gas.engines.bcftools.shelf.web import Web
from gas.ports.annotation import Reference

GENOME_GROWS, GENES_GROW = 1.3, 16.0
"""Size of what is installed, by size of what is downloaded."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be installed."""

    recipe: str
    name: str = ""
    """Of the reference; the recipe's if empty."""
    release: str = ""
    """The newest if empty."""
    known: tuple[str, ...] = ()
    """Names of known variants, each with '@release' if not the newest is wanted."""


@dataclass(frozen=True, slots=True)
class Installer:
    path: Path
    """Of the references."""
    web: Web
    now: str
    """ISO 8601."""
    report: Report = field(default=silent)

    def install(self, order: Order) -> Reference:
        """The reference, with the known variants that were ordered; those that it has already stay
        as they are. Conflict INSTALL_RUNNING, REFERENCE_EXISTS (of another release); InputError,
        NotFound, Unavailable, StoreFull NO_ROOM_TO_INSTALL: the reference is as it was before."""
        recipe = recipe_of(order.recipe)
        name = order.name or recipe.name
        check_name(name)
        with held(self.path, name), room_or_told():
            installed = InstalledReferences(self.path).find(name)
            if installed is None and (self.path / name).exists():
                raise exists(name)
            if installed is not None:
                _check_same(installed, order)
            finder = Finder(self.web)
            files = [_found(finder, recipe, known) for known in order.known]
            if installed is None:
                genome = finder.genome(recipe, order.release)
                made = self._whole(recipe, name, genome, files)
            else:
                made = self.add(installed, files)
            self.clear(name)
            return made

    def add(self, installed: Installed, files: Sequence[KnownFiles]) -> Reference:
        """Known variants to a reference that is there; the caller holds it."""
        name = installed.reference.name
        missing = [one for one in files if not _has(installed, one)]
        for one in files:
            if one not in missing:
                self.report(Note(f"{one.recipe.title} {one.release} is installed already."))
        downloads = self._downloads(name)
        check_room(self.path, self._known_bytes(downloads, missing))
        for one in missing:
            with building(self.path) as folder:
                taken = taken_names(installed.all_known, one.recipe.name)
                self._make(downloads, target_of(installed.path), one, taken, folder / "made")
                publish_known(folder / "made", installed.path, one.recipe.name, one.release)
        found = InstalledReferences(self.path).get(name)
        if found is None:
            raise NotFound("NO_SUCH_REFERENCE", f"The reference '{name}' was removed meanwhile.")
        return found

    def _whole(
        self, recipe: Recipe, name: str, genome: Genome, files: Sequence[KnownFiles]
    ) -> Reference:
        downloads = self._downloads(name)
        needed = _growing(downloads, genome.fasta, GENOME_GROWS)
        needed += _growing(downloads, genome.genes, GENES_GROW)
        check_room(self.path, needed + self._known_bytes(downloads, files))
        fasta, genes = downloads.fetch(genome.fasta), downloads.fetch(genome.genes)
        with building(self.path) as folder:
            sources = Sources(
                fasta.path,
                genes.path,
                title=recipe.title.format(release=genome.release),
                recipe=recipe.name,
                release=genome.release,
                told=(fasta.plain(), genes.plain()),
            )
            build(folder, sources, lambda text: self.report(Note(text)))
            taken: set[str] = set()
            for one in files:
                place = folder / FOLDER / folder_name(one.recipe.name, one.release)
                taken |= self._make(downloads, target_of(folder), one, taken, place)
            return publish(folder, self.path, name)

    def _make(
        self,
        downloads: Downloads,
        target: Target,
        files: KnownFiles,
        taken: Collection[str],
        folder: Path,
    ) -> set[str]:
        """The names of its fields."""
        recipe = files.recipe
        fields = named(recipe.name, recipe.fields, taken)
        release = Release(recipe.name, files.release, recipe.title, fields)
        parts: list[tuple[Path, Mapping[str, Any]]] = []
        sources = []
        for remote in files.remotes:
            table = downloads.folder / f"{remote.name}.tsv.gz"
            told = self._part(downloads, target, release, remote, table)
            parts.append((table, told["made"]))
            sources.append(told["source"])
        make_whole(folder, release, parts, sources=sources, added_at=self.now, report=self.report)
        return {one.name for one in fields}

    def _part(
        self,
        downloads: Downloads,
        target: Target,
        release: Release,
        remote: Remote,
        table: Path,
    ) -> dict[str, Any]:
        """Of one file; the file itself goes when its table is there."""
        about_path = table.with_name(f"{table.name}.made")
        key = _key(target, release, remote)
        with suppress(OSError, ValueError):
            told: dict[str, Any] = json.loads(about_path.read_text())
            if told["key"] == key and table.is_file():
                self.report(Note(f"The table of {remote.name} is here already."))
                return told
        fetched = downloads.fetch(remote)
        made = make_part(target, release, fetched.path, table, self.report)
        clear_beside(table)
        told = {"key": key, "made": made, "source": fetched.plain()}
        draft = table.with_name(f"{table.name}.new")
        draft.write_text(json.dumps(told))
        for path in (table, draft):
            sync(path)
        draft.rename(about_path)
        sync(table.parent)  # before what it was made of goes
        downloads.drop(remote)
        return told

    def _known_bytes(self, downloads: Downloads, files: Sequence[KnownFiles]) -> int:
        """Of a source in many files only one is here at a time."""
        needed = 0.0
        for one in files:
            needed += max(downloads.missing_bytes(remote) for remote in one.remotes)
            needed += 2 * one.recipe.slims_to * sum(remote.bytes for remote in one.remotes)
        return int(needed)

    def _downloads(self, name: str) -> Downloads:
        return Downloads(self.web, self.path / DOWNLOADS / name, self.report)

    def clear(self, name: str) -> None:
        """What is not needed any more once all is installed."""
        shutil.rmtree(self.path / DOWNLOADS / name, ignore_errors=True)
        with suppress(OSError):
            (self.path / DOWNLOADS).rmdir()


def taken_names(known: Sequence[Known], name: str) -> set[str]:
    """INFO fields of all sources but `name`: another release of it uses the same ones."""
    return {field.name for one in known if one.name != name for field in one.fields}


def publish_known(made: Path, reference_path: Path, name: str, release: str) -> None:
    """Makes the folder `made` a part of the reference. Conflict KNOWN_EXISTS."""
    aim = reference_path / FOLDER / folder_name(name, release)
    aim.parent.mkdir(exist_ok=True)
    move_whole(made, aim, lambda: known_exists(aim.name))


def known_exists(name: str) -> Conflict:
    return Conflict(
        "KNOWN_EXISTS",
        f"The reference has the known variants '{name}' already.",
        cure="Give another --release, or remove them first: `gas reference rm NAME --known`.",
    )


def _found(finder: Finder, recipe: Recipe, known: str) -> KnownFiles:
    name, _, release = known.partition("@")
    return finder.known(recipe.known_recipe(name), release)


def _has(installed: Installed, files: KnownFiles) -> bool:
    wanted = (files.recipe.name, files.release)
    return wanted in [(one.name, one.release) for one in installed.all_known]


def _check_same(installed: Installed, order: Order) -> None:
    release = installed.reference.release
    if installed.recipe != order.recipe or order.release not in ("", release):
        raise exists(installed.reference.name)


def _growing(downloads: Downloads, remote: Remote, factor: float) -> int:
    return downloads.missing_bytes(remote) + int(remote.bytes * factor)


def _key(target: Target, release: Release, remote: Remote) -> str:
    """What a table is made of and how: it may be used again if nothing of that changed."""
    told = [dict(target.contigs), asdict(release), remote.path, remote.bytes, remote.seen.etag]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
