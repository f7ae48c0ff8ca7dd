"""`gas jobs submit`: uploads files, several parts at once, and makes a job of each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gas.cli import reach
from gas.cli.given import json_option
from gas.cli.jobs import tell
from gas.cli.jobs.results import bring
from gas.cli.jobs.watch import end_with

if TYPE_CHECKING:
    from gas.client import Client, Job

OPTIONS = click.Choice(["haplotypes", "ann", "keep_csq"])


@click.command("submit")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--reference", "-r", required=True, help="What to annotate against.")
@click.option("--option", "options", multiple=True, type=OPTIONS, help="May be given again.")
@click.option("--key", help="The same key with the same file is the same job, for seven days.")
@click.option("--wait", is_flag=True, help="Until the jobs end.")
@click.option(
    "--results",
    "out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Wait, and bring the results into this folder; of several jobs, each into one of its own.",
)
@json_option
@reach.server_options
def submit(
    files: tuple[Path, ...],
    reference: str,
    options: tuple[str, ...],
    key: str | None,
    wait: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Upload FILES, and make a job of each; print the jobs' ids.

    An upload that broke off goes on when the same command is run again.
    """
    if key and len(files) > 1:
        raise click.UsageError("A key is for one file.")
    jobs: list[Job] = []
    with reach.reaching(lambda: _how_to_go_on(jobs, len(files))):
        client = reach.client()
        refused = _submit_all(client, files, reference, options, key, jobs)
        if not as_json and not (wait or out):
            for job in jobs:
                click.echo(job.id)
        if wait or out:
            jobs[:] = _wait(client, jobs, out)
    if as_json:
        click.echo(tell.as_json(jobs))
    if refused:
        sys.exit(reach.REFUSED)
    if wait or out:
        end_with(jobs, says=not as_json)


def _submit_all(
    client: Client,
    files: tuple[Path, ...],
    reference: str,
    options: tuple[str, ...],
    key: str | None,
    jobs: list[Job],
) -> int:
    """How many were refused: the others are submitted all the same."""
    from gas.client import ClientError

    refused = 0
    for path in files:
        try:
            with tell.bar(path.name) as moved:
                job = client.submit(path, reference, options=options, key=key, moved=moved)
        except ClientError as error:
            if error.is_temporary or len(files) == 1:
                raise
            reach.tell_error(error, about=path.name)
            refused += 1
            continue
        tell.say(f"Submitted {path.name} ({job.input_bytes:,} bytes) as job {job.id}.")
        jobs.append(job)
    return refused


def _wait(client: Client, jobs: list[Job], out: Path | None) -> list[Job]:
    from gas.cli.jobs.follow import follow

    done = follow(client, [job.id for job in jobs])
    for job in done if out else ():
        assert out is not None  # noqa: S101 - else there is nothing to do here
        bring(client, job.id, out / job.id if len(jobs) > 1 else out)
    return done


def _how_to_go_on(jobs: list[Job], wanted: int) -> str:
    if len(jobs) < wanted:
        return "What has arrived is kept for a while: run the same command again to go on."
    ids = " ".join(job.id for job in jobs)
    return f"The jobs go on. Follow them with `gas jobs watch {ids}`."
