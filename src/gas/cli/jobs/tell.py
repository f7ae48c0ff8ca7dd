"""How jobs are told: rows for people, JSON for programs, bars on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from gas.cli.show import plain

if TYPE_CHECKING:
    from gas.client import Job

Moved = Callable[[int, int], None]


def as_json(jobs: Sequence[Job]) -> str:
    return json.dumps([asdict(job) for job in jobs], indent=2, default=_iso)


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def row(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "state": job.state,
        "done": where(job),
        "reference": job.reference,
        "input": job.input_name,
        "submitted": job.created_at.astimezone().strftime("%Y-%m-%d %H:%M"),
    }


def where(job: Job) -> str:
    """Of its way: place in the queue, stage and percent, or why it failed."""
    if job.state == "PENDING":
        return f"{job.position} in the queue" if job.position else "waits"
    if job.state == "RUNNING":
        return f"{job.progress.stage} {job.progress.fraction:.0%}".strip()
    return job.reason.code if job.reason else ""


def of_results(job: Job) -> str:
    """Until when they can be downloaded, or why not; empty if there is nothing to say."""
    if job.state != "COMPLETED":
        return ""
    if job.results_state == "AVAILABLE":
        until = job.available_until
        return f"The results can be downloaded until {_at(until)}." if until else ""
    since = f" since {_at(job.results_since)}" if job.results_since else ""
    return {
        # Whether anybody takes payment for the plan only the page knows; `show` ends with its link.
        "ARCHIVED": f"The results are archived{since}: on the premium plan they come back (the"
        f" job's page says how to get there); or run `gas jobs again {job.id}`.",
        "RESTORING": f"The results are coming back from cold storage{since}.",
        "DAMAGED": f"A file of the results is lost or changed{since}: run `gas jobs again"
        f" {job.id}`, or ask the operator.",
    }.get(job.results_state, "")


def _at(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def line(job: Job) -> str:
    return plain("  ".join(filter(None, (job.id, job.state, where(job), job.input_name))))


@contextmanager
def bar(text: str) -> Iterator[Moved]:
    """Of bytes that move. Without a terminal nothing is shown."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich import progress as shown
    from rich.console import Console

    columns = (
        shown.TextColumn("{task.description}", markup=False),
        shown.BarColumn(),
        shown.DownloadColumn(),
        shown.TransferSpeedColumn(),
        shown.TimeRemainingColumn(),
    )
    with shown.Progress(*columns, console=Console(stderr=True), transient=True) as made:
        task = made.add_task(plain(text), total=None)
        yield lambda done, total: made.update(task, completed=done, total=total)


def say(text: str) -> None:
    """For people who look on; what programs read is on the other output."""
    click.echo(text, err=True)
