"""Sweep: nothing in -> what a crash swallowed is published again, what is dead is failed.

On a backend where state and message are committed together there is little to find. Messages are
hints: publishing one too many does no harm, so the sweep errs on that side, but patiently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gas.domain.errors import GasError, InputError, Reason
from gas.domain.job import Job, failed
from gas.domain.keys import file_prefixes, results_prefix
from gas.domain.messages import ANNOTATE, NOTIFY, JobFinished, JobSubmitted, decode, job_of
from gas.domain.plan import Limits
from gas.ports.accounts import Sessions
from gas.ports.clock import Clock
from gas.ports.files import Files, delete_all
from gas.ports.jobs import Jobs
from gas.ports.queues import QueueDesk, Queues
from gas.ports.together import Together

PATIENCE = timedelta(minutes=10)
BATCH = 100
JOURNEY = frozenset({ANNOTATE.name, NOTIFY.name})
NEVER_RUN = Reason(
    "TRIED_TOO_OFTEN",
    "The job was taken up again and again, and could not be run.",
    cure="Tell the operator the job's id; its message is among the dead letters.",
)


@dataclass(slots=True)
class Memory:
    """What the sweep has seen and done. Lost with the process, which costs patience only."""

    since: dict[str, datetime] = field(default_factory=dict)
    """By job: since when it waits, or when a message of it was published again."""
    letters: set[str] = field(default_factory=set)
    """Dead letters whose jobs have been seen to."""
    purged: Job | None = None
    """The deleted one where the last round ended: those that cannot go now let the others pass."""

    def patience_over(self, job_ids: set[str], backlog: timedelta, now: datetime) -> set[str]:
        """Of the jobs that wait now, those that have waited for PATIENCE, and longer than the
        oldest message there is: a younger one of theirs may still be on its way."""
        self.since = {job_id: self.since.get(job_id, now) for job_id in job_ids}
        patience = max(PATIENCE, backlog)
        return {job_id for job_id, at in self.since.items() if now - at >= patience}


Apart = Callable[[str, Callable[[], int]], int]
"""Does a part of the sweep under its name, and says what it says; 0 of one that breaks, which holds
up no other."""


@dataclass(frozen=True, slots=True)
class Swept:
    republished: int
    failed: int
    purged: int
    uploads: int
    sessions: int


def sweep(
    memory: Memory,
    *,
    jobs: Jobs,
    files: Files,
    queues: Queues,
    queue_desk: QueueDesk,
    sessions: Sessions,
    together: Together,
    limits: Limits,
    clock: Clock,
    apart: Apart,
) -> Swept:
    """One round, bounded by BATCH of each kind."""
    now = clock()

    def republish() -> int:
        return _republish(memory, jobs=jobs, queues=queues, queue_desk=queue_desk, now=now)

    def fail_dead() -> int:
        return _fail_dead(
            memory,
            jobs=jobs,
            files=files,
            queues=queues,
            desk=queue_desk,
            together=together,
            now=now,
        )

    return Swept(
        republished=apart("republish", republish),
        failed=apart("fail_dead", fail_dead),
        purged=apart("purge", lambda: _purge(memory, jobs=jobs, files=files)),
        uploads=apart(
            "stale_uploads", lambda: files.remove_stale_uploads(now - limits.upload_lifetime)
        ),
        sessions=apart("sessions", lambda: sessions.expire(now)),
    )


def _republish(
    memory: Memory, *, jobs: Jobs, queues: Queues, queue_desk: QueueDesk, now: datetime
) -> int:
    backlog = _oldest_message(queue_desk)
    waiting = {
        job.id: job
        for job in jobs.unfinished(idle_since=now - PATIENCE, limit=BATCH)
        # Behind a long queue, or held back in an outage, a job waits rightly.
        if job.created_at < now - backlog - PATIENCE
    }
    untold = {
        job.id: job
        for job in jobs.unnotified(finished_before=now - backlog - PATIENCE, limit=BATCH)
    }
    due = memory.patience_over({*waiting, *untold}, backlog, now)
    for job_id in due:
        job = waiting.get(job_id) or untold[job_id]
        queues.publish(_hint(job))
        memory.since[job_id] = now
    return len(due)


def _hint(job: Job) -> JobSubmitted | JobFinished:
    kind = JobFinished if job.state.final else JobSubmitted
    return kind(job.id, job.owner_id)


def _oldest_message(desk: QueueDesk) -> timedelta:
    """Age of the oldest message that speaks of a job's way to its end, whoever has it. Queues whose
    messages wait rightly, for a day or longer, say nothing of that."""
    ages = [state.oldest_seconds for state in desk.states() if state.name in JOURNEY]
    return timedelta(seconds=max(ages, default=0.0))


def _fail_dead(
    memory: Memory,
    *,
    jobs: Jobs,
    files: Files,
    queues: Queues,
    desk: QueueDesk,
    together: Together,
    now: datetime,
) -> int:
    """Jobs whose message died in the queue: nobody else is left to say so."""
    ended = []
    for job in _dead_jobs(memory, jobs, desk):
        with together():
            won = jobs.change(failed(job, NEVER_RUN, now))
            if won:
                queues.publish(JobFinished(job.id, job.owner_id))
        if won:
            ended.append(job)
    delete_all(files, map(results_prefix, ended))  # of attempts that were cut short
    return len(ended)


def _dead_jobs(memory: Memory, jobs: Jobs, desk: QueueDesk) -> Iterator[Job]:
    """Unfinished jobs among the dead letters, however many of those an operator has left lying."""
    after = None
    lying: set[str] = set()
    while letters := desk.dead_letters(ANNOTATE.name, limit=BATCH, after=after):
        after = letters[-1].message_id
        for letter in letters:
            job = None
            if letter.message_id not in memory.letters:
                # BAD_MESSAGE: the operator sees it in the queue; no job is known
                with suppress(InputError):
                    job = jobs.get(job_of(decode(letter.body)))
            if job is not None and not job.state.final:
                yield job
            else:
                lying.add(letter.message_id)
    memory.letters = lying


def _purge(memory: Memory, *, jobs: Jobs, files: Files) -> int:
    """Deletions that a crash, or a store that was away, cut short. A job whose files cannot go now
    waits for another round, and holds up no other; in the end the last trouble is raised."""
    found = jobs.deleted(limit=BATCH, after=memory.purged)
    memory.purged = found[-1] if len(found) == BATCH else None
    trouble: GasError | None = None
    for job in found:
        try:
            delete_all(files, file_prefixes(job))
        except GasError as error:
            trouble = error
        else:
            jobs.purge(job.id)
    if trouble:
        raise trouble
    return len(found)
