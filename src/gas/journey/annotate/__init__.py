"""Annotate: `JobSubmitted` in -> results stored, the job COMPLETED or FAILED, `JobFinished` out.

A job is claimed by compare-and-set, and each claim is a new attempt with a place of its own for
its results; only COMPLETED publishes that place. An attempt that was overtaken finds out at its
next report, or at the end, and takes back what it stored.
"""

from __future__ import annotations

from gas.domain.errors import GivenUp, Reason, Unavailable
from gas.domain.job import (
    Claim,
    Job,
    JobState,
    deaths,
    failed,
    may_claim,
    results_prefix,
    started,
)
from gas.domain.messages import JobFinished, decode
from gas.journey.annotate.attempt import LEASE, Bench, Ending, remove_attempt, run
from gas.ports.queues import Delivery

__all__ = ["DEATHS", "LEASE", "Bench", "Ending", "annotate", "begin", "run"]

DEATHS = 10
"""So many workers may die of one job: more than an engine may break, since most workers die of
something else."""
WORKERS_DIED = Reason(
    "WORKERS_DIED",
    f"{DEATHS} annotators that took this job died.",
    cure="The file may need more memory than an annotator has. Tell the operator the job's id.",
)


def begin(delivery: Delivery, bench: Bench) -> Job | None:
    """Claims the job, quickly; None if there is nothing to run and the message is done with.
    Raises GivenUp when the job was FAILED because its workers died, Unavailable when the message
    shall be delivered again later."""
    message = decode(delivery.body)
    job = bench.jobs.get(message.job_id)
    if job is None or job.state.final:
        if job is not None and job.state is JobState.CANCELLED:
            bench.files.delete(results_prefix(job))  # of attempts whose worker was killed
        return None
    claim = Claim(bench.worker, delivery.message_id, LEASE, delivery.abandoned)
    if not may_claim(job, claim, bench.clock()):
        _leave_alone(job, delivery)
        return None
    if job.state is JobState.RUNNING and deaths(bench.jobs.events(job.id)) >= DEATHS:
        _give_up(job, bench)
    change = started(job, claim, bench.clock())
    # Lost: cancelled, or claimed under another message, which is alive on its own.
    return change.job if bench.jobs.change(change) else None


def annotate(delivery: Delivery, bench: Bench) -> None:
    """The whole step, for whoever does not join its changes with others. Returns when the message
    is done with; raises as `begin` and `run` do."""
    job = begin(delivery, bench)
    ending = run(job, bench) if job else None
    if ending:
        with bench.together():
            ending.commit()
        ending.after()


def _leave_alone(job: Job, delivery: Delivery) -> None:
    """Somebody else runs it. Under another message: this one is a duplicate, done with. Under this
    very one: it must live on, in case that somebody dies."""
    if job.message_id == delivery.message_id:
        raise Unavailable(
            "JOB_HELD", f"Job {job.id} is still held by {job.worker}.", cure="Wait for its lease."
        )


def _give_up(job: Job, bench: Bench) -> None:
    with bench.together():
        won = bench.jobs.change(failed(job, WORKERS_DIED, bench.clock()))
        if won:
            bench.queues.publish(JobFinished(job.id, job.owner_id))
    if won:
        for attempt in range(1, job.attempt + 1):
            remove_attempt(job, attempt, bench)
    raise GivenUp(WORKERS_DIED.code, f"{DEATHS} annotators that took job {job.id} died.")
