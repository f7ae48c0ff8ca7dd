"""Delete: a finished job of one's own in -> its row hidden, its files gone, its row gone.

A crash in between leaves a hidden row, and the sweep goes on from there.
"""

from __future__ import annotations

from gas.domain.account import Account
from gas.domain.job import deleted
from gas.domain.keys import file_prefixes
from gas.domain.ownership import own
from gas.ports.clock import Clock
from gas.ports.files import Files
from gas.ports.jobs import Jobs


def delete(account: Account, job_id: str, *, jobs: Jobs, files: Files, clock: Clock) -> None:
    """Conflict JOB_NOT_FINISHED while it is PENDING or RUNNING."""
    while True:
        change = deleted(own(jobs.get(job_id), account), clock())
        if jobs.change(change):
            break
    for prefix in file_prefixes(change.job):
        files.delete(prefix)
    jobs.purge(change.job.id)
