"""`gas jobs cancel`, `rm` and `again`."""

from __future__ import annotations

import json

import click

from gas.cli import reach
from gas.cli.given import json_option
from gas.cli.jobs import tell
from gas.cli.jobs.submit import OPTIONS


@click.command("cancel")
@click.argument("ids", nargs=-1, required=True)
@json_option
@reach.server_options
def cancel(ids: tuple[str, ...], as_json: bool) -> None:
    """Cancel the jobs with these IDS."""
    with reach.reaching():
        client = reach.client()
        jobs = [client.cancel(job_id) for job_id in ids]
    click.echo(tell.as_json(jobs) if as_json else "\n".join(map(tell.line, jobs)))


@click.command("rm")
@click.argument("ids", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@reach.server_options
def remove(ids: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Delete the jobs with these IDS, with their inputs, results and logs, for good."""
    if not yes:
        click.confirm(f"Delete {len(ids)} job(s) with all their files?", abort=True, err=True)
    with reach.reaching():
        client = reach.client()
        for job_id in ids:
            client.delete(job_id)
            if not as_json:
                click.echo(f"Deleted {job_id}.")
    if as_json:
        click.echo(json.dumps(list(ids)))


@click.command("again")
@click.argument("job_id", metavar="ID")
@click.option("--reference", "-r", help="Against another reference.")
@click.option("--option", "options", multiple=True, type=OPTIONS, help="Instead of those it had.")
@json_option
@reach.server_options
def again(job_id: str, reference: str | None, options: tuple[str, ...], as_json: bool) -> None:
    """Run a job again on the same input, as a new job; print its id."""
    with reach.reaching():
        job = reach.client().again(job_id, reference=reference, options=options or None)
    click.echo(tell.as_json([job]) if as_json else job.id)
