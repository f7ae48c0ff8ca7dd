"""Annotate: `JobSubmitted` in -> results stored, the job COMPLETED or FAILED, `JobFinished` out.

A job is claimed by compare-and-set, and each claim is a new attempt with a place of its own for
its results; only COMPLETED publishes that place. An attempt that was overtaken finds out at its
next report, or at the end, and takes back what it stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from gas.domain.errors import GivenUp, Reason, Unavailable
from gas.domain.job import Claim, Job, JobState, deaths, failed, may_claim, started
from gas.domain.keys import results_prefix
from gas.domain.messages import JobFinished, decode, job_of
from gas.journey.annotate.attempt import LEASE, Bench, Ending, remove_attempt, run
from gas.ports.queues import Delivery

__all__ = ["DEATHS", "LEASE", "Bench", "Ending", "Run", "annotate", "begin"]

DEATHS = 10
"""So many workers may die of one job: more than an engine may break, since most workers die of
something else."""
CLEARINGS = 10
"""So often, within minutes, a store that is away is asked to remove what is nobody's."""
WORKERS_DIED = Reason(
    "WORKERS_DIED",
    f"{DEATHS} annotators that took this job died.",
    cure="The file may need more memory than an annotator has. Tell the operator the job's id.",
)


Run = Callable[[Callable[[], bool]], Ending | None]
"""What is left to do for a message; the argument turns True when it has to stop."""


def begin(delivery: Delivery, bench: Bench) -> Run | None:
    """Claims the job, quickly, and gives the run of it (see `run`), or what else there is to do
    that may take a while; None if there is nothing and the message is done with. Unavailable when
    the message shall be delivered again later."""
    job = bench.jobs.get(job_of(decode(delivery.body)))
    if job is None:
        return None
    if job.state.final:
        return partial(_clear, job, delivery, bench) if job.state is JobState.CANCELLED else None
    claim = Claim(bench.worker, delivery.message_id, LEASE, delivery.abandoned)
    if not may_claim(job, claim, bench.clock()):
        _leave_alone(job, delivery)
        return None
    if job.state is JobState.RUNNING and deaths(bench.jobs.events(job.id)) >= DEATHS:
        return partial(_give_up, job, bench)
    change = started(job, claim, bench.clock())
    if not bench.jobs.change(change):
        return None  # cancelled, or claimed under another message, which is alive on its own
    return lambda should_stop: run(change.job, replace(bench, should_stop=should_stop))


def annotate(delivery: Delivery, bench: Bench) -> None:
    """The whole step, for whoever does not join its changes with others. Returns when the message
    is done with; raises as `begin` and `run` do, GivenUp too if too many workers died of the job.
    """
    work = begin(delivery, bench)
    ending = work(bench.should_stop) if work else None
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


def _clear(job: Job, delivery: Delivery, bench: Bench, _should_stop: Callable[[], bool]) -> None:
    """Removes the results of attempts at a job, cancelled meanwhile, whose worker was killed. Of a
    store that stays away, what no job names is found later (`tidy`): the message must not wait for
    days, since the sweep is as patient with all jobs as the oldest message here is old."""
    try:
        bench.files.delete(results_prefix(job))
    except Unavailable:
        if delivery.receive_count < CLEARINGS:
            raise


def _give_up(job: Job, bench: Bench, _should_stop: Callable[[], bool]) -> None:
    with bench.together():
        won = bench.jobs.change(failed(job, WORKERS_DIED, bench.clock()))
        if won:
            bench.queues.publish(JobFinished(job.id, job.owner_id))
    if won:
        for attempt in range(1, job.attempt + 1):
            remove_attempt(job, attempt, bench)
    raise GivenUp(WORKERS_DIED.code, f"{DEATHS} annotators that took job {job.id} died.")
