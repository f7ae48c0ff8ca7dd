"""`gas mail`: what lies in the outbox, where mails stay instead of going out."""

from __future__ import annotations

import click

from gas.cli.given import home_option, json_option, services_from
from gas.ports.mail import require_outbox


@click.group("mail")
def command() -> None:
    """Look at the mails in the outbox."""


@command.command("ls")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
@home_option
def ls(limit: int, as_json: bool, home: str | None) -> None:
    """List mails, newest first."""
    from gas.cli.show import show

    outbox = require_outbox(services_from(home).outbox)
    rows = [
        {
            "at": mail.at.isoformat(timespec="seconds"),
            "to": mail.to,
            "subject": mail.subject,
            "name": mail.name,
        }
        for mail in outbox.page(1, size=limit).mails
    ]
    show(rows, as_json=as_json, empty="The outbox is empty.")


@command.command("show")
@click.argument("name")
@home_option
def show_one(name: str, home: str | None) -> None:
    """Print the text of the mail NAME."""
    click.echo(require_outbox(services_from(home).outbox).read(name).text)
