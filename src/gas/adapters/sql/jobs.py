"""Jobs in SQL. A change is one UPDATE that names the version it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gas.adapters.sql.database import Database, Statements, Transaction, Value
from gas.adapters.sql.job_rows import (
    CHANGING,
    COLUMNS,
    all_values,
    changing_values,
    job_of,
)
from gas.adapters.sql.moments import maybe_micros, maybe_moment, micros, moment
from gas.domain.job import Change, EventKind, Job, JobEvent, JobState, Progress, ResultsState
from gas.ports.jobs import ResultsTotal

CREATE = (
    f"INSERT INTO job ({COLUMNS})"  # noqa: S608 - column names, ours
    f" VALUES ({', '.join('?' for _ in COLUMNS.split(','))})"
    " ON CONFLICT (owner_id, request_key) DO NOTHING"
)
CHANGE = (
    f"UPDATE job SET {', '.join(f'{name} = ?' for name in CHANGING)}"  # noqa: S608
    " WHERE id = ? AND version = ?"
)
APPEND = (
    "INSERT INTO job_event (job_id, version, at, kind, attempt, detail) VALUES (?, ?, ?, ?, ?, ?)"
)
REPORT = (
    "UPDATE job SET stage = ?, fraction = ?, lease_until = ?"
    " WHERE id = ? AND attempt = ? AND state = 'RUNNING'"
)
SELECT = f"SELECT {COLUMNS} FROM job"  # noqa: S608
GET = f"{SELECT} WHERE id = ?"
BY_REQUEST = f"{SELECT} WHERE owner_id = ? AND request_key = ?"
OWNED = f"{SELECT} WHERE owner_id = ? AND deleted_at IS NULL"
BELONGING = f"{SELECT} WHERE owner_id = ? AND id > ? ORDER BY id LIMIT ?"
NEWEST = f"{OWNED} ORDER BY id DESC LIMIT ?"
OLDER = f"{OWNED} AND id < ? ORDER BY id DESC LIMIT ?"
NEWER = f"{OWNED} AND id > ? ORDER BY id LIMIT ?"
RANK = (
    "SELECT count(*) FROM job"
    " WHERE state = 'PENDING' AND owner_id = ? AND (created_at, id) < (?, ?)"
)
AHEAD = """
    SELECT sum(CASE WHEN o.earlier > ? THEN ? + 1 WHEN o.pending > ? THEN ? ELSE o.pending END)
    FROM (SELECT count(*) AS pending,
        sum(CASE WHEN (created_at, id) < (?, ?) THEN 1 ELSE 0 END) AS earlier
      FROM job WHERE state = 'PENDING' AND owner_id <> ? GROUP BY owner_id) o
