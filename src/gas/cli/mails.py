"""`gas mail`: what lies in the outbox folder, where mail goes without an SMTP server."""

from __future__ import annotations

import click

from gas.cli.given import home_option, json_option, settings_from


@click.group("mail")
def command() -> None:
    """Look at the mails in the outbox folder."""


@command.command("ls")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
@home_option
def ls(limit: int, as_json: bool, home: str | None) -> None:
    """List mails, newest first."""
    from gas.adapters.disk import outbox_page
    from gas.cli.show import show

    rows = [
        {
            "at": entry.at.isoformat(timespec="seconds"),
            "to": entry.to,
            "subject": entry.subject,
            "name": entry.name,
        }
        for entry in outbox_page(settings_from(home).home / "outbox", limit=limit)
    ]
    show(rows, as_json=as_json, empty="The outbox is empty.")


@command.command("show")
@click.argument("name")
@home_option
def show_one(name: str, home: str | None) -> None:
    """Print the text of the mail NAME."""
    from gas.adapters.disk import read_mail

    click.echo(read_mail(settings_from(home).home / "outbox", name))
