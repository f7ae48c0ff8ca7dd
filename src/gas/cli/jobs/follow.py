"""Follows jobs to their ends: bars on a terminal, else a line for each change."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gas.cli.jobs.tell import line, say, where
from gas.cli.show import plain

if TYPE_CHECKING:
    from gas.client import Client, Job

POLL_SECONDS = (0.25, 5.0)
"""Between two rounds: at first, and at most."""
Tell = Callable[["Job"], None]


def follow(client: Client, job_ids: Sequence[str]) -> list[Job]:
    """The jobs as they ended, in the order given."""
    jobs: dict[str, Job] = {}
    began = time.monotonic()
    with _told() as tell:
        while True:
            for job_id in job_ids:
                if job_id not in jobs or not jobs[job_id].final:
                    jobs[job_id] = client.job(job_id)
                    tell(jobs[job_id])
            if all(job.final for job in jobs.values()):
                return [jobs[job_id] for job_id in job_ids]
            passed = time.monotonic() - began
            time.sleep(min(max(passed / 10, POLL_SECONDS[0]), POLL_SECONDS[1]))


@contextmanager
def _told() -> Iterator[Tell]:
    if sys.stderr.isatty():
        with _bars() as tell:
            yield tell
    else:
        yield _by_lines()


@contextmanager
def _bars() -> Iterator[Tell]:
    from rich import progress as shown
    from rich.console import Console

    columns = (
        shown.TextColumn("{task.description}", markup=False),
        shown.BarColumn(),
        shown.TextColumn("{task.fields[where]}", markup=False),
        shown.TimeElapsedColumn(),
    )
    tasks: dict[str, shown.TaskID] = {}
    with shown.Progress(*columns, console=Console(stderr=True)) as bars:

        def tell(job: Job) -> None:
            if job.id not in tasks:
                tasks[job.id] = bars.add_task(plain(job.input_name), total=1.0, where="")
            done = 1.0 if job.state == "COMPLETED" else job.progress.fraction
            text = plain(f"{job.state} {where(job)}".strip())
            bars.update(tasks[job.id], completed=done, where=text)
            if job.final:
                bars.stop_task(tasks[job.id])

        yield tell


def _by_lines() -> Tell:
    told: dict[str, tuple[str, str]] = {}

    def tell(job: Job) -> None:
        now = (job.state, job.progress.stage)
        if told.get(job.id) != now and not job.final:  # how it ended is said at the end
            told[job.id] = now
            say(line(job))

    return tell
