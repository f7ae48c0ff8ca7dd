"""The job: one request to annotate one input file against one reference.

`PENDING -> RUNNING -> COMPLETED | FAILED | CANCELLED`; the last three are final. A job that is
RUNNING and whose lease ran out may be claimed by another worker: the attempt then rises by one,
and what an older attempt still writes is refused. Functions here make a `Change`: the job as it
shall be, and the event that says so; a store applies it by comparing `version`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gas.domain.errors import Conflict, Reason
from gas.domain.options import NO_OPTIONS, AnnotationOptions


class JobState(StrEnum):
    PENDING = "PENDING"  # recorded, waiting for an annotator
    RUNNING = "RUNNING"  # claimed by a worker under a lease
    COMPLETED = "COMPLETED"  # results published
    FAILED = "FAILED"  # will not be tried again; `reason` says why
    CANCELLED = "CANCELLED"  # stopped by its owner

    @property
    def final(self) -> bool:
        return self in FINAL


FINAL = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED})


class ResultsState(StrEnum):
    """Where the results of a COMPLETED job are, apart from the job's own state."""

    AVAILABLE = "AVAILABLE"  # to be downloaded
    ARCHIVED = "ARCHIVED"  # in cold storage, or on the way there
    RESTORING = "RESTORING"  # on the way back
    DAMAGED = "DAMAGED"  # the store lost or changed a file of them


class FileKind(StrEnum):
    INPUT = "input"
    ANNOTATED = "annotated"  # <stem>.annot.vcf.gz
    INDEX = "index"  # <stem>.annot.vcf.gz.tbi
    VARIANTS = "variants"  # <stem>.variants.parquet
    TRANSCRIPTS = "transcripts"  # <stem>.transcripts.parquet
    SUMMARY = "summary"  # summary.json
    COUNT_LOG = "count_log"  # <stem>.count.log
    REJECTED = "rejected"  # <stem>.rejected.vcf
    PROVENANCE = "provenance"  # provenance.json
    LOG = "log"  # <stem>.log


@dataclass(frozen=True, slots=True)
class JobFile:
    """A stored file of a job. `name` is what a person sees; `key` is where the store has it."""

    kind: FileKind
    name: str
    key: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Progress:
    stage: str = ""
    fraction: float = 0.0
    """0.0 to 1.0 of the whole run."""


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    owner_id: str
    request_key: str
    """Given by the client: the same key of the same owner is the same job."""
    input: JobFile
    reference: str
    created_at: datetime
    options: AnnotationOptions = NO_OPTIONS
    state: JobState = JobState.PENDING
    version: int = 1
    attempt: int = 0
    worker: str = ""
    message_id: str = ""
    """The message under which it was claimed last."""
    lease_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progress: Progress = Progress()
    reason: Reason | None = None
    results: tuple[JobFile, ...] = ()
    results_state: ResultsState = ResultsState.AVAILABLE
    results_since: datetime | None = None
    """When `results_state` changed last."""
    check_at: datetime | None = None
    """If its results are not at rest by then, a message may be lost; None: they are at rest."""
    log: JobFile | None = None
    counts: tuple[tuple[str, int], ...] = ()
    """What the count log says, in its order: ('Total', 350), ('Located: CDS', 12), ..."""
    notified_at: datetime | None = None
    deleted_at: datetime | None = None


class EventKind(StrEnum):
    SUBMITTED = "submitted"
    STARTED = "started"
    INTERRUPTED = "interrupted"  # an attempt broke; it counts as a try
    RELEASED = "released"  # an attempt was given back (a stop, no room); it counts as none
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOTIFIED = "notified"
    DELETED = "deleted"
    ARCHIVED = "archived"  # no longer to be downloaded
    COLD = "cold"  # now in cold storage
    RESTORING = "restoring"  # asked back from there
    RESTORED = "restored"  # to be downloaded again
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class JobEvent:
    at: datetime
    kind: EventKind
    attempt: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """`job` as it shall be; it applies only while the store holds version `job.version - 1`."""

    job: Job
    event: JobEvent


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claims a job, under which message, until when."""

    worker: str
    message_id: str
    lease: timedelta
    abandoned: bool = False
    """The queue knows that the holder before this one is dead."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run brought."""

    results: tuple[JobFile, ...]
    log: JobFile
    counts: tuple[tuple[str, int], ...] = field(default=())


