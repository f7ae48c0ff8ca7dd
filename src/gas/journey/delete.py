"""Delete: a finished job of one's own in -> its row hidden, its files gone, its row gone.

A crash in between, or a store that is away, leaves a hidden row, and the sweep goes on from there.
"""

from __future__ import annotations

from gas.domain.account import Account
from gas.domain.errors import StoreFull, Unavailable
from gas.domain.job import deleted
from gas.domain.keys import file_prefixes
from gas.domain.messages import ResultsBack
from gas.domain.ownership import own
from gas.domain.results import AWAY
from gas.ports.clock import Clock
from gas.ports.files import Files, delete_all
from gas.ports.jobs import Jobs
from gas.ports.queues import Queues
from gas.ports.together import Together


def delete(
    account: Account,
    job_id: str,
    *,
    jobs: Jobs,
    files: Files,
    queues: Queues,
    together: Together,
    clock: Clock,
) -> Unavailable | StoreFull | None:
    """Conflict JOB_NOT_FINISHED while it is PENDING or RUNNING. For its owner it is done in any
    case; what it gives back is for the log: why some files have to wait for the sweep."""
    won = False
    while not won:
        change = deleted(own(jobs.get(job_id), account), clock())
        with together():
            won = jobs.change(change)
            if won and change.job.results_state in AWAY:
                # It may have been the last one that was waited for.
                queues.publish(ResultsBack(job_id, account.id))
    try:
        delete_all(files, file_prefixes(change.job))
    except (Unavailable, StoreFull) as error:
        return error
    jobs.purge(change.job.id)
    return None
