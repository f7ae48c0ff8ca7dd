"""The life of results after their job: available, archived, coming back. Rules only, no doing.

What is wanted follows from the plan of the owner and the clock; what there is, from the store.
`next_step` leads from one to the other, one file at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gas.domain.account import Account
from gas.domain.errors import Conflict, Forbidden
from gas.domain.job import (
    Change,
    EventKind,
    FileKind,
    Job,
    JobEvent,
    JobFile,
    JobState,
    ResultsState,
)
from gas.domain.plan import Plan

ARCHIVED_KINDS = frozenset({FileKind.ANNOTATED, FileKind.VARIANTS, FileKind.TRANSCRIPTS})
"""The large ones. Log, counts, summary and provenance stay, so that a job's page always tells what
was found; so does the input."""


AWAY = frozenset({ResultsState.ARCHIVED, ResultsState.RESTORING})
"""Not to be downloaded, and may come back."""


class Place(StrEnum):
    WARM = "warm"
    COLD = "cold"
    GONE = "gone"


class Restore(StrEnum):
    NONE = "none"
    UNDER_WAY = "under way"
    READY = "ready"  # for a while; then it has to be begun anew


@dataclass(frozen=True, slots=True)
class Lodging:
    """How the store has one file."""

    place: Place
    marked: bool = False
    """To be moved to the cold class; of a WARM one."""
    restore: Restore = Restore.NONE
    """Of a COLD one."""
    damaged: bool = False
    """It could not be moved or restored, since it is not what it was."""


class Want(StrEnum):
    """What the owner's plan wants of results."""

    WARM = "warm"  # premium
    COLD = "cold"  # free, and the grace period is over
    AS_IT_IS = "as it is"  # free, within the grace period: not archived yet, nor brought back


class Step(StrEnum):
    NONE = "none"
    MARK = "mark"
    UNMARK = "unmark"
    BEGIN = "begin restore"
    FINISH = "finish restore"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Standing:
    """How results stand after a look at them."""

    job: Job
    """As it was seen last."""
    state: ResultsState
    """As it is; the job says the same."""
    due: datetime | None = None
    """The end of the grace period, while it runs."""


def archivable(job: Job) -> tuple[JobFile, ...]:
    return tuple(file for file in job.results if file.kind in ARCHIVED_KINDS)


def available_until(job: Job, account: Account, grace: timedelta) -> datetime | None:
    """The end of the grace period: counted from the end of the run, or from the change to the free
    plan where that came later. None: no end is set."""
    if account.plan is Plan.PREMIUM or job.finished_at is None:
        return None
    return max(job.finished_at, account.plan_since or account.created_at) + grace


def wanted(job: Job, account: Account, *, grace: timedelta, now: datetime) -> Want:
    until = available_until(job, account, grace)
    if until is None:
        return Want.WARM
    return Want.COLD if now >= until else Want.AS_IT_IS


def state_seen(
    job: Job, account: Account, *, until: datetime | None, now: datetime
) -> ResultsState:
    """What the owner is told and held to: the plan decides at once, what is recorded follows.
    `until` is what `available_until` says."""
    recorded = job.results_state
    if recorded is ResultsState.DAMAGED:
        return recorded
    if until is not None and now >= until:
        return ResultsState.ARCHIVED
    if recorded is ResultsState.ARCHIVED and account.plan is Plan.PREMIUM:
        return ResultsState.RESTORING
    return recorded


