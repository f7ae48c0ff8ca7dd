"""Thaw: `ThawDue`, or `ResultsMoved` as the store tells it, in -> what is ready is put back;
`ArchiveDue` out if a grace period runs.

The store's event comes first, and is what matters. `ThawDue` asks now and then besides, for a store
whose event was lost: less and less often, for as long as the restore takes, and it holds up nobody.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from gas.domain.errors import Later
from gas.domain.job import ResultsState
from gas.domain.messages import ArchiveDue, ResultsMoved, ThawDue, bad_message, decode
from gas.domain.results import Standing
from gas.ports.clock import Clock
from gas.ports.queues import Delivery, Queues

ASK_FIRST, ASK_LAST = timedelta(seconds=5), timedelta(hours=1)


class Reconcile(Protocol):
    def __call__(self, job_id: str, *, mends: bool) -> Standing | None: ...


def thaw(delivery: Delivery, *, reconcile: Reconcile, queues: Queues, clock: Clock) -> None:
    """Returns when the message is done with; Later while the restore takes. Raises as `reconcile`
    does."""
    message = decode(delivery.body)
    if not isinstance(message, ThawDue | ResultsMoved):
        raise bad_message()
    told = isinstance(message, ResultsMoved)
    mends = isinstance(message, ThawDue) and message.mends
    standing = reconcile(message.job_id, mends=mends)
    if standing and standing.due:
        # Put back for somebody who has left the premium plan meanwhile: nobody else knows that it
        # has to go again.
        queues.publish(ArchiveDue(message.job_id, message.owner_id))
    if standing and standing.state is ResultsState.RESTORING and mends:
        # It has been tried anew; should it fail again, it is not to be tried for ever.
        queues.publish(ThawDue(message.job_id, message.owner_id))
    elif standing and standing.state is ResultsState.RESTORING and not told:
        raise Later(
            "RESTORE_TAKES",
            f"The store has not restored the results of job {message.job_id} yet.",
            seconds=_pause(standing, clock).total_seconds(),
        )


def _pause(standing: Standing, clock: Clock) -> timedelta:
    """As long as it has taken so far, so that the times between double."""
    since = standing.job.results_since
    waited = clock() - since if since else ASK_FIRST
    return min(max(waited, ASK_FIRST), ASK_LAST)
