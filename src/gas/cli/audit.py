"""`gas audit`: who did what, and whether the log of it is whole."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from gas.cli.given import home_option, json_option, services_from
from gas.domain.audit import mark
from gas.domain.errors import InputError
from gas.ports.audit import AuditFilter

SPAN = re.compile(r"(\d{1,6})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@click.group("audit")
def command() -> None:
    """Look at the audit log, and whether it is whole."""


@command.command("ls")
@click.option("--account", default="", metavar="ID", help="Done by this account, or to it.")
@click.option("--action", default="", help="As 'job.deleted'; 'job.' is all of jobs.")
@click.option("--job", default="", metavar="ID", help="Done to this job.")
@click.option("--since", metavar="WHEN", help="A time (2026-01-31T12:00), or 30m, 12h, 7d ago.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--before", type=click.IntRange(1), metavar="NUMBER", help="Go on below this entry.")
@json_option
@home_option
def ls(
    account: str,
    action: str,
    job: str,
    since: str | None,
    limit: int,
    before: int | None,
    as_json: bool,
    home: str | None,
) -> None:
    """List entries, newest first."""
    from gas.cli.show import show

    services = services_from(home)
    wanted = AuditFilter(
        account_id=account,
        action=action,
        kind="job" if job else "",
        thing=mark("job", job),
        since=_moment(since, services.clock()) if since else None,
    )
    rows = [
        {
            "number": entry.number,
            "at": entry.at.isoformat(timespec="seconds"),
            **asdict(entry.deed),
        }
        for entry in services.audit.page(wanted, limit=limit, before=before)
    ]
    show(rows, as_json=as_json, empty="No entry fits.")


@command.command("verify")
@home_option
def verify(home: str | None) -> None:
    """Read the whole log and compare its hashes. Ends with 1 if an entry was changed or removed."""
    found = services_from(home).audit.verify()
    if found.broken_at is not None:
        click.echo(f"Entry {found.broken_at} does not fit those before it.", err=True)
        sys.exit(1)
    click.echo(f"{found.entries} entries, whole. The last hash is {found.last_hash}.")


def _moment(text: str, now: datetime) -> datetime:
    if ago := SPAN.fullmatch(text.strip()):
        return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(
            "BAD_TIME",
            f"{text!r} is not a time.",
            cure="Give it as 2026-01-31 or 2026-01-31T12:00 (UTC), or as 30m, 12h or 7d.",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
