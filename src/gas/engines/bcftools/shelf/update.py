"""Looks for newer known variants of references that are installed already."""

from __future__ import annotations

from gas.domain.errors import InputError
from gas.engines.bcftools.references import Installed
from gas.engines.bcftools.shelf.added import find
from gas.engines.bcftools.shelf.find import Finder
from gas.engines.bcftools.shelf.held import held
from gas.engines.bcftools.shelf.installer import Installer
from gas.engines.bcftools.shelf.recipes import RECIPES, Recipe
from gas.engines.bcftools.shelf.room import room_or_told
from gas.ports.annotation import Reference
from gas.vcf.accessions import build_of


def update(installer: Installer, name: str, known: tuple[str, ...] = ()) -> Reference:
    """The newest release of `known` beside what is there; without any, of those sources that come
    out often (ClinVar). Nothing is removed. NotFound, InputError NO_UPDATE; else as `install`."""
    with held(installer.path, name), room_or_told():
        installed = find(installer.path, name)
        recipe = _recipe(installed)
        wanted = [recipe.known_recipe(one) for one in known]
        wanted = wanted or [one for one in recipe.known if one.updates]
        if not wanted:
            raise _no_update(name)
        finder = Finder(installer.web)
        made = installer.add(installed, [finder.known(one) for one in wanted])
        installer.clear(name)
        return made


def _recipe(installed: Installed) -> Recipe:
    """That it was installed by, or of the build that its contigs are of."""
    if installed.recipe in RECIPES:
        return RECIPES[installed.recipe]
    builds = {build_of(bases) for bases in installed.reference.contigs.values()}
    for recipe in RECIPES.values():
        if builds - {""} == {recipe.build}:
            return recipe
    raise _no_update(installed.reference.name)


def _no_update(name: str) -> InputError:
    return InputError(
        "NO_UPDATE",
        f"Nothing is known that the reference '{name}' could be updated from.",
        cure="Add a file of yours: `gas reference annotate-with`.",
    )
