"""`gas results`: what an operator does with results that are archived, coming back or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

import click

from gas.cli.given import home_option, json_option, services_from
from gas.cli.show import show
from gas.domain.errors import NotFound
from gas.domain.job import Job, JobState, ResultsState
from gas.domain.messages import ThawDue
from gas.domain.results import archivable, may_move
from gas.ports.services import Services

PAGE = 500


@click.group("results")
def command() -> None:
    """Look at where results are, and have them looked at."""


@command.command("totals")
@json_option
@home_option
def totals(as_json: bool, home: str | None) -> None:
    """List how many jobs have their results in which state, and how large they are."""
    rows = [
        {
            "state": each.state.value,
            "jobs": each.jobs,
            "size_bytes": each.size_bytes,
            "oldest_since": _iso(each.oldest_since),
        }
        for each in services_from(home).jobs.results_totals()
    ]
    show(rows, as_json=as_json, empty="There are no results.")


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


@command.command("ls")
@click.option(
    "--state",
    type=click.Choice([state.value.lower() for state in ResultsState]),
    default=ResultsState.DAMAGED.value.lower(),
    show_default=True,
    help="Of jobs whose results are in this state.",
)
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Jobs.")
@json_option
@home_option
def ls(state: str, limit: int, as_json: bool, home: str | None) -> None:
    """List the files of results that are archived, or would be, and where the store has each."""
    services = services_from(home)
    jobs = (job for job in _completed(services) if job.results_state.value.lower() == state)
    rows = [row for job in islice(jobs, limit) for row in _files_of(job, services)]
    show(rows, as_json=as_json, empty=f"No results are {state.upper()}.")


def _files_of(job: Job, services: Services) -> Iterator[dict[str, str]]:
    for file in archivable(job):
        lodging = services.cold_storage.look(file.key)
        yield {
            "job": job.id,
            "since": _iso(job.results_since),
            "file": file.name,
            "place": lodging.place.value,
            "damaged": "yes" if lodging.damaged else "",
            "key": file.key,
            "sha256": file.sha256,
        }


def _completed(services: Services) -> Iterator[Job]:
    after = None
    while page := services.jobs.completed(limit=PAGE, after=after):
        yield from page
        after = page[-1].id


@command.command("check")
@click.argument("job_ids", metavar="[JOB_ID...]", nargs=-1)
@home_option
def check(job_ids: tuple[str, ...], home: str | None) -> None:
    """Have the results of the jobs with these JOB_IDS looked at, and what was put back taken up;
    without any, of all jobs that are damaged or should be at rest by now."""
    services = services_from(home)
    count = 0
    for job in _named(services, job_ids) if job_ids else _suspect(services):
        services.queues.publish(ThawDue(job.id, job.owner_id, mends=True))
        count += 1
    click.echo(f"Asked for {count} job{'' if count == 1 else 's'}.")


def _named(services: Services, job_ids: tuple[str, ...]) -> list[Job]:
    """All or none."""
    jobs = []
    for job_id in job_ids:
        job = services.jobs.get(job_id)
        if job is None or not may_move(job):
            raise NotFound(
                "NO_RESULTS",
                f"There is no job {job_id} that is {JobState.COMPLETED}.",
                cure="Look at the id: it is in the address of the job's page.",
            )
        jobs.append(job)
    return jobs


def _suspect(services: Services) -> Iterator[Job]:
    now = services.unhurried()
    for job in _completed(services):
        overdue = job.check_at is not None and job.check_at < now
        if overdue or job.results_state is ResultsState.DAMAGED:
            yield job
