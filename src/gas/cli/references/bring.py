"""`gas reference install`, `update` and `annotate-with`: what brings something in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gas.cli.given import Command, home_option, settings_from
from gas.domain.errors import InputError

if TYPE_CHECKING:
    from gas.engines.bcftools.shelf.installer import Installer
    from gas.engines.bcftools.shelf.report import Report
    from gas.settings import Settings


def mirror_option(function: Command) -> Command:
    return click.option(
        "--mirror",
        "mirrors",
        metavar="SERVER=URL",
        multiple=True,
        help="Stands in for a server: ensembl, ncbi or gnomad. May be given for each.",
    )(function)


def with_option(function: Command) -> Command:
    return click.option(
        "--with",
        "known",
        metavar="SOURCES",
        default="",
        help="Known variants: clinvar, dbsnp, gnomad (exomes), gnomad-genomes; with commas. "
        "'clinvar@20240107' is one release of it.",
    )(function)


@click.command("install")
@click.argument("recipe", metavar="grch38|grch37|sars-cov-2")
@with_option
@click.option("--release", default="", help="Of Ensembl, such as 115; the newest if not given.")
@click.option("--name", default="", help="What to call the reference; the recipe's name if not.")
@mirror_option
@home_option
def install(
    recipe: str, known: str, release: str, name: str, mirrors: tuple[str, ...], home: str | None
) -> None:
    """Download and install a genome, its genes and known variants.

    Given again, it goes on where it stopped; known variants are added to what is there.
    """
    from gas.cli.references.bars import told
    from gas.engines.bcftools.shelf.installer import Order
    from gas.home import prepare_home

    settings = settings_from(home)
    prepare_home(settings.home)
    order = Order(recipe, name=name, release=release, known=_names(known))
    with told() as report:
        made = _installer(settings, mirrors, report).install(order)
    has = ", ".join(f"{one.name} {one.release}" for one in made.known)
    click.echo(f"{made.name} is installed: {made.title}{', with ' + has if has else ''}.")


@click.command("update")
@click.argument("name")
@with_option
@mirror_option
@home_option
def update(name: str, known: str, mirrors: tuple[str, ...], home: str | None) -> None:
    """Get the newest known variants for NAME: ClinVar, or those named.

    They stand beside the older ones; jobs use the newest from then on.
    """
    from gas.cli.references.bars import told
    from gas.engines.bcftools.shelf.update import update as update_known

    with told() as report:
        installer = _installer(settings_from(home), mirrors, report)
        made = update_known(installer, name, _names(known))
    has = ", ".join(f"{one.name} {one.release}" for one in made.known)
    click.echo(f"{made.name} has {has}.")


@click.command("annotate-with")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "source", metavar="SOURCE", required=True, help="What to call them.")
@click.option(
    "--fields",
    metavar="FIELDS",
    default="",
    help="INFO keys, ID, FILTER, or columns of a BED, with commas; 'AF=lab_AF' renames one.",
)
@click.option("--release", default="", help="Which release; the day of today if not given.")
@click.option("--title", default="", help="What people read in headers.")
@home_option
def annotate_with(
    name: str, file: Path, source: str, fields: str, release: str, title: str, home: str | None
) -> None:
    """Add known variants of yours to NAME, from a VCF, BCF or BED.

    Jobs mark what is in FILE, and take over the FIELDS of the same variant (of a BED: of every
    interval that the variant overlaps).
    """
    from gas.cli.references.bars import told
    from gas.engines.bcftools.shelf.added import annotate_with as add_known
    from gas.engines.bcftools.shelf.naming import parse_fields

    settings = settings_from(home)
    with told() as report:
        known = add_known(
            settings.home / "references",
            name,
            file,
            source=source,
            now=_now(),
            fields=parse_fields(fields),
            release=release,
            title=title,
            report=report,
        )
    click.echo(f"{name} has {known.name} {known.release}: {known.records:,} known variants.")
    click.echo("In results: " + ", ".join(f"INFO/{field.name}" for field in known.fields))


def _installer(settings: Settings, mirrors: tuple[str, ...], report: Report) -> Installer:
    from gas.engines.bcftools.shelf.installer import Installer
    from gas.engines.bcftools.shelf.web import Web

    return Installer(settings.home / "references", Web(_servers(mirrors)), _now(), report)


def _servers(mirrors: tuple[str, ...]) -> dict[str, str]:
    from gas.engines.bcftools.shelf.recipes import SERVERS
    from gas.engines.bcftools.shelf.web import check_base

    servers = dict(SERVERS)
    for mirror in mirrors:
        server, _, url = mirror.partition("=")
        if server not in servers:
            raise InputError(
                "BAD_MIRROR",
                f"There is no server '{server[:40]}' for a mirror to stand in for.",
                cure=f"Give --mirror SERVER=URL; servers are {', '.join(SERVERS)}.",
            )
        check_base(url)
        servers[server] = url
    return servers


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
