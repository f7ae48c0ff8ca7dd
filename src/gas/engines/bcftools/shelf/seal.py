"""Notes in `reference.json` what a reference consists of, so that it can be verified later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from gas.engines.bcftools.shelf.checksums import described
from gas.engines.bcftools.shelf.known import FOLDER

ABOUT_NAME = "reference.json"
GENE_ROW = b"\tgene\t"


def seal(folder: Path, *, recipe: str, release: str, sources: Sequence[dict[str, object]]) -> None:
    """To be called when all files but known variants are there, and before it is published."""
    about_path = folder / ABOUT_NAME
    about = json.loads(about_path.read_text())
    about["genes"] = sum(_genes_in(path) for path in (folder / "genes").glob("*.gff3"))
    about["recipe"] = recipe
    about["release"] = release
    about["sources"] = list(sources)
    about["files"] = {
        str(path.relative_to(folder)): described(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != about_path and FOLDER not in path.relative_to(folder).parts
    }
    about_path.write_text(json.dumps(about, indent=1) + "\n")


def _genes_in(path: Path) -> int:
    """The rows that csq reads of genes."""
    with path.open("rb") as rows:
        return sum(GENE_ROW in row for row in rows)
