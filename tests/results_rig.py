"""Results in each state, as the page, the API and the mails are to tell of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gas.domain.job import Job, ResultsState
from gas.domain.plan import Plan
from gas.domain.results import stands
from rig import Journey
from web_rig import Pages

GRACE = timedelta(minutes=5)


def put(journey: Journey, job_id: str, *states: ResultsState) -> Job:
    """The job's results go through these states, a minute each."""
    for state in states:
        job = journey.job(job_id)
        detail = "a.annot.vcf.gz" if state is ResultsState.DAMAGED else ""
        change = stands(job, state, check_at=None, now=journey.clock(), detail=detail)
        assert journey.store.jobs.change(change)
        journey.clock.forward(minutes=1)
    return journey.job(job_id)


def put_on(journey: Journey, plan: Plan) -> None:
    """The journey's own account, as `journey.subscribe` does it."""
    known = journey.store.accounts.get(journey.account.id)
    assert known is not None
    changed = replace(
        known,
        plan=plan,
        plan_epoch=known.plan_epoch + 1,
        plan_since=journey.clock(),
        version=known.version + 1,
    )
    assert journey.store.accounts.change(changed)


def set_grace(pages: Pages, grace: timedelta) -> None:
    pages.services.queue_desk.configure("archive", delay_seconds=grace.total_seconds())
