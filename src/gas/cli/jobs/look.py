"""`gas jobs ls`, `show` and `log`."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import islice

import click

from gas.cli import reach
from gas.cli.given import json_option
from gas.cli.jobs import tell
from gas.cli.show import plain, table

STATES = ("PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED")


@click.command("ls")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@json_option
@reach.server_options
def ls(state: str | None, limit: int, everything: bool, as_json: bool) -> None:
    """List jobs, newest first."""
    with reach.reaching():
        found = reach.client().jobs(state=state)
        jobs = list(found if everything else islice(found, limit))
    if as_json:
        click.echo(tell.as_json(jobs))
    elif jobs:
        click.echo(table([tell.row(job) for job in jobs]), nl=False)
    else:
        click.echo("No jobs. `gas jobs submit FILE --reference R` makes one.")


@click.command("show")
@click.argument("job_id", metavar="ID")
@json_option
@reach.server_options
def show(job_id: str, as_json: bool) -> None:
    """Show a job, its timeline and what was found."""
    with reach.reaching():
        client = reach.client()
        job, events = client.job(job_id), client.events(job_id)
    if as_json:
        (fields,) = json.loads(tell.as_json([job]))
        fields["events"] = [asdict(event) | {"at": event.at.isoformat()} for event in events]
        click.echo(json.dumps(fields, indent=2))
        return
    click.echo(table([tell.row(job)]))
    if said := tell.of_results(job):
        click.echo(said)
    for event in events:
        at = event.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        click.echo(plain(f"{at}  {event.kind}  {event.detail}").rstrip())
    if job.reason:
        click.echo(plain(f"{job.reason.code}: {job.reason.message}"))
        click.echo(plain(job.reason.cure))
    if job.counts:
        click.echo()
        click.echo(table([{"what": name, "number": n} for name, n in job.counts]), nl=False)
    click.echo(f"\n{plain(job.page)}")


@click.command("log")
@click.argument("job_id", metavar="ID")
@json_option
@reach.server_options
def log(job_id: str, as_json: bool) -> None:
    """Print what the run of a job said."""
    with reach.reaching():
        text = reach.client().log(job_id)
    if as_json:
        click.echo(json.dumps({"id": job_id, "log": text}))
        return
    for one in text.splitlines():
        click.echo(plain(one))
