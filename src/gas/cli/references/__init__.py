"""`gas reference`: which genomes there are to annotate against."""

from __future__ import annotations

from pathlib import Path

import click

from gas.cli.given import home_option, settings_from
from gas.cli.references.bring import annotate_with, install, update
from gas.cli.references.look import ls, verify

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("reference")
def command() -> None:
    """Install, update, verify, list and remove references."""


command.add_command(install)
command.add_command(update)
command.add_command(annotate_with)
command.add_command(ls)
command.add_command(verify)


@command.command("add")
@click.argument("name")
@click.option("--fasta", type=FILE, required=True, help="The genome (FASTA, may be gzipped).")
@click.option("--gff", type=FILE, required=True, help="Its genes (GFF3, may be gzipped).")
@click.option("--title", default="", help="What people see in the list.")
@home_option
def add(name: str, fasta: Path, gff: Path, title: str, home: str | None) -> None:
    """Install a genome and its genes, from files of yours, as NAME."""
    from gas.engines.bcftools import add_reference
    from gas.home import prepare_home

    settings = settings_from(home)
    prepare_home(settings.home)
    added = add_reference(
        settings.home / "references", name, fasta=fasta, gff=gff, title=title, report=click.echo
    )
    click.echo(f"Installed {added.name}: {len(added.contigs)} contigs.")


@command.command("rm")
@click.argument("name")
@click.option(
    "--known", metavar="SOURCE[-RELEASE]", help="Only these known variants, not the reference."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
def rm(name: str, known: str | None, yes: bool, home: str | None) -> None:
    """Remove NAME. Jobs that wait for it will fail."""
    from gas.cli.references.look import found
    from gas.engines.bcftools import remove_reference
    from gas.engines.bcftools.shelf.removal import remove_known

    settings = settings_from(home)
    found(settings, name)
    what = f"the known variants {known} of {name}" if known else f"the reference {name}"
    if not yes:
        click.confirm(f"Remove {what}?", abort=True)
    if known:
        gone = remove_known(settings.home / "references", name, known)
        click.echo(f"Removed {', '.join(gone)} of {name}.")
        return
    remove_reference(settings.home / "references", name)
    click.echo(f"Removed {name}.")
