"""`gas reference`: which genomes there are to annotate against."""

from __future__ import annotations

from pathlib import Path

import click

from gas.cli.given import home_option, json_option, settings_from
from gas.domain.errors import NotFound

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("reference")
def command() -> None:
    """Install, list and remove references."""


@command.command("add")
@click.argument("name")
@click.option("--fasta", type=FILE, required=True, help="The genome (FASTA, may be gzipped).")
@click.option("--gff", type=FILE, required=True, help="Its genes (GFF3, may be gzipped).")
@click.option("--title", default="", help="What people see in the list.")
@home_option
def add(name: str, fasta: Path, gff: Path, title: str, home: str | None) -> None:
    """Install a genome and its genes as NAME."""
    from gas.engines.bcftools import add_reference
    from gas.wiring import prepare_home

    settings = settings_from(home)
    prepare_home(settings.home)
    added = add_reference(
        settings.home / "references", name, fasta=fasta, gff=gff, title=title, report=click.echo
    )
    click.echo(f"Installed {added.name}: {len(added.contigs)} contigs.")


@command.command("ls")
@json_option
@home_option
def ls(as_json: bool, home: str | None) -> None:
    """List what is installed."""
    from gas.cli.show import show
    from gas.wiring import find_engine

    _, references = find_engine(settings_from(home))
    rows = [
        {
            "name": found.name,
            "title": found.title,
            "contigs": len(found.contigs),
            "bases": sum(found.contigs.values()),
            "installed": found.installed_at,
        }
        for found in references.all()
    ]
    show(rows, as_json=as_json, empty="None yet. `gas reference add` installs one.")


@command.command("rm")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
def rm(name: str, yes: bool, home: str | None) -> None:
    """Remove NAME. Jobs that wait for it will fail."""
    from gas.engines.bcftools import remove_reference
    from gas.wiring import find_engine

    settings = settings_from(home)
    _, references = find_engine(settings)
    if references.get(name) is None:
        raise NotFound(
            "NO_REFERENCE",
            f"There is no reference '{name}'.",
            cure="`gas reference ls` lists them.",
        )
    if not yes:
        click.confirm(f"Remove the reference {name}?", abort=True)
    remove_reference(settings.home / "references", name)
    click.echo(f"Removed {name}.")
