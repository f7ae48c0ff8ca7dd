"""Adds known variants from a file that the operator has: a VCF, a BCF or a BED."""

from __future__ import annotations

from pathlib import Path

from gas.domain.errors import InputError, NotFound
from gas.engines.bcftools.install import building
from gas.engines.bcftools.references import Installed, InstalledReferences
from gas.engines.bcftools.shelf.bed import is_bed
from gas.engines.bcftools.shelf.checksums import described
from gas.engines.bcftools.shelf.find import release_in
from gas.engines.bcftools.shelf.held import held
from gas.engines.bcftools.shelf.installer import known_exists, publish_known, taken_names
from gas.engines.bcftools.shelf.known import FOLDER, Known, folder_name
from gas.engines.bcftools.shelf.make import Release, make_part, make_whole, target_of
from gas.engines.bcftools.shelf.naming import Wanted, check_source, named
from gas.engines.bcftools.shelf.reading import kind_of, lines_of
from gas.engines.bcftools.shelf.recipes import RECIPES, KnownRecipe
from gas.engines.bcftools.shelf.report import Report, silent
from gas.engines.bcftools.shelf.room import check_room, room_or_told
from gas.vcf.sniff import Kind


def annotate_with(
    references_path: Path,
    name: str,
    file: Path,
    *,
    source: str,
    now: str,
    fields: tuple[Wanted, ...] = (),
    release: str = "",
    title: str = "",
    report: Report = silent,
) -> Known:
    """Adds `file` to the reference `name` as known variants `source`.

    Without `fields` those of the recipe of that name, if there is one, else only that a variant
    is listed. Without `release` what the file's header says, where a recipe knows to read it, else
    the day of `now` (ISO 8601). NotFound NO_REFERENCE, NO_SUCH_FILE; Conflict INSTALL_RUNNING,
    KNOWN_EXISTS; InputError for what is wrong with the file; StoreFull NO_ROOM_TO_INSTALL.
    """
    if not file.is_file():
        raise InputError("NO_SUCH_FILE", f"There is no file {file.name}.", cure="Look at its path.")
    recipe = _recipe(source)
    release = release or _release(file, recipe) or now[:10].replace("-", "")
    check_source(source, release)
    wanted = fields or (recipe.fields if recipe and not is_bed(file.name) else ())
    with held(references_path, name), room_or_told():
        installed = find(references_path, name)
        chosen = named(source, wanted, taken_names(installed.all_known, source))
        title = title or (recipe.title if recipe else source)
        about = Release(source, release, title, chosen)
        aim = installed.path / FOLDER / folder_name(source, release)
        if aim.exists():
            raise known_exists(aim.name)
        check_room(references_path, 3 * file.stat().st_size)
        with building(references_path) as folder:
            _make(folder, installed, about, file, now, report)
            publish_known(folder / "made", installed.path, source, release)
    again = find(references_path, name)
    return next(one for one in again.all_known if (one.name, one.release) == (source, release))


def find(references_path: Path, name: str) -> Installed:
    """NotFound NO_REFERENCE."""
    installed = InstalledReferences(references_path).find(name)
    if installed is None:
        raise NotFound(
            "NO_REFERENCE",
            f"There is no reference '{name}'.",
            cure="`gas reference ls` lists them.",
        )
    return installed


def _make(
    folder: Path, installed: Installed, about: Release, file: Path, now: str, report: Report
) -> None:
    table = folder / "part.tsv.gz"
    made = make_part(target_of(installed.path), about, file, table, report)
    source = {"file": file.name, "server": "", "path": "", **described(file), "checked": ""}
    make_whole(
        folder / "made", about, [(table, made)], sources=[source], added_at=now, report=report
    )


def _recipe(source: str) -> KnownRecipe | None:
    found = (one for recipe in RECIPES.values() for one in recipe.known if one.name == source)
    return next(found, None)


def _release(file: Path, recipe: KnownRecipe | None) -> str:
    if recipe is None or is_bed(file.name) or kind_of(file) is Kind.BCF:
        return ""
    header = []
    for line in lines_of(file, lambda _done: None):
        if not line.startswith(b"#"):
            break
        header.append(line.decode("utf-8", "replace"))
    return release_in(recipe, "\n".join(header))
