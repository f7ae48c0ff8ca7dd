"""Archive: `JobFinished` or `ArchiveDue` in -> results marked for cold storage, if that is due.

The message comes when the grace period ends, as its queue is set at the time it was published. It
decides nothing: of a premium user nothing is archived, and of a free one not before the grace
period as it is set now has passed.
"""

from __future__ import annotations

from gas.domain.errors import Later
from gas.domain.messages import ArchiveDue, JobFinished, bad_message, decode
from gas.domain.results import Reconcile
from gas.ports.clock import Clock
from gas.ports.queues import Delivery


def archive(delivery: Delivery, *, reconcile: Reconcile, clock: Clock) -> None:
    """Returns when the message is done with; Later while the grace period runs. Raises as
    `reconcile` does."""
    message = decode(delivery.body)
    if not isinstance(message, JobFinished | ArchiveDue):
        raise bad_message()
    standing = reconcile(message.job_id)
    if standing and standing.due:
        left = (standing.due - clock()).total_seconds()
        raise Later(
            "GRACE_PERIOD_RUNS",
            f"The grace period of job {message.job_id} is not over.",
            seconds=max(left, 0.1),
        )
