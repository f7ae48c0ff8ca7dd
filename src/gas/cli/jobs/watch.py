"""`gas jobs watch`: follows jobs live; its exit code says how they ended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from gas.cli import reach
from gas.cli.given import json_option
from gas.cli.jobs import tell
from gas.cli.show import plain

if TYPE_CHECKING:
    from gas.client import Client, Job


@click.command("watch")
@click.argument("ids", nargs=-1)
@json_option
@reach.server_options
def watch(ids: tuple[str, ...], as_json: bool) -> None:
    """Follow the jobs with these IDS until they end; without any, all that have not ended."""
    from gas.cli.jobs.follow import follow

    with reach.reaching(lambda: "The jobs go on."):
        client = reach.client()
        followed = ids or _unfinished(client)
        jobs = follow(client, followed) if followed else []
    if as_json:
        click.echo(tell.as_json(jobs))
    elif not jobs:
        click.echo("All jobs have ended.")
    end_with(jobs, says=not as_json)


def _unfinished(client: Client) -> tuple[str, ...]:
    states = ("PENDING", "RUNNING")
    return tuple(job.id for state in states for job in client.jobs(state=state))


def end_with(jobs: Sequence[Job], *, says: bool) -> None:
    """Ends the command with the code that goes with how the jobs ended."""
    if says:
        for job in jobs:
            click.echo(tell.line(job))
            if job.reason:
                click.echo(plain(f"  {job.reason.message} {job.reason.cure}"))
    if any(job.state != "COMPLETED" for job in jobs):
        sys.exit(reach.JOB_FAILED)
