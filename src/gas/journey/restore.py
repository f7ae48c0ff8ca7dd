"""Restore: `PlanChanged` in -> every job of the account is seen to as its new plan wants it:
`ThawDue` out for what is on its way back, `ArchiveDue` for what shall go.

Page by page, each page a message of its own, so that the queue takes owners in turn: somebody with
ten thousand jobs holds up nobody with one. A job submitted meanwhile is on no page; it is seen to
when it is finished.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from gas.domain.account import Account
from gas.domain.errors import GasError
from gas.domain.job import Job, ResultsState
from gas.domain.messages import (
    ArchiveDue,
    PlanChanged,
    RestoreContinued,
    ThawDue,
    bad_message,
    decode_account,
)
from gas.domain.results import Standing, may_move
from gas.ports.accounts import Accounts
from gas.ports.jobs import Jobs
from gas.ports.queues import Delivery, Queues
from gas.ports.together import Together

PAGE = 10


class Reconcile(Protocol):
    def __call__(self, job_id: str, *, tells: bool) -> Standing | None: ...


def restore(
    delivery: Delivery,
    *,
    accounts: Accounts,
    jobs: Jobs,
    queues: Queues,
    together: Together,
    reconcile: Reconcile,
) -> None:
    """Returns when the message is done with. A message of an older epoch was overtaken: the one
    that came with the newer does it all."""
    message = decode_account(delivery.body)
    if not isinstance(message, PlanChanged | RestoreContinued):
        raise bad_message()
    account = accounts.get(message.account_id)
    if account is None or account.plan_epoch != message.epoch:
        return
    if account.settled_epoch >= message.epoch:
        return  # another message went through all jobs already
    before = (message.job_id or None) if isinstance(message, RestoreContinued) else None
    page = jobs.owned_by(account.id, limit=PAGE, before=before)
    due = [found for job in page if (found := _see_to(job, reconcile))]
    with together():
        for each in due:
            queues.publish(each)
        if len(page) == PAGE:
            queues.publish(RestoreContinued(account.id, message.epoch, page[-1].id))
    if len(page) < PAGE:
        _settled(account, accounts)


def _see_to(job: Job, reconcile: Reconcile) -> ThawDue | ArchiveDue | None:
    if not may_move(job):
        return None
    try:
        standing = reconcile(job.id, tells=False)
    except GasError:  # of this job alone: its own message meets it again, and waits, or tells
        return ThawDue(job.id, job.owner_id)
    if standing and standing.state is ResultsState.RESTORING:
        return ThawDue(job.id, job.owner_id)
    if standing and standing.due:
        return ArchiveDue(job.id, job.owner_id)
    return None


def _settled(account: Account, accounts: Accounts) -> None:
    """The sweep need not see to this epoch any more."""
    current: Account | None = account
    while current and current.settled_epoch < account.plan_epoch == current.plan_epoch:
        settled = replace(current, settled_epoch=account.plan_epoch, version=current.version + 1)
        if accounts.change(settled):
            return
        current = accounts.get(account.id)  # lost to another change of it: look again