"""
PENDING = f"{SELECT} WHERE state = 'PENDING' AND created_at < ? ORDER BY created_at, id LIMIT ?"
LOST = (
    f"{SELECT} WHERE state = 'RUNNING' AND (lease_until IS NULL OR lease_until < ?)"
    " ORDER BY created_at, id LIMIT ?"
)
UNNOTIFIED = (
    f"{SELECT} WHERE notified_at IS NULL AND deleted_at IS NULL"
    " AND state IN ('COMPLETED', 'FAILED') AND finished_at < ? ORDER BY finished_at LIMIT ?"
)
LOOK_AGAIN = "UPDATE job SET check_at = ?, version = version + 1 WHERE id = ? AND version = ?"
UNSETTLED = (
    f"{SELECT} WHERE state = 'COMPLETED' AND check_at < ? AND deleted_at IS NULL"
    " ORDER BY check_at LIMIT ?"
)
COMPLETED = (
    f"{SELECT} WHERE state = 'COMPLETED' AND id > ? AND deleted_at IS NULL ORDER BY id LIMIT ?"
)
AWAY = (
    "SELECT count(*) FROM (SELECT 1 FROM job WHERE owner_id = ?"
    " AND results_state IN ('ARCHIVED', 'RESTORING') AND deleted_at IS NULL LIMIT ?) AS found"
)
CAME_BACK = (
    "SELECT 1 FROM job WHERE owner_id = ? AND results_state = 'AVAILABLE' AND results_since >= ?"
    " AND results_since > finished_at AND deleted_at IS NULL LIMIT 1"
)
TOTALS = (  # from an index alone: rows are long, and there may be many
    "SELECT results_state, count(*), sum(results_bytes), min(results_since) FROM job"
    " WHERE state = 'COMPLETED' GROUP BY results_state ORDER BY results_state"
)
DELETED = (
    f"{SELECT} WHERE deleted_at IS NOT NULL AND (deleted_at, id) > (?, ?)"
    " ORDER BY deleted_at, id LIMIT ?"
)


class SqlJobs:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, change: Change) -> Job:
        def work(run: Transaction) -> Job:
            job = change.job
            created = run.execute(CREATE, all_values(job))
            if created.rowcount:
                _append(run, change)
                return job
            row = run.execute(BY_REQUEST, (job.owner_id, job.request_key)).fetchone()
            assert row is not None  # noqa: S101 - the conflict was with it
            return job_of(row)

        self._database.driver.check_room()
        return self._database.write(work)

    def get(self, job_id: str) -> Job | None:
        row = self._database.read(lambda run: run.execute(GET, (job_id,)).fetchone())
        return job_of(row) if row else None

    def requested(self, owner_id: str, request_key: str) -> Job | None:
        values = (owner_id, request_key)
        row = self._database.read(lambda run: run.execute(BY_REQUEST, values).fetchone())
        return job_of(row) if row else None

    def change(self, change: Change) -> bool:
        def work(run: Transaction) -> bool:
            job = change.job
            values = (*changing_values(job), job.id, job.version - 1)
            if not run.execute(CHANGE, values).rowcount:
                return False
            _append(run, change)
            return True

        return self._database.write(work)

    def report(self, job_id: str, attempt: int, progress: Progress, lease_until: datetime) -> bool:
        values = (progress.stage, progress.fraction, micros(lease_until), job_id, attempt)
        return bool(self._database.write(lambda run: run.execute(REPORT, values).rowcount))

    def events(self, job_id: str) -> Sequence[JobEvent]:
        select = "SELECT at, kind, attempt, detail FROM job_event WHERE job_id = ? ORDER BY version"
        rows = self._database.read(lambda run: run.execute(select, (job_id,)).fetchall())
        return [
            JobEvent(moment(at), EventKind(kind), attempt, detail)
            for at, kind, attempt, detail in rows
        ]

    def owned_by(
        self,
        owner_id: str,
        *,
        limit: int,
        before: str | None = None,
        after: str | None = None,
        state: JobState | None = None,
    ) -> Sequence[Job]:
        select, values = NEWEST, [owner_id]
        if after is not None or before is not None:
            select = OLDER if after is None else NEWER
            values.append(str(before if after is None else after))
        if state is not None:
            select = select.replace(" ORDER BY", " AND state = ? ORDER BY")
            values.append(state.value)
        found = self._jobs(select, (*values, limit))
        return found if after is None else found[::-1]

    def counts(self, owner_ids: Sequence[str]) -> Mapping[str, int]:
        if not owner_ids:
            return {}
        marks = ", ".join("?" for _ in owner_ids)
        select = (
            "SELECT owner_id, count(*) FROM job"  # noqa: S608 - question marks
            f" WHERE deleted_at IS NULL AND owner_id IN ({marks}) GROUP BY owner_id"
        )
        return dict(self._database.read(lambda run: run.execute(select, owner_ids).fetchall()))

    def ahead(self, job: Job) -> int:
        """Owners take turns: before somebody's third job come at most three of each other owner's,
        or two, if the third of theirs is younger."""
        made = (micros(job.created_at), job.id)

        def work(run: Statements) -> int:
            own = run.execute(RANK, (job.owner_id, *made)).fetchone()
            rank = int(own[0]) if own else 0
            row = run.execute(AHEAD, (*(rank,) * 4, *made, job.owner_id)).fetchone()
            return rank + int(row[0] or 0) if row else rank

        return self._database.read(work)

    def unfinished(self, *, idle_since: datetime, limit: int) -> Sequence[Job]:
        values = (micros(idle_since), limit)
        found = [*self._jobs(PENDING, values), *self._jobs(LOST, values)]
        return sorted(found, key=lambda job: (job.created_at, job.id))[:limit]

    def unnotified(self, *, finished_before: datetime, limit: int) -> Sequence[Job]:
        return self._jobs(UNNOTIFIED, (micros(finished_before), limit))

    def look_again(self, job_id: str, version: int, at: datetime | None) -> bool:
        values = (maybe_micros(at), job_id, version)
        return bool(self._database.write(lambda run: run.execute(LOOK_AGAIN, values).rowcount))

    def unsettled(self, *, before: datetime, limit: int) -> Sequence[Job]:
        return self._jobs(UNSETTLED, (micros(before), limit))

    def completed(self, *, limit: int, after: str | None = None) -> Sequence[Job]:
        return self._jobs(COMPLETED, (after or "", limit))

    def away(self, owner_id: str, *, limit: int) -> int:
        row = self._database.read(lambda run: run.execute(AWAY, (owner_id, limit)).fetchone())
        return int(row[0]) if row else 0

    def came_back(self, owner_id: str, *, since: datetime) -> bool:
        values = (owner_id, micros(since))
        return (
            self._database.read(lambda run: run.execute(CAME_BACK, values).fetchone()) is not None
        )

    def results_totals(self) -> Sequence[ResultsTotal]:
        rows = self._database.read(lambda run: run.execute(TOTALS).fetchall())
        return [
            ResultsTotal(ResultsState(state), jobs, int(size_bytes), maybe_moment(since))
            for state, jobs, size_bytes, since in rows
        ]

    def deleted(self, *, limit: int, after: Job | None = None) -> Sequence[Job]:
        begin = (micros(after.deleted_at), after.id) if after and after.deleted_at else (0, "")
        return self._jobs(DELETED, (*begin, limit))

    def belonging(self, owner_id: str, *, limit: int, after: str | None = None) -> Sequence[Job]:
        return self._jobs(BELONGING, (owner_id, after or "", limit))

    def purge(self, job_id: str) -> None:
        def work(run: Transaction) -> None:
            run.execute("DELETE FROM job_event WHERE job_id = ?", (job_id,))
            run.execute("DELETE FROM job WHERE id = ?", (job_id,))

        self._database.write(work)

    def _jobs(self, select: str, values: Sequence[Value]) -> list[Job]:
        def work(run: Statements) -> list[Job]:
            return [job_of(row) for row in run.execute(select, values).fetchall()]

        return self._database.read(work)


def _append(run: Transaction, change: Change) -> None:
    job, event = change.job, change.event
    run.execute(
        APPEND,
        (job.id, job.version, micros(event.at), event.kind.value, event.attempt, event.detail),
    )
