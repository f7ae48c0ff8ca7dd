"""What every `Jobs` keeps to about results after the job. A runner gives the fixture `jobs`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from contracts.jobs import (
    LOG,
    NOW,
    RESULT,
    apply,
    complete,
    create,
    put,
    run,
)
from gas.domain.errors import Reason
from gas.domain.job import (
    EventKind,
    ResultsState,
    cancelled,
    deleted,
    failed,
    notified,
)
from gas.domain.results import cold_now
from gas.ports.jobs import Jobs, ResultsTotal


class JobResultsContract:
    def test_what_becomes_of_results_comes_back_as_it_was(self, jobs: Jobs) -> None:
        hour = NOW + timedelta(hours=1)
        job = complete(jobs, create(jobs))
        assert (job.results_since, job.check_at) == (NOW, NOW)
        for state in (*ResultsState, ResultsState.ARCHIVED):
            job = put(jobs, job, state, at=hour, now=hour)
            assert jobs.get(job.id) == job
        job = apply(jobs, cold_now(job, hour))
        assert jobs.get(job.id) == job
        assert job.check_at is None
        kinds = [event.kind for event in jobs.events(job.id)[-3:]]
        assert kinds == [EventKind.DAMAGED, EventKind.ARCHIVED, EventKind.COLD]

    def test_when_to_look_again_leaves_the_timeline(self, jobs: Jobs) -> None:
        hour = NOW + timedelta(hours=1)
        job = complete(jobs, create(jobs))
        events = jobs.events(job.id)
        for at in (hour, None, hour):
            assert jobs.look_again(job.id, job.version, at)
            job = replace(job, check_at=at, version=job.version + 1)
            assert jobs.get(job.id) == job
        for version in (job.version - 1, job.version + 1):
            assert not jobs.look_again(job.id, version, None)
        assert not jobs.look_again("nobody", 1, hour)
        assert jobs.get(job.id) == job
        assert jobs.events(job.id) == events

    def test_who_saw_a_job_before_it_was_to_be_looked_at_does_not_undo_it(self, jobs: Jobs) -> None:
        hour = NOW + timedelta(hours=1)
        job = complete(jobs, create(jobs))
        assert jobs.look_again(job.id, job.version, hour)
        assert not jobs.change(notified(job, NOW))
        assert jobs.get(job.id) == replace(job, check_at=hour, version=job.version + 1)

    def test_unsettled_ones_for_the_sweep(self, jobs: Jobs) -> None:
        minutes = [NOW + timedelta(minutes=number) for number in range(9)]
        second, first, late, rests, gone = (complete(jobs, create(jobs, n)) for n in range(5))
        apply(jobs, failed(create(jobs, 5), Reason("X", "x"), NOW))
        run(jobs, create(jobs, 6))
        assert jobs.look_again(second.id, second.version, minutes[2])
        first = put(jobs, first, ResultsState.RESTORING, at=minutes[1])
        assert jobs.look_again(late.id, late.version, minutes[5])
        assert jobs.look_again(rests.id, rests.version, None)
        apply(jobs, deleted(gone, NOW))
        found = jobs.unsettled(before=minutes[5], limit=9)
        assert found == [first, replace(second, check_at=minutes[2], version=second.version + 1)]
        assert jobs.unsettled(before=minutes[5], limit=1) == [first]
        assert jobs.unsettled(before=minutes[1], limit=9) == []

    def test_whether_any_came_back(self, jobs: Jobs) -> None:
        hours = [NOW + timedelta(hours=number) for number in range(4)]
        job, _never_away = complete(jobs, create(jobs, 0)), complete(jobs, create(jobs, 1))
        owner = job.owner_id
        assert not jobs.came_back(owner, since=NOW)
        job = put(jobs, job, ResultsState.ARCHIVED, at=hours[1], now=hours[1])
        assert not jobs.came_back(owner, since=NOW)
        job = put(jobs, job, ResultsState.AVAILABLE, at=hours[2], now=hours[2])
        assert [jobs.came_back(owner, since=hour) for hour in hours] == [True] * 3 + [False]
        assert not jobs.came_back("nobody", since=NOW)
        apply(jobs, deleted(job, NOW))
        assert not jobs.came_back(owner, since=NOW)

    def test_completed_ones_page_by_page_for_the_audit(self, jobs: Jobs) -> None:
        done = [complete(jobs, create(jobs, n, owner=str(n % 2))) for n in range(5)]
        apply(jobs, deleted(done.pop(2), NOW))
        apply(jobs, cancelled(create(jobs, 6), NOW))
        create(jobs, 7)
        assert jobs.completed(limit=3) == done[:3]
        assert jobs.completed(limit=3, after=done[2].id) == done[3:]
        assert jobs.completed(limit=3, after=done[3].id) == []

    def test_how_many_of_an_owner_are_away(self, jobs: Jobs) -> None:
        states = (*ResultsState, ResultsState.ARCHIVED, ResultsState.ARCHIVED)
        for number, state in enumerate(states):
            gone = put(jobs, complete(jobs, create(jobs, number)), state, at=None)
        other = complete(jobs, create(jobs, 9, owner="you"))
        put(jobs, other, ResultsState.ARCHIVED, at=NOW)
        apply(jobs, deleted(gone, NOW))
        assert [jobs.away(owner, limit=9) for owner in ("me", "you", "nobody")] == [3, 1, 0]
        assert [jobs.away("me", limit=most) for most in (1, 2, 3)] == [1, 2, 3]

    def test_totals_of_results(self, jobs: Jobs) -> None:
        assert jobs.results_totals() == []
        earlier, later = (NOW + timedelta(hours=number) for number in (1, 2))
        for number, now in enumerate((later, earlier, later)):
            gone = put(
                jobs,
                complete(jobs, create(jobs, number)),
                ResultsState.RESTORING,
                at=now,
                now=now,
            )
        apply(jobs, deleted(gone, NOW))
        complete(jobs, create(jobs, 4))
        apply(jobs, cancelled(create(jobs, 5), NOW))
        apply(jobs, failed(run(jobs, create(jobs, 6)), Reason("X", "x"), NOW, log=LOG))
        totals = sorted(jobs.results_totals(), key=lambda total: total.state)
        assert totals == [  # what stays is not counted
            ResultsTotal(ResultsState.AVAILABLE, 1, RESULT.size_bytes, NOW),
            ResultsTotal(ResultsState.RESTORING, 3, 3 * RESULT.size_bytes, earlier),
        ]
