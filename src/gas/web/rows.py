"""Rows of the table of jobs. A row changes with its job's version and with what its owner is told
of the results, so it is rendered once for each; only that of a running job, which shows progress
and time, is made anew."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import current_app
from markupsafe import Markup

from gas.catalogue import Access
from gas.domain.job import Job, JobState
from gas.web.times import zone_of_reader

KEPT_ROWS = 2000
"""About 1 kB each."""

_Rows = OrderedDict[tuple[str, int, Access, str], Markup]


class JobRows:
    """Keeps the rows used last. Threads share it: each operation below is one of a dict's own."""

    def __init__(self, kept: int = KEPT_ROWS) -> None:
        self._kept = kept
        self._rows: _Rows = OrderedDict()

    def rows(self, jobs: Sequence[Job], access: Mapping[str, Access], now: datetime) -> Markup:
        zone = zone_of_reader()
        made = [self._row(job, access[job.id], now, zone) for job in jobs]
        return Markup("".join(made))  # noqa: S704 (rows are escaped)

    def _row(self, job: Job, access: Access, now: datetime, zone: str) -> Markup:
        key = (job.id, job.version, access, zone)
        found = self._rows.get(key)
        if found is not None:
            return found
        template = current_app.jinja_env.get_template("parts/job_row.html")
        made = Markup(template.render(job=job, access=access, now=now))  # noqa: S704 (a template escapes)
        if job.state is not JobState.RUNNING:
            self._rows[key] = made
            if len(self._rows) > self._kept:
                self._rows.popitem(last=False)
        return made
