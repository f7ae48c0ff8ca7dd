"""Cancel: an own job in -> CANCELLED, `JobCancelled` out. Its annotator stops at its next
report."""

from __future__ import annotations

from gas.domain.account import Account
from gas.domain.job import Job, JobState, cancelled
from gas.domain.messages import JobCancelled
from gas.domain.ownership import own
from gas.ports.clock import Clock
from gas.ports.jobs import Jobs
from gas.ports.queues import Queues
from gas.ports.together import Together


def cancel(
    account: Account, job_id: str, *, jobs: Jobs, queues: Queues, together: Together, clock: Clock
) -> Job:
    """The job, CANCELLED. Twice does no harm; Conflict JOB_STATE if it ended otherwise."""
    while True:
        job = own(jobs.get(job_id), account)
        if job.state is JobState.CANCELLED:
            return job
        change = cancelled(job, clock())
        with together():
            won = jobs.change(change)
            if won:
                queues.publish(JobCancelled(job.id, job.owner_id))
        if won:
            return change.job
        # Lost to a worker that claimed, or finished, just now: look again.
