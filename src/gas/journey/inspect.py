"""Inspect: nothing in -> what no message told of results is found, and sent the usual way.

`take_up` asks the records: results that should be at rest by now, and changes of plan that were not
applied to every job. `inspect` goes, slowly, through all jobs, and compares the records with what
the store really has. Both only publish hints; doing so once too often does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gas.domain.account import Account
from gas.domain.job import Job, ResultsState
from gas.domain.messages import RestoreContinued, ThawDue
from gas.domain.results import Lodging, Want, archivable, at_rest, state_of, wanted
from gas.ports.accounts import Accounts
from gas.ports.clock import Clock
from gas.ports.cold_storage import ColdStorage
from gas.ports.jobs import Jobs
from gas.ports.queues import Queues

PATIENCE = timedelta(minutes=10)
"""A message takes so long at most, if all goes well."""
JUST_DUE = timedelta(seconds=30)
MOST_PATIENCE = timedelta(days=1)
BATCH = 100


@dataclass(slots=True)
class Round:
    """Where the inspection stands; lost with the process, which costs a new beginning."""

    after: str | None = None
    """The job looked at last."""


@dataclass(slots=True)
class Asked:
    """When the plan of an account was last asked to be applied; lost with the process, which costs
    a hint too many."""

    at: dict[str, datetime] = field(default_factory=dict)

    def due(self, late: Sequence[Account], now: datetime) -> list[Account]:
        """Of those that are late the ones to ask for now. To go through many jobs takes a while:
        it is not begun anew all the time."""
        self.at = {account.id: self.at[account.id] for account in late if account.id in self.at}
        due = [account for account in late if self._is_due(account, now)]
        self.at |= {account.id: now for account in due}
        return due

    def _is_due(self, account: Account, now: datetime) -> bool:
        asked = self.at.get(account.id)
        return asked is None or now - asked >= _patience(account.plan_since, asked)


def take_up(asked: Asked, *, jobs: Jobs, accounts: Accounts, queues: Queues, clock: Clock) -> int:
    """Says how many hints it published."""
    now = clock()
    late = asked.due(accounts.unsettled(plan_before=now - PATIENCE, limit=BATCH), now)
    for account in late:
        # From the first page. Not `PlanChanged`: of that a mail is sent.
        queues.publish(RestoreContinued(account.id, account.plan_epoch, ""))
    found = jobs.unsettled(before=now - PATIENCE, limit=BATCH)
    for job in found:
        queues.publish(ThawDue(job.id, job.owner_id))
        jobs.look_again(job.id, job.version, now + _patience(job.results_since, now))
    return len(late) + len(found)


def _patience(since: datetime | None, now: datetime) -> timedelta:
    """As long as it has waited so far, up to a day. A store that is away for long shall find no
    heap of hints for each job when it is back."""
    return max(PATIENCE, min(now - (since or now), MOST_PATIENCE))


def inspect(
    round_: Round,
    *,
    jobs: Jobs,
    accounts: Accounts,
    cold_storage: ColdStorage,
    queues: Queues,
    grace: Callable[[], timedelta],
    clock: Clock,
) -> int:
    """A batch of jobs. Says of how many the records are wrong. Unavailable, and the batch is looked
    at again, if the store does not answer."""
    batch = jobs.completed(limit=BATCH, after=round_.after)
    known = _Known(accounts, grace(), clock(), cold_storage)
    wrong = [job for job in batch if not known.is_right(job)]
    for job in wrong:
        queues.publish(ThawDue(job.id, job.owner_id))
    round_.after = batch[-1].id if len(batch) == BATCH else None
    return len(wrong)


@dataclass(slots=True)
class _Known:
    accounts: Accounts
    grace: timedelta
    now: datetime
    cold_storage: ColdStorage
    seen: dict[str, Account | None] = field(default_factory=dict)

    def is_right(self, job: Job) -> bool:
        """At rest as is wanted and recorded so; or the sweep will see to it."""
        if job.owner_id not in self.seen:
            self.seen[job.owner_id] = self.accounts.get(job.owner_id)
        account = self.seen[job.owner_id]
        if account is None or (job.check_at is not None and job.check_at > self.now):
            return True
        if account.settled_epoch < account.plan_epoch:
            return True  # its change of plan is being applied, or will be taken up
        lodgings = [self.cold_storage.look(file.key) for file in archivable(job)]
        # What has just become due may be seen to at this moment.
        wants = {
            wanted(job, account, grace=self.grace, now=at) for at in (self.now - JUST_DUE, self.now)
        }
        return any(_is_so(job, want, lodgings) for want in wants)


def _is_so(job: Job, want: Want, lodgings: Sequence[Lodging]) -> bool:
    if job.results_state is ResultsState.DAMAGED is state_of(want, lodgings):
        return True  # and told; should it be mended where no look shows it, the operator says
    rests = all(at_rest(want, each) for each in lodgings)
    return rests and state_of(want, lodgings) is job.results_state
