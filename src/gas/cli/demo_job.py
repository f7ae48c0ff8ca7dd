"""The demo's job: handed in through the web, watched, its results downloaded and looked at."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gas.cli.visitor import Visitor
from gas.domain.counts import groups
from gas.domain.errors import EngineFailed, Unavailable
from gas.domain.job import JobState

if TYPE_CHECKING:
    from gas.domain.job import Job
    from gas.ports.services import Services
    from gas.settings import Settings

REFERENCE = "demo"
INPUT = "demo.vcf"
START_SECONDS = 60.0
JOB_SECONDS = 120.0
POLL_SECONDS = 0.05


def run_job(settings: Settings, require_alive: Callable[[], None]) -> str:
    """Signs in, uploads, submits, watches, downloads. A sign-in link for whoever looks on."""
    from gas.cli.first_operator import ensure_operator, link_for
    from gas.wiring import opened

    with Visitor(settings.url) as visitor:
        _wait_until_ready(visitor, require_alive)
        click.echo(f"The service answers on {settings.url}.")
        with opened(settings) as services:
            operator = ensure_operator(services, settings.operator_email)
            visitor.sign_in(link_for(services, operator))
            job = _watch(services, _submit(visitor), require_alive)
            _require_completed(job)
            _check_downloads(visitor, job)
            _show(job, settings)
            return link_for(services, operator)


def _wait_until_ready(visitor: Visitor, require_alive: Callable[[], None]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not visitor.ready():
        require_alive()
        if time.monotonic() > deadline:
            raise Unavailable(
                "SERVICE_SLOW",
                f"The service did not answer within {START_SECONDS:.0f} s.",
                cure="Look into logs/gas.log in its home.",
            )
        time.sleep(POLL_SECONDS)


def _submit(visitor: Visitor) -> str:
    from gas.engines.bcftools import make_demo

    with tempfile.TemporaryDirectory() as name:
        content = make_demo(Path(name)).vcf.read_bytes()
    upload_id = visitor.upload(INPUT, content)
    job_id = str(visitor.post("/jobs", {"upload_id": upload_id, "reference": REFERENCE})["id"])
    click.echo(f"Submitted {INPUT} ({len(content):,} bytes) as job {job_id}.")
    return job_id


def _watch(services: Services, job_id: str, require_alive: Callable[[], None]) -> Job:
    """Until it is final."""
    deadline = time.monotonic() + JOB_SECONDS
    with _progress() as tell:
        while True:
            job = services.jobs.get(job_id)
            if job is not None:
                tell(job)
                if job.state.final:
                    return job
            require_alive()
            if time.monotonic() > deadline:
                raise Unavailable(
                    "JOB_SLOW",
                    f"Job {job_id} did not end within {JOB_SECONDS:.0f} s.",
                    cure="Look into logs/gas.log in its home.",
                )
            time.sleep(POLL_SECONDS)


@contextmanager
def _progress() -> Iterator[Callable[[Job], None]]:
    """A bar on a terminal; else a line for each change of state or stage."""
    if not sys.stdout.isatty():
        yield _by_lines()
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns) as bar:
        task = bar.add_task("PENDING", total=1.0)

        def tell(job: Job) -> None:
            bar.update(task, completed=job.progress.fraction, description=_where(job))

        yield tell


def _by_lines() -> Callable[[Job], None]:
    told = [""]

    def tell(job: Job) -> None:
        if told[0] != _where(job):
            told[0] = _where(job)
            click.echo(f"  {told[0]}")

    return tell


def _where(job: Job) -> str:
    stage = job.progress.stage if job.state is JobState.RUNNING else ""
    return f"{job.state.value} {stage}".strip()


def _require_completed(job: Job) -> None:
    if job.state is not JobState.COMPLETED:
        why = job.reason
        raise EngineFailed(
            why.code if why else "JOB_NOT_COMPLETED",
            f"Job {job.id} is {job.state.value}. {why.message if why else ''}".rstrip(),
            place=why.place if why else "",
            cure=why.cure if why else "",
        )


def _check_downloads(visitor: Visitor, job: Job) -> None:
    """What comes back through the web is what was stored."""
    for found in job.results:
        content = visitor.download(job.id, found.name)
        if hashlib.sha256(content).hexdigest() != found.sha256:
            raise EngineFailed(
                "DOWNLOAD_DIFFERS",
                f"{found.name} did not come back as it was stored.",
                cure="Look into the disk of this machine.",
            )


def _show(job: Job, settings: Settings) -> None:
    from gas.cli.show import table

    started, finished = job.started_at, job.finished_at
    seconds = (finished - started).total_seconds() if started and finished else 0.0
    click.echo(f"\nCOMPLETED in {seconds:.1f} s. What was found:\n")
    for group, counts in groups(job.counts).items():
        click.echo(table([{group or "records": name, "number": count} for name, count in counts]))
    click.echo("Results, downloaded and compared with their SHA-256:\n")
    rows = [{"file": found.name, "bytes": found.size_bytes} for found in job.results]
    click.echo(table(rows))
    click.echo(f"The job: {settings.url}/jobs/{job.id}")
