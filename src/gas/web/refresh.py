"""How often a page looks again at what may change by itself: a run, and where results are."""

from __future__ import annotations

from collections.abc import Iterable

from gas.catalogue import Access
from gas.domain.job import Job, JobState, ResultsState

RUN_SECONDS, RUN_SECONDS_IN_TABLE = 1, 2
RESTORING_SECONDS = 3
RESULTS_SECONDS = 5
"""The end of a grace period the page sees by itself; this is for what somebody else changes."""


def look_again(job: Job, access: Access, *, in_table: bool = False) -> int | None:
    """In seconds; None: nothing changes unless the reader does it."""
    if job.state is not JobState.COMPLETED:
        if job.state.final:
            return None
        return RUN_SECONDS_IN_TABLE if in_table else RUN_SECONDS
    if access.state is ResultsState.RESTORING:
        return RESTORING_SECONDS
    if access.state is ResultsState.AVAILABLE and access.until is None:
        return None
    return RESULTS_SECONDS


def soonest(each: Iterable[int | None]) -> int | None:
    return min((seconds for seconds in each if seconds), default=None)
