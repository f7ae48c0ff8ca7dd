"""Announce: `JobFinished`, `JobCancelled` or `ResultsBack` in -> `AnnouncementDue` out, one for
each webhook.

An announcement's id is made of the webhook's and the job's, and for results of the moment when
they came back; so a repeat finds it there. It is published again for as long as it is open, which
does no harm. Results that are away again by now are not told: nobody could have them.
"""

from __future__ import annotations

from gas.domain.errors import InputError
from gas.domain.messages import (
    AnnouncementDue,
    JobCancelled,
    JobFinished,
    ResultsBack,
    decode_job,
)
from gas.domain.webhook import (
    AnnouncementState,
    Webhook,
    announced,
    announced_results,
    announced_test,
    event_by_results_state,
    event_by_state,
)
from gas.ports.clock import Clock
from gas.ports.jobs import Jobs
from gas.ports.queues import Delivery, Queues
from gas.ports.together import Together
from gas.ports.webhooks import Webhooks


def announce(
    delivery: Delivery,
    *,
    jobs: Jobs,
    webhooks: Webhooks,
    queues: Queues,
    together: Together,
    site_url: str,
    clock: Clock,
) -> None:
    """Returns when every webhook of the owner has its announcement, and its message."""
    message = decode_job(delivery.body)
    if not isinstance(message, JobFinished | JobCancelled | ResultsBack):
        raise InputError("BAD_MESSAGE", "A message of this topic has nothing to announce.")
    job = jobs.get(message.job_id)
    if job is None or job.deleted_at or not job.state.final:
        return
    if isinstance(message, ResultsBack):
        event, say = event_by_results_state.get(job.results_state), announced_results
    else:
        event, say = event_by_state[job.state], announced
    told = [it for it in webhooks.owned_by(job.owner_id) if it.on and event in it.events]
    for webhook in told:
        with together():
            made = webhooks.announce(say(webhook, job, site_url=site_url, now=clock()))
            if made and made.state is AnnouncementState.OPEN:
                queues.publish(AnnouncementDue(job.id, job.owner_id, made.id))


def announce_test(
    webhook: Webhook,
    test_id: str,
    *,
    webhooks: Webhooks,
    queues: Queues,
    together: Together,
    clock: Clock,
) -> None:
    """One announcement that is about no job, for somebody who tries the address out."""
    with together():
        if made := webhooks.announce(announced_test(webhook, test_id, clock())):
            queues.publish(AnnouncementDue("", webhook.account_id, made.id))