def check_download(
    job: Job, file: JobFile, account: Account, *, grace: timedelta, now: datetime
) -> None:
    """Forbidden RESULTS_ARCHIVED once a free user's grace period is over, wherever the file is;
    Conflict RESULTS_RESTORING while it is on its way back; Conflict RESULTS_DAMAGED."""
    if file.kind not in ARCHIVED_KINDS or file not in job.results:
        return
    until = available_until(job, account, grace)
    state = state_seen(job, account, until=until, now=now)
    if state is ResultsState.DAMAGED:
        raise damaged(job)
    if state is ResultsState.ARCHIVED:
        raise Forbidden(
            "RESULTS_ARCHIVED",
            f"The grace period of {file.name} is over; it is in cold storage.",
            cure="Nothing is lost: on the premium plan it comes back, and the job's page says how"
            " to get there; or run the job again.",
        )
    if state is ResultsState.RESTORING:
        raise Conflict(
            "RESULTS_RESTORING",
            f"{file.name} is on its way back from cold storage.",
            cure="Wait: the job's page tells when it is back.",
        )


def damaged(job: Job) -> Conflict:
    return Conflict(
        "RESULTS_DAMAGED",
        f"The store has lost or changed a file of the results of job {job.id}.",
        cure="Run the job again; or have the operator put the file back from a backup:"
        " `gas results ls` names it.",
    )


def next_step(want: Want, lodging: Lodging) -> Step:
    if lodging.place is Place.WARM:
        if lodging.damaged:
            return Step.VERIFY
        if want is Want.COLD:
            return Step.NONE if lodging.marked else Step.MARK
        return Step.UNMARK if lodging.marked else Step.NONE
    if lodging.damaged and lodging.restore is Restore.NONE and lodging.place is Place.COLD:
        return Step.BEGIN  # to find out whether it still is, whoever wants it
    if lodging.place is Place.COLD and want is Want.WARM:
        steps = {Restore.NONE: Step.BEGIN, Restore.READY: Step.FINISH}
        return steps.get(lodging.restore, Step.NONE)
    return Step.NONE


def at_rest(want: Want, lodging: Lodging) -> bool:
    """It is as is wanted, and stays so by itself."""
    if lodging.place is Place.COLD:
        return want is not Want.WARM
    return lodging.place is Place.WARM and want is not Want.COLD and not lodging.marked


def awaits_event(want: Want, lodging: Lodging) -> bool:
    """The store has been asked for what is wanted, and will tell."""
    if want is Want.COLD:
        return lodging.place is Place.WARM and lodging.marked
    cold = lodging.place is Place.COLD
    return want is Want.WARM and cold and lodging.restore is Restore.UNDER_WAY


def state_of(want: Want, lodgings: Sequence[Lodging]) -> ResultsState:
    if any(each.damaged or each.place is Place.GONE for each in lodgings):
        return ResultsState.DAMAGED
    if want is Want.COLD:
        return ResultsState.ARCHIVED
    if all(each.place is Place.WARM for each in lodgings):
        return ResultsState.AVAILABLE
    return ResultsState.RESTORING if want is Want.WARM else ResultsState.ARCHIVED


EVENTS = {
    ResultsState.AVAILABLE: EventKind.RESTORED,
    ResultsState.ARCHIVED: EventKind.ARCHIVED,
    ResultsState.RESTORING: EventKind.RESTORING,
    ResultsState.DAMAGED: EventKind.DAMAGED,
}


def stands(
    job: Job, state: ResultsState, *, check_at: datetime | None, now: datetime, detail: str = ""
) -> Change:
    """Results are found in another state."""
    since = now if state is not job.results_state else job.results_since
    moved = replace(
        job,
        results_state=state,
        results_since=since,
        check_at=check_at,
        version=job.version + 1,
    )
    return Change(moved, JobEvent(now, EVENTS[state], job.attempt, detail))


def cold_now(job: Job, now: datetime) -> Change:
    """What was ARCHIVED has arrived in cold storage, and is at rest."""
    arrived = replace(job, check_at=None, version=job.version + 1)
    return Change(arrived, JobEvent(now, EventKind.COLD, job.attempt))


Reconcile = Callable[[str], Standing | None]
"""`journey.reconcile`, bound to what it needs: how the steps that call it are given it."""


def may_move(job: Job) -> bool:
    return job.state is JobState.COMPLETED and job.deleted_at is None
