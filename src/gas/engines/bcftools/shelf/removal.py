"""Takes known variants away from a reference."""

from __future__ import annotations

from pathlib import Path

from gas.domain.errors import NotFound
from gas.engines.bcftools.install import remove_whole
from gas.engines.bcftools.shelf.added import find
from gas.engines.bcftools.shelf.held import held
from gas.engines.bcftools.shelf.known import folder_name


def remove_known(references_path: Path, name: str, known: str) -> list[str]:
    """`known`: 'clinvar' for every release of it, 'clinvar-20240107' for one. The names of what
    went. NotFound NO_REFERENCE, NO_KNOWN; Conflict INSTALL_RUNNING. Runs that have begun with it
    may fail and be tried again."""
    with held(references_path, name):
        installed = find(references_path, name)
        gone = [
            one
            for one in installed.all_known
            if known in (one.name, folder_name(one.name, one.release))
        ]
        if not gone:
            raise NotFound(
                "NO_KNOWN",
                f"The reference '{name}' has no known variants '{known[:60]}'.",
                cure="`gas reference ls` lists them.",
            )
        for one in gone:
            remove_whole(references_path, Path(one.path))
        return [folder_name(one.name, one.release) for one in gone]
