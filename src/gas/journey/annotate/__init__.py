"""Annotate: `JobSubmitted` in -> results stored, the job COMPLETED or FAILED, `JobFinished` out.

A job is claimed by compare-and-set, and each claim is a new attempt with a place of its own for
its results; only COMPLETED publishes that place. An attempt that was overtaken finds out at its
next report, or at the end, and takes back what it stored.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
from gas.domain.plan import Limits
from gas.journey.annotate.attempt import LEASE, Bench, remove_attempt, run
from gas.ports.annotation import Engine
from gas.ports.clock import Clock
from gas.ports.files import Files
from gas.ports.jobs import Jobs
from gas.ports.queues import Delivery, Queues
from gas.ports.together import Together

__all__ = ["DEATHS", "LEASE", "annotate"]

DEATHS = 10
"""So many workers may die of one job: more than an engine may break, since most workers die of
something else."""
WORKERS_DIED = Reason(
    "WORKERS_DIED",
    f"{DEATHS} annotators that took this job died.",
    cure="The file may need more memory than an annotator has. Tell the operator the job's id.",
)


def annotate(
    delivery: Delivery,
    *,
    worker: str,
    jobs: Jobs,
    files: Files,
    queues: Queues,
    together: Together,
    engine: Engine,
    limits: Limits,
    work_path: Path,
    clock: Clock,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Returns when the message is done with. Raises GivenUp when the job was FAILED because the
    engine broke or a worker died once too often, any other error when it shall be delivered again
    later.
    `should_stop` turns True when the worker drains or has lost the message."""
    bench = Bench(
        worker, jobs, files, queues, together, engine, limits, work_path, clock, should_stop
    )
    message = decode(delivery.body)
    job = jobs.get(message.job_id)
    if job is None or job.state.final:
        if job is not None and job.state is JobState.CANCELLED:
            files.delete(results_prefix(job))  # of attempts whose worker was killed
        return
    claim = Claim(worker, delivery.message_id, LEASE, delivery.abandoned)
    if not may_claim(job, claim, clock()):
        _leave_alone(job, delivery)
        return
    if job.state is JobState.RUNNING and deaths(jobs.events(job.id)) >= DEATHS:
        _give_up(job, bench)
        return
    change = started(job, claim, clock())
    if jobs.change(change):
        run(change.job, bench)
    # Lost: cancelled, or claimed under another message, which is alive on its own.


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
