"""`gas reference ls` and `verify`: what is installed, and whether it still is what it was."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from gas.cli.given import home_option, json_option, settings_from
from gas.cli.show import Row, show
from gas.domain.errors import NotFound

if TYPE_CHECKING:
    from gas.ports.annotation import Reference
    from gas.settings import Settings


@click.command("ls")
@json_option
@home_option
def ls(as_json: bool, home: str | None) -> None:
    """List what is installed, with its known variants."""
    from gas.wiring import find_engine

    _, references = find_engine(settings_from(home))
    rows = [(_row if as_json else _line)(found) for found in references.all()]
    show(rows, as_json=as_json, empty="None yet. `gas reference install` brings one.")


@click.command("verify")
@click.argument("name", required=False)
@json_option
@home_option
def verify(name: str | None, as_json: bool, home: str | None) -> None:
    """Compare the files of NAME, or of all references, with their checksums.

    Exit status 1 if any is damaged.
    """
    from gas.cli.references.bars import told
    from gas.engines.bcftools import InstalledReferences
    from gas.engines.bcftools.shelf.verify import State
    from gas.engines.bcftools.shelf.verify import verify as files_of

    settings = settings_from(home)
    names = [name] if name else [one.name for one in _all(settings)]
    installed = InstalledReferences(settings.home / "references")
    rows: list[dict[str, str]] = []
    with told(quiet=as_json) as report:
        for one in names:
            found(settings, one)
            reference = installed.find(one)
            rows += [
                {"reference": one, "file": file.file, "state": file.state.value}
                for file in (files_of(reference, report) if reference else ())
            ]
    wrong = [row for row in rows if row["state"] != State.OK.value]
    fine = f"{len(rows):,} files of {', '.join(names) or 'no reference'}: as they were installed."
    show(rows if as_json else wrong, as_json=as_json, empty=fine)
    if any(row["state"] != State.UNKNOWN.value for row in wrong):
        click.echo("Install what is damaged again, or copy it from a backup.", err=True)
        sys.exit(1)


def found(settings: Settings, name: str) -> Reference:
    """NotFound NO_REFERENCE."""
    from gas.wiring import find_engine

    _, references = find_engine(settings)
    reference = references.get(name)
    if reference is None:
        raise NotFound(
            "NO_REFERENCE",
            f"There is no reference '{name}'.",
            cure="`gas reference ls` lists them.",
        )
    return reference


def _all(settings: Settings) -> Sequence[Reference]:
    from gas.wiring import find_engine

    return find_engine(settings)[1].all()


def _row(reference: Reference) -> Row:
    return {
        "name": reference.name,
        "title": reference.title,
        "release": reference.release,
        "contigs": len(reference.contigs),
        "bases": sum(reference.contigs.values()),
        "genes": reference.genes,
        "transcripts": reference.transcripts,
        "known": [
            {"source": one.name, "release": one.release, "records": one.records}
            for one in reference.known
        ],
        "bytes": reference.size_bytes,
        "installed": reference.installed_at,
    }


def _line(reference: Reference) -> Row:
    from rich.filesize import decimal

    row = _row(reference)
    return {
        **{key: row[key] for key in ("name", "title", "contigs", "bases", "genes")},
        "known": ", ".join(f"{one.name} {one.release}" for one in reference.known) or "-",
        "size": decimal(reference.size_bytes),
        "installed": row["installed"],
    }
