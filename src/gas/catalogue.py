"""What a user may see: own jobs, their timeline, log and links. What is foreign is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from gas.domain.account import Account, MailKind
from gas.domain.errors import GasError, NotFound, Reason
from gas.domain.ids import is_id
from gas.domain.job import EventKind, Job, JobEvent, JobFile, JobState, ResultsState
from gas.domain.ownership import own
from gas.domain.plan import Limits
from gas.domain.results import EVENTS, archivable, available_until, check_download, state_seen
from gas.ports.files import Files
from gas.ports.jobs import Jobs

PAGE_JOBS = 20
LOG_BYTES = 1_000_000
NEWS = timedelta(days=1)
OF_RESULTS = frozenset(EVENTS.values())


@dataclass(frozen=True, slots=True)
class JobPage:
    jobs: Sequence[Job]
    """Newest first."""
    older: str | None
    """Ask for `before=older` to go on; None at the end."""
    newer: str | None
    """Ask for `after=newer` to go back; None at the beginning."""


def own_job(account: Account, job_id: str, *, jobs: Jobs) -> Job:
    """NotFound for one that is absent and for one of somebody else, alike."""
    return own(jobs.get(job_id) if is_id(job_id) else None, account)


def own_jobs(
    account: Account,
    *,
    jobs: Jobs,
    limit: int = PAGE_JOBS,
    before: str | None = None,
    after: str | None = None,
    state: JobState | None = None,
) -> JobPage:
    """One page. A page asked for with `after` that reaches the newest is the first page."""
    found = list(
        jobs.owned_by(account.id, limit=limit + 1, before=before, after=after, state=state)
    )
    more = len(found) > limit
    if after is not None:
        shown = found[-limit:]
        has_newer, has_older = more, True
    else:
        shown = found[:limit]
        has_newer, has_older = before is not None, more
    return JobPage(
        shown,
        older=shown[-1].id if shown and has_older else None,
        newer=shown[0].id if shown and has_newer else None,
    )


def timeline(job: Job, *, jobs: Jobs) -> Sequence[JobEvent]:
    """Oldest first."""
    return jobs.events(job.id)


def queue_position(job: Job, *, jobs: Jobs) -> int | None:
    """1 if it is next; None unless it waits."""
    return jobs.ahead(job) + 1 if job.state is JobState.PENDING else None


def job_files(job: Job) -> tuple[JobFile, ...]:
    """What can be downloaded: the results first, then the log, then the input."""
    return (*job.results, *((job.log,) if job.log else ()), job.input)


def log_text(job: Job, *, files: Files, max_bytes: int = LOG_BYTES) -> str | None:
    """The log, on every plan and in every final state; None while there is none."""
    if job.log is None:
        return None
    try:
        with files.open(job.log.key) as content:
            return content.read(max_bytes).decode("utf-8", "replace")
    except NotFound:  # the job's page is worth more than its log
        return None


@dataclass(frozen=True, slots=True)
class Term:
    """How long results of free users can be downloaded, and what time it is."""

    grace: timedelta
    now: datetime
    """By a clock that does not run ahead."""


class Access(NamedTuple):
    """What the owner of a job is told of its results; the links obey the same rules. A tuple: each
    row of each list makes one and compares it."""

    state: ResultsState
    since: datetime | None
    until: datetime | None
    """The end of the grace period while it runs, else None: then nothing ends."""
    is_news: bool = False
    """That they are AVAILABLE is so for less than a day."""


def access_to(job: Job, account: Account, term: Term) -> Access:
    until = available_until(job, account, term.grace)
    state = state_seen(job, account, until=until, now=term.now)
    since = job.results_since
    if state is ResultsState.AVAILABLE:
        is_news = since is not None and term.now - since < NEWS
        return Access(state, since, until, is_news=is_news)
    if state is not job.results_state:  # it will be recorded in a moment
        since = until or account.plan_since or since
    return Access(state, since, None)


def came_back(access: Access, events: Sequence[JobEvent]) -> bool:
    """From cold storage, and lately: not what was mended, or never went."""
    last = [event.kind for event in events if event.kind in OF_RESULTS][-2:]
    return access.is_news and last == [EventKind.RESTORING, EventKind.RESTORED]


def tells_when_back(account: Account) -> bool:
    """There will be a mail when all that is away is back: one for each change of the plan."""
    untold = account.restored_epoch != account.plan_epoch
    return untold and account.is_mailed(MailKind.RESTORED)


def refusal(job: Job, file: JobFile, account: Account, term: Term) -> Reason | None:
    """Why the owner may not download it now; None if they may."""
    try:
        check_download(job, file, account, grace=term.grace, now=term.now)
    except GasError as error:
        return error.reason
    return None


@dataclass(frozen=True, slots=True)
class DownloadLink:
    url: str
    lifetime: timedelta


def download_link(
    job: Job, name: str, account: Account, *, term: Term, files: Files, limits: Limits
) -> DownloadLink:
    """Signed, and over with the grace period as it is now: whatever changes later, nobody looks at
    it again. NotFound if the job has no file of this name; Forbidden or Conflict as
    `domain.results.check_download` says, wherever it is."""
    for kept in job_files(job):
        if kept.name == name:
            check_download(job, kept, account, grace=term.grace, now=term.now)
            lifetime = limits.link_lifetime
            until = available_until(job, account, term.grace)
            if until is not None and kept in archivable(job):
                lifetime = min(lifetime, until - term.now)
            url = files.link(kept.key, name=kept.name, lifetime=lifetime)
            return DownloadLink(url, lifetime)
    raise NotFound("FILE_NOT_FOUND", "The job has no such file.", cure="Look at the job's page.")
