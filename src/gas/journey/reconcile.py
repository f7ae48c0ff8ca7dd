"""Reconcile: a job in -> its results as the owner's plan wants them, or on their way there.

The one function by which results are archived, restored and thawed. Whoever calls it has a hint
that something may have changed, and no more: what is right follows from the plan, the clock and
the store alone. So a message may come twice, late, or in any order, a worker may stall between two
lines or die, and two may do it at once.

    (a) read job and plan   (b) look at the store   (c) one idempotent step for each file
    (d) record the state, by compare-and-set   (e) read and look again

It ends only when (e) finds everything as wanted, or on its way with an event of the store to
come. A step made on what was true a moment ago is so found, and taken back, by the one who made it;
should he die before, his message comes back. docs/lifecycle.md tells what each part is there for.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from gas.domain.account import Account
from gas.domain.errors import (
    CapacityRefused,
    GivenUp,
    NotArchived,
    NotFound,
    NotReady,
    Unavailable,
)
from gas.domain.job import Change, Job, JobFile, ResultsState
from gas.domain.messages import ResultsBack
from gas.domain.results import (
    AWAY,
    Lodging,
    Place,
    Standing,
    Step,
    Want,
    archivable,
    at_rest,
    available_until,
    awaits_event,
    cold_now,
    damaged,
    may_move,
    next_step,
    stands,
    state_of,
    wanted,
)
from gas.ports.accounts import Accounts
from gas.ports.clock import Clock
from gas.ports.cold_storage import ColdStorage, Speed
from gas.ports.jobs import Jobs
from gas.ports.queues import Queues
from gas.ports.together import Together

ROUNDS = 10
"""Somebody else changes it all the time; after so many the message comes back later."""


@dataclass(frozen=True, slots=True)
class Custody:
    """What it takes to see to results."""

    jobs: Jobs
    accounts: Accounts
    cold_storage: ColdStorage
    queues: Queues
    together: Together
    grace: Callable[[], timedelta]
    clock: Clock
    """One that does not run ahead, whatever happens to that of the machine."""


@dataclass(frozen=True, slots=True)
class _View:
    """Job, plan and store as they were a moment ago."""

    job: Job
    want: Want
    until: datetime | None
    now: datetime
    files: tuple[JobFile, ...]
    lodgings: tuple[Lodging, ...]

    @property
    def state(self) -> ResultsState:
        return state_of(self.want, self.lodgings)

    @property
    def rests(self) -> bool:
        return all(at_rest(self.want, each) for each in self.lodgings)

    @property
    def awaited(self) -> bool:
        """All that does not rest is on its way."""
        return all(
            at_rest(self.want, each) or awaits_event(self.want, each) for each in self.lodgings
        )

    @property
    def arrives(self) -> bool:
        """It is in cold storage, all of it, and nobody has said so yet."""
        cold = self.rests and all(each.place is Place.COLD for each in self.lodgings)
        archived = self.job.results_state is ResultsState.ARCHIVED is self.state
        return bool(self.lodgings) and cold and archived and self.job.check_at is not None

    @property
    def settled(self) -> bool:
        right = self.job.results_state is self.state
        return self.awaited and right and not self.arrives and not self.damaged

    @property
    def damaged(self) -> bool:
        return self.state is ResultsState.DAMAGED

    @property
    def due(self) -> datetime | None:
        """The end of a grace period that runs. A single file that came back, of a job whose others
        did not, has to go again too."""
        warm = any(each.place is Place.WARM for each in self.lodgings)
        return self.until if self.want is Want.AS_IT_IS and warm else None

    def check_at(self, patience: timedelta) -> datetime | None:
        """When the sweep shall look at it, if nobody else does."""
        if not self.rests:
            latest, before = self.now + patience, self.job.check_at
            return min(before, latest) if before and before > self.now else latest
        return self.due


def reconcile(
    job_id: str, custody: Custody, *, mends: bool = False, tells: bool = True
) -> Standing | None:
    """How results stand then; None if there is nothing to see to: no such job, or no results, or
    nobody whose they are. With `mends`, what was found damaged is tried anew; not as a matter of
    course, or it would be read whole, told and tried again for ever. GivenUp RESULTS_DAMAGED if
    that is news; without `tells` it is left to the next call, by Conflict. Unavailable if it does
    not come to rest now, or the store does not answer."""
    for _ in range(ROUNDS):
        view = _look(job_id, custody)
        if view is None:
            return None
        if view.settled and _noted(view, custody):
            return Standing(view.job, view.state, view.due)
        if view.damaged and not mends:
            if not tells and view.job.results_state is not ResultsState.DAMAGED:
                raise damaged(view.job)
            if _damage_told(view, custody):
                return Standing(view.job, view.state)
            continue
        _step(view, custody)
        mends = mends and not view.damaged
        _record(view, custody)
    raise Unavailable(
        "RESULTS_UNSETTLED",
        f"The results of job {job_id} are changed by others all the time.",
        cure="Wait: it is tried again in a moment.",
    )


def _look(job_id: str, custody: Custody) -> _View | None:
    job = custody.jobs.get(job_id)
    account = custody.accounts.get(job.owner_id) if job and may_move(job) else None
    return _view(job, account, custody) if job and account else None


def _view(job: Job, account: Account, custody: Custody) -> _View:
    grace, now = custody.grace(), custody.clock()
    files = archivable(job)
    return _View(
        job=job,
        want=wanted(job, account, grace=grace, now=now),
        until=available_until(job, account, grace),
        now=now,
        files=files,
        lodgings=_lodgings(files, custody),
    )


def _lodgings(files: tuple[JobFile, ...], custody: Custody) -> tuple[Lodging, ...]:
    return tuple(custody.cold_storage.look(file.key) for file in files)


def _step(view: _View, custody: Custody) -> None:
    for file, lodging in zip(view.files, view.lodgings, strict=True):
        # The store is not as it was a moment ago: the next look tells.
        with suppress(NotArchived, NotReady, NotFound):
            _take(next_step(view.want, lodging), file.key, custody.cold_storage)


def _take(step: Step, key: str, cold_storage: ColdStorage) -> None:
    if step is Step.MARK:
        cold_storage.mark(key)
    elif step is Step.UNMARK:
        cold_storage.unmark(key)
    elif step is Step.FINISH:
        cold_storage.finish_restore(key)
    elif step is Step.VERIFY:
        cold_storage.verify(key)
    elif step is Step.BEGIN:
        try:
            cold_storage.begin_restore(key, speed=Speed.FAST)
        except CapacityRefused:
            cold_storage.begin_restore(key, speed=Speed.STANDARD)


def _record(before: _View, custody: Custody) -> None:
    """What is true after the step, for the plan on which it was made. If that has changed
    meanwhile, the look that follows finds it."""
    view = _View(
        job=before.job,
        want=before.want,
        until=before.until,
        now=before.now,
        files=before.files,
        lodgings=_lodgings(before.files, custody),
    )
    if view.damaged:
        return  # told apart, once it was tried again
    if view.arrives:
        custody.jobs.change(cold_now(view.job, view.now))
    elif view.state is not view.job.results_state:
        check_at = view.check_at(custody.cold_storage.settles_within)
        _change(stands(view.job, view.state, check_at=check_at, now=view.now), view.want, custody)


def _change(change: Change, want: Want, custody: Custody) -> bool:
    """False if it was lost to another change of the job: the look that follows finds what is right
    then."""
    job = change.job
    with custody.together():
        won = custody.jobs.change(change)
        if won and want is Want.WARM and job.results_state not in AWAY:
            custody.queues.publish(ResultsBack(job.id, job.owner_id))
    return won


def _noted(view: _View, custody: Custody) -> bool:
    """When to look again is written down. False if the job has changed meanwhile."""
    check_at = view.check_at(custody.cold_storage.settles_within)
    if check_at == view.job.check_at:
        return True
    return custody.jobs.look_again(view.job.id, view.job.version, check_at)


def _damage_told(view: _View, custody: Custody) -> bool:
    """On the job's page, and once among the dead letters, where the operator looks: GivenUp then.
    False if the job has changed meanwhile."""
    if view.job.results_state is ResultsState.DAMAGED:
        return True
    names = [
        file.name
        for file, each in zip(view.files, view.lodgings, strict=True)
        if each.damaged or each.place is Place.GONE
    ]
    detail = ", ".join(names)
    change = stands(view.job, view.state, check_at=None, now=view.now, detail=detail)
    if not _change(change, view.want, custody):
        return False
    reason = damaged(view.job).reason
    raise GivenUp(reason.code, reason.message, cure=reason.cure)
