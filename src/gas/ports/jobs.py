"""Where jobs are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gas.domain.job import Change, Job, JobEvent, JobState, Progress, ResultsState


@dataclass(frozen=True, slots=True)
class ResultsTotal:
    state: ResultsState
    jobs: int
    size_bytes: int
    """Of the files that are archived, or would be."""
    oldest_since: datetime | None
    """Since when the one that has been in this state for longest is in it."""


class Jobs(Protocol):
    """Every change is a compare-and-set; the loser is told and returns quietly."""

    def create(self, change: Change) -> Job:
        """Records a new job and its first event.

        On repetition (same owner and request key, deleted or not) nothing is written and the
        first job is returned; of two at once, one writes and both get the same job.
        """

    def get(self, job_id: str) -> Job | None:
        """None if there is none; a job marked deleted is still given (look at `deleted_at`)."""

    def requested(self, owner_id: str, request_key: str) -> Job | None:
        """The job that was created for this request, if there is one, deleted or not."""

    def change(self, change: Change) -> bool:
        """Applies the change and appends its event; False, and nothing written, if the store's
        version is not the one the change was made from."""

    def report(self, job_id: str, attempt: int, progress: Progress, lease_until: datetime) -> bool:
        """Progress and heartbeat in one; leaves the version. False if the job is not RUNNING
        under this attempt any more: the caller must stop."""

    def events(self, job_id: str) -> Sequence[JobEvent]:
        """Oldest first."""

    def owned_by(
        self,
        owner_id: str,
        *,
        limit: int,
        before: str | None = None,
        after: str | None = None,
        state: JobState | None = None,
    ) -> Sequence[Job]:
        """Newest first, without deleted ones: at most `limit` jobs older than id `before`, or the
        nearest `limit` newer than id `after`; only those in `state` if it is given. An index
        query, never a scan of what others own."""

    def counts(self, owner_ids: Sequence[str]) -> Mapping[str, int]:
        """How many jobs each has, without deleted ones; those who have none are left out."""

    def ahead(self, job: Job) -> int:
        """How many PENDING jobs come before this one, if owners take turns: those of its owner
        that are older, and of each other owner as many as would come before."""

    def unfinished(self, *, idle_since: datetime, limit: int) -> Sequence[Job]:
        """PENDING jobs created before, and RUNNING ones whose lease is absent or ended before,
        `idle_since`; oldest first. For the sweep."""

    def unnotified(self, *, finished_before: datetime, limit: int) -> Sequence[Job]:
        """COMPLETED and FAILED jobs of which nobody was told; oldest first. For the sweep."""

    def look_again(self, job_id: str, version: int, at: datetime | None) -> bool:
        """Sets `check_at` and raises the version by one; leaves the timeline. False, and nothing
        written, if the store's version is another."""

    def unsettled(self, *, before: datetime, limit: int) -> Sequence[Job]:
        """COMPLETED jobs, not deleted, whose `check_at` lies before; oldest of it first. For the
        sweep."""

    def completed(self, *, limit: int, after: str | None = None) -> Sequence[Job]:
        """COMPLETED jobs of everybody, without deleted ones, in order of id. For the audit."""

    def away(self, owner_id: str, *, limit: int) -> int:
        """How many of this owner's jobs, without deleted ones, are ARCHIVED or RESTORING; counted
        up to `limit`."""

    def came_back(self, owner_id: str, *, since: datetime) -> bool:
        """Whether results of this owner, without deleted ones, became AVAILABLE after `since`
        that were not before."""

    def results_totals(self) -> Sequence[ResultsTotal]:
        """Of COMPLETED jobs, deleted or not, by state of their results; states that none is in are
        left out."""

    def deleted(self, *, limit: int, after: Job | None = None) -> Sequence[Job]:
        """Jobs marked deleted and not purged yet, those of longest ago first; the next ones with
        `after`, itself one of them, purged or not."""

    def belonging(self, owner_id: str, *, limit: int, after: str | None = None) -> Sequence[Job]:
        """Of this owner, those marked deleted too, oldest first; those past id `after`. To remove
        them all."""

    def purge(self, job_id: str) -> None:
        """Removes the row and its events for good. Nothing happens if it is gone."""
