"""What every `Jobs` keeps to. A runner gives the fixture `jobs`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gas.domain.errors import Reason
from gas.domain.ids import new_id
from gas.domain.job import (
    Change,
    Claim,
    EventKind,
    FileKind,
    Findings,
    Job,
    JobFile,
    JobState,
    Progress,
    ResultsState,
    cancelled,
    completed,
    deleted,
    failed,
    interrupted,
    notified,
    started,
    submitted,
)
from gas.domain.options import AnnotationOptions
from gas.domain.results import stands
from gas.ports.jobs import Jobs

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
INPUT = JobFile(FileKind.INPUT, "na12878 é.vcf", "inputs/me/1", 150, "ab" * 32)
RESULT = JobFile(FileKind.ANNOTATED, "na12878.annot.vcf.gz", "results/me/1/1/x", 99, "cd" * 32)
SUMMARY = JobFile(FileKind.SUMMARY, "summary.json", "results/me/1/1/s", 7, "ef" * 32)
LOG = JobFile(FileKind.LOG, "na12878.log", "results/me/1/1/log", 9, "ef" * 32)
CLAIM = Claim("annotate-1-a", "message-1", timedelta(seconds=30))


def new_job(minutes: int = 0, owner: str = "me", key: str = "") -> Job:
    now = NOW + timedelta(minutes=minutes)
    job_id = new_id(now)
    return Job(job_id, owner, key or job_id, INPUT, "demo", now)


def create(jobs: Jobs, minutes: int = 0, owner: str = "me") -> Job:
    return jobs.create(submitted(new_job(minutes, owner)))


def apply(jobs: Jobs, change: Change) -> Job:
    assert jobs.change(change)
    return change.job


def run(jobs: Jobs, job: Job) -> Job:
    return apply(jobs, started(job, CLAIM, NOW))


def complete(jobs: Jobs, job: Job, now: datetime = NOW) -> Job:
    findings = Findings((RESULT, SUMMARY), LOG, (("Total", 350), ("SNP", 300)))
    return apply(jobs, completed(run(jobs, job), findings, now))


def put(
    jobs: Jobs, job: Job, state: ResultsState, *, at: datetime | None, now: datetime = NOW
) -> Job:
    return apply(jobs, stands(job, state, check_at=at, now=now))


class JobsContract:
    def test_absent(self, jobs: Jobs) -> None:
        assert jobs.get("nobody") is None
        assert jobs.events("nobody") == []
        jobs.purge("nobody")
        assert not jobs.change(cancelled(new_job(), NOW))
        assert not jobs.report("nobody", 1, Progress(), NOW)

    def test_a_job_comes_back_as_it_was(self, jobs: Jobs) -> None:
        job = create(jobs)
        assert jobs.get(job.id) == job
        done = complete(jobs, job)
        assert jobs.get(job.id) == done
        told = apply(jobs, notified(done, NOW))
        gone = apply(jobs, deleted(told, NOW))
        assert jobs.get(job.id) == gone

    def test_options_come_back_as_they_were(self, jobs: Jobs) -> None:
        job = replace(new_job(), options=AnnotationOptions(haplotypes=True, keep_csq=True))
        jobs.create(submitted(job))
        assert jobs.get(job.id) == job
        assert run(jobs, job).options == job.options

    def test_a_reason_comes_back_as_it_was(self, jobs: Jobs) -> None:
        reason = Reason("BAD_COLUMNS", "Line 12 has 3 columns.", "line 12", "Give it 8.")
        job = apply(jobs, failed(create(jobs), reason, NOW, log=LOG))
        assert jobs.get(job.id) == job

    def test_the_same_request_is_the_same_job(self, jobs: Jobs) -> None:
        first = jobs.create(submitted(new_job(key="again")))
        second = jobs.create(submitted(new_job(1, key="again")))
        assert second == first
        assert [job.id for job in jobs.owned_by("me", limit=9)] == [first.id]
        assert len(jobs.events(first.id)) == 1
        other = jobs.create(submitted(new_job(2, owner="you", key="again")))
        assert other.id != first.id

    def test_the_same_request_after_a_deletion_is_the_same_job(self, jobs: Jobs) -> None:
        first = jobs.create(submitted(new_job(key="again")))
        gone = apply(jobs, deleted(apply(jobs, cancelled(first, NOW)), NOW))
        assert jobs.create(submitted(new_job(1, key="again"))) == gone

    def test_of_two_changes_one_loses(self, jobs: Jobs) -> None:
        job = create(jobs)
        winner = run(jobs, job)
        assert not jobs.change(started(job, replace(CLAIM, worker="annotate-2-b"), NOW))
        assert not jobs.change(cancelled(job, NOW))
        assert jobs.get(job.id) == winner
        kinds = [event.kind for event in jobs.events(job.id)]
        assert kinds == [EventKind.SUBMITTED, EventKind.STARTED]

    def test_events_are_in_order(self, jobs: Jobs) -> None:
        job = run(jobs, create(jobs))
        job = apply(jobs, interrupted(job, "the engine broke", NOW))
        job = run(jobs, job)
        assert job.attempt == 2
        events = jobs.events(job.id)
        assert [(event.kind, event.attempt) for event in events] == [
            (EventKind.SUBMITTED, 0),
            (EventKind.STARTED, 1),
            (EventKind.INTERRUPTED, 1),
            (EventKind.STARTED, 2),
        ]
        assert events[2].detail == "the engine broke"
        assert events[0].at == NOW

    def test_a_report_needs_the_attempt_that_runs(self, jobs: Jobs) -> None:
        job = create(jobs)
        until = NOW + timedelta(seconds=60)
        assert not jobs.report(job.id, 0, Progress("norm", 0.5), until)
        running = run(jobs, job)
        assert not jobs.report(job.id, 2, Progress("norm", 0.5), until)
        assert jobs.report(job.id, 1, Progress("norm", 0.5), until)
        found = jobs.get(job.id)
        assert found == replace(running, progress=Progress("norm", 0.5), lease_until=until)
        apply(jobs, cancelled(found, NOW))
        assert not jobs.report(job.id, 1, Progress("csq", 0.6), until)

    def test_pages_of_an_owner(self, jobs: Jobs) -> None:
        ids = [create(jobs, minutes).id for minutes in range(7)]
        create(jobs, 3, owner="you")
        hidden = jobs.get(ids[4])
        assert hidden is not None
        apply(jobs, deleted(apply(jobs, cancelled(hidden, NOW)), NOW))

        def page(before: str | None = None, after: str | None = None) -> list[int]:
            found = jobs.owned_by("me", limit=3, before=before, after=after)
            return [ids.index(job.id) for job in found]

        assert page() == [6, 5, 3]
        assert page(before=ids[3]) == [2, 1, 0]
        assert page(before=ids[0]) == []
        assert page(after=ids[0]) == [3, 2, 1]
        assert page(after=ids[6]) == []
        assert jobs.owned_by("nobody", limit=3) == []

    def test_pages_of_one_state(self, jobs: Jobs) -> None:
        ids = [create(jobs, minutes).id for minutes in range(6)]
        for number in (0, 1, 3, 4):
            job = jobs.get(ids[number])
            assert job is not None
            apply(jobs, cancelled(job, NOW))

        def page(before: str | None = None, after: str | None = None) -> list[int]:
            found = jobs.owned_by(
                "me", limit=2, before=before, after=after, state=JobState.CANCELLED
            )
            return [ids.index(job.id) for job in found]

        assert page() == [4, 3]
        assert page(before=ids[3]) == [1, 0]
        assert page(after=ids[0]) == [3, 1]
        assert jobs.owned_by("me", limit=2, state=JobState.FAILED) == []

    def test_how_many_are_ahead(self, jobs: Jobs) -> None:
        first, second, third = (create(jobs, minutes, owner=str(minutes)) for minutes in range(3))
        assert [jobs.ahead(job) for job in (first, second, third)] == [0, 1, 2]
        run(jobs, first)
        assert [jobs.ahead(job) for job in (second, third)] == [0, 1]

    def test_how_many_each_has(self, jobs: Jobs) -> None:
        for owner in ("ada", "ada", "eve", "eve", "bob"):
            job = create(jobs, owner=owner)
        apply(jobs, deleted(apply(jobs, cancelled(job, NOW)), NOW))
        assert jobs.counts(["ada", "bob", "nobody"]) == {"ada": 2}
        assert jobs.counts([]) == {}

    def test_a_thousand_of_one_owner_are_not_all_ahead(self, jobs: Jobs) -> None:
        many = [create(jobs, minutes, owner="many") for minutes in range(12)]
        few = [create(jobs, 20 + minutes, owner="few") for minutes in range(3)]
        one = create(jobs, 30, owner="one")
        assert [jobs.ahead(job) for job in few] == [1, 4, 6]
        assert jobs.ahead(one) == 2
        # many 0, few 0, one 0, many 1, few 1, many 2, few 2, many 3, many 4, ...
        assert [jobs.ahead(job) for job in many[:5]] == [0, 3, 5, 7, 8]
        assert jobs.ahead(many[-1]) == 15
        run(jobs, many[0])
        assert jobs.ahead(few[0]) == 1

    def test_unfinished_ones_for_the_sweep(self, jobs: Jobs) -> None:
        waits, runs, lost, given_back, ended = (create(jobs, minutes) for minutes in range(5))
        run(jobs, runs)
        assert jobs.report(runs.id, 1, Progress(), NOW + timedelta(hours=3))
        run(jobs, lost)
        apply(jobs, interrupted(run(jobs, given_back), "stopped", NOW))
        complete(jobs, ended)
        late = create(jobs, 100)
        since = NOW + timedelta(hours=1)
        found = [job.id for job in jobs.unfinished(idle_since=since, limit=9)]
        assert found == [waits.id, lost.id, given_back.id]
        assert late.id not in found
        first = jobs.unfinished(idle_since=since, limit=1)
        assert [job.id for job in first] == [waits.id]

    def test_unnotified_ones_for_the_sweep(self, jobs: Jobs) -> None:
        later = NOW + timedelta(minutes=5)
        second = complete(jobs, create(jobs, 0), later)
        first = apply(jobs, failed(create(jobs, 1), Reason("X", "x"), NOW))
        apply(jobs, notified(complete(jobs, create(jobs, 2)), NOW))
        apply(jobs, cancelled(create(jobs, 3), NOW))
        create(jobs, 4)
        complete(jobs, create(jobs, 5), NOW + timedelta(hours=2))
        found = jobs.unnotified(finished_before=NOW + timedelta(hours=1), limit=9)
        assert [job.id for job in found] == [first.id, second.id]
        assert len(jobs.unnotified(finished_before=NOW + timedelta(hours=1), limit=1)) == 1

    def test_deleted_ones_are_purged(self, jobs: Jobs) -> None:
        job = apply(jobs, cancelled(create(jobs), NOW))
        assert job.state is JobState.CANCELLED
        create(jobs, 1)
        assert jobs.deleted(limit=9) == []
        gone = apply(jobs, deleted(job, NOW))
        assert jobs.deleted(limit=9) == [gone]
        jobs.purge(job.id)
        jobs.purge(job.id)
        assert jobs.deleted(limit=9) == []
        assert jobs.get(job.id) is None
        assert jobs.events(job.id) == []

    def test_deleted_ones_are_found_page_by_page(self, jobs: Jobs) -> None:
        hour = NOW + timedelta(hours=1)
        first, *same = [apply(jobs, cancelled(create(jobs, n), NOW)) for n in range(4)]
        same = [apply(jobs, deleted(job, NOW)) for job in same]
        gone = [*same, apply(jobs, deleted(first, hour))]
        assert jobs.deleted(limit=9) == gone
        for n, job in enumerate(gone):
            assert jobs.deleted(limit=2, after=job) == gone[n + 1 : n + 3]
        jobs.purge(gone[1].id)
        assert jobs.deleted(limit=9, after=gone[1]) == gone[2:]

    def test_all_that_belong_to_one_the_deleted_too(self, jobs: Jobs) -> None:
        gone = apply(jobs, deleted(apply(jobs, cancelled(create(jobs), NOW)), NOW))
        waits = create(jobs, 1)
        assert jobs.belonging("me", limit=9) == [gone, waits]
        assert jobs.belonging("me", limit=1) == [gone]
        assert jobs.belonging("me", limit=9, after=gone.id) == [waits]
        assert jobs.belonging("nobody", limit=9) == []
