"""Cancel: an own job in -> CANCELLED. Its annotator sees that at its next report and stops."""

from __future__ import annotations

from gas.domain.account import Account
from gas.domain.job import Job, JobState, cancelled
from gas.domain.ownership import own
from gas.ports.clock import Clock
from gas.ports.jobs import Jobs


def cancel(account: Account, job_id: str, *, jobs: Jobs, clock: Clock) -> Job:
    """The job, CANCELLED. Twice does no harm; Conflict JOB_STATE if it ended otherwise."""
    while True:
        job = own(jobs.get(job_id), account)
        if job.state is JobState.CANCELLED:
            return job
        change = cancelled(job, clock())
        if jobs.change(change):
            return change.job
        # Lost to a worker that claimed, or finished, just now: look again.