def submitted(job: Job) -> Change:
    detail = f"{job.input.name} against {job.reference}"
    return Change(job, JobEvent(job.created_at, EventKind.SUBMITTED, 0, detail))


def may_claim(job: Job, claim: Claim, now: datetime) -> bool:
    """PENDING jobs, and RUNNING ones whose worker is known dead or has let its lease run out, or
    is the one that asks: it runs one job at a time, so it has lost this one on the way."""
    if job.state is JobState.PENDING:
        return True
    if job.state is not JobState.RUNNING:
        return False
    known_lost = claim.abandoned or job.worker == claim.worker
    orphaned = known_lost and job.message_id == claim.message_id
    return orphaned or job.lease_until is None or job.lease_until <= now


def started(job: Job, claim: Claim, now: datetime) -> Change:
    """The next attempt begins. Call `may_claim` first."""
    attempt = job.attempt + 1
    return _next(
        replace(
            job,
            state=JobState.RUNNING,
            attempt=attempt,
            worker=claim.worker,
            message_id=claim.message_id,
            lease_until=now + claim.lease,
            started_at=now,
            progress=Progress(),
        ),
        JobEvent(now, EventKind.STARTED, attempt, f"by {claim.worker}"),
    )


def deaths(events: Iterable[JobEvent]) -> int:
    """Attempts that ended without a word, of a job of which none is under way."""
    count = Counter(event.kind for event in events)
    return count[EventKind.STARTED] - count[EventKind.INTERRUPTED] - count[EventKind.RELEASED]


def interrupted(job: Job, detail: str, now: datetime) -> Change:
    """The attempt broke; the lease is given back so that another may claim."""
    return _given_back(job, EventKind.INTERRUPTED, detail, now)


def released(job: Job, detail: str, now: datetime) -> Change:
    """The attempt was stopped through no fault of the job; another may claim."""
    return _given_back(job, EventKind.RELEASED, detail, now)


def _given_back(job: Job, kind: EventKind, detail: str, now: datetime) -> Change:
    _require(job, JobState.RUNNING)
    return _next(replace(job, lease_until=None), JobEvent(now, kind, job.attempt, detail))


def completed(job: Job, findings: Findings, now: datetime) -> Change:
    _require(job, JobState.RUNNING)
    done = replace(
        job,
        state=JobState.COMPLETED,
        finished_at=now,
        lease_until=None,
        progress=Progress("done", 1.0),
        results=findings.results,
        results_since=now,
        check_at=now,
        log=findings.log,
        counts=findings.counts,
    )
    return _next(done, JobEvent(now, EventKind.COMPLETED, job.attempt))


def failed(job: Job, reason: Reason, now: datetime, *, log: JobFile | None = None) -> Change:
    _require(job, JobState.PENDING, JobState.RUNNING)
    done = replace(
        job,
        state=JobState.FAILED,
        finished_at=now,
        lease_until=None,
        reason=reason,
        log=log or job.log,
    )
    return _next(done, JobEvent(now, EventKind.FAILED, job.attempt, reason.code))


def cancelled(job: Job, now: datetime) -> Change:
    _require(job, JobState.PENDING, JobState.RUNNING)
    done = replace(job, state=JobState.CANCELLED, finished_at=now, lease_until=None)
    return _next(done, JobEvent(now, EventKind.CANCELLED, job.attempt))


def notified(job: Job, now: datetime, *, detail: str = "") -> Change:
    event = JobEvent(now, EventKind.NOTIFIED, job.attempt, detail)
    return _next(replace(job, notified_at=now), event)


def deleted(job: Job, now: datetime) -> Change:
    """Hidden from its owner at once; its files go next, its row last."""
    if not job.state.final:
        raise Conflict(
            "JOB_NOT_FINISHED",
            f"Job {job.id} is {job.state} and cannot be deleted.",
            cure="Cancel it first.",
        )
    return _next(replace(job, deleted_at=now), JobEvent(now, EventKind.DELETED, job.attempt))


def _require(job: Job, *states: JobState) -> None:
    if job.state not in states:
        raise Conflict(
            "JOB_STATE",
            f"Job {job.id} is {job.state}.",
            cure="Look at the job's page for what happened.",
        )


def _next(job: Job, event: JobEvent) -> Change:
    return Change(replace(job, version=job.version + 1), event)
