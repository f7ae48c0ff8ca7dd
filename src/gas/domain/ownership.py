"""Whose is it? One answer for what is not there and for what is somebody else's."""

from __future__ import annotations

from gas.domain.account import Account
from gas.domain.errors import NotFound
from gas.domain.job import Job


def own(job: Job | None, account: Account) -> Job:
    """The job, if it is there and this account's; else NotFound, the same in both cases."""
    if job is None or job.owner_id != account.id or job.deleted_at is not None:
        raise NotFound(
            "JOB_NOT_FOUND", "There is no such job among yours.", cure="Look at your list of jobs."
        )
    return job
