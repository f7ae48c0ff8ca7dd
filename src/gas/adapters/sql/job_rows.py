"""A job as a row of its table, and back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache

from gas.adapters.sql.database import Row, Value
from gas.adapters.sql.moments import maybe_micros, maybe_moment, micros, moment
from gas.domain.errors import Reason
from gas.domain.job import FileKind, Job, JobFile, JobState, Progress, ResultsState
from gas.domain.options import options_of
from gas.domain.results import archivable

FIXED = ("id", "owner_id", "request_key", "input", "reference", "created_at")
CHANGING = (
    "state",
    "version",
    "attempt",
    "worker",
    "message_id",
    "lease_until",
    "started_at",
    "finished_at",
    "stage",
    "fraction",
    "outcome",
    "notified_at",
    "deleted_at",
    "results_state",
    "results_since",
    "check_at",
    "results_bytes",
)
LATER = ("options",)
"""Fixed ones that came with a later migration; they are the last in a row."""
COLUMNS = ", ".join(FIXED + CHANGING + LATER)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept as JSON."""

    reason: Reason | None = None
    results: tuple[JobFile, ...] = ()
    log: JobFile | None = None
    counts: tuple[tuple[str, int], ...] = ()


NO_OUTCOME = Outcome()


def fixed_values(job: Job) -> tuple[Value, ...]:
    return (
        job.id,
        job.owner_id,
        job.request_key,
        json.dumps(_file_fields(job.input)),
        job.reference,
        micros(job.created_at),
    )


def all_values(job: Job) -> tuple[Value, ...]:
    """In the order of COLUMNS."""
    return fixed_values(job) + changing_values(job) + (" ".join(job.options.chosen),)


def changing_values(job: Job) -> tuple[Value, ...]:
    return (
        job.state.value,
        job.version,
        job.attempt,
        job.worker,
        job.message_id,
        maybe_micros(job.lease_until),
        maybe_micros(job.started_at),
        maybe_micros(job.finished_at),
        job.progress.stage,
        job.progress.fraction,
        _outcome_text(job),
        maybe_micros(job.notified_at),
        maybe_micros(job.deleted_at),
        job.results_state.value,
        maybe_micros(job.results_since),
        maybe_micros(job.check_at),
        sum(file.size_bytes for file in archivable(job)),
    )


# Lists show the same jobs again and again: what is frozen may be shared.
@lru_cache(maxsize=1024)
def job_of(row: Row) -> Job:
    outcome = _outcome(row[16])
    return Job(
        id=row[0],
        owner_id=row[1],
        request_key=row[2],
        input=_file(row[3]),
        reference=row[4],
        created_at=moment(row[5]),
        state=JobState(row[6]),
        version=row[7],
        attempt=row[8],
        worker=row[9],
        message_id=row[10],
        lease_until=maybe_moment(row[11]),
        started_at=maybe_moment(row[12]),
        finished_at=maybe_moment(row[13]),
        progress=Progress(row[14], row[15]),
        reason=outcome.reason,
        results=outcome.results,
        results_state=ResultsState(row[19]),
        results_since=maybe_moment(row[20]),
        check_at=maybe_moment(row[21]),
        log=outcome.log,
        counts=outcome.counts,
        notified_at=maybe_moment(row[17]),
        deleted_at=maybe_moment(row[18]),
        options=options_of(row[23].split()),
    )


def _outcome_text(job: Job) -> str:
    outcome = Outcome(job.reason, job.results, job.log, job.counts)
    if outcome == NO_OUTCOME:
        return ""
    return json.dumps(
        {
            "reason": asdict(job.reason) if job.reason else None,
            "results": [_file_fields(file) for file in job.results],
            "log": _file_fields(job.log) if job.log else None,
            "counts": job.counts,
        },
        separators=(",", ":"),
    )


def _outcome(text: str) -> Outcome:
    if not text:
        return NO_OUTCOME
    fields = json.loads(text)
    return Outcome(
        reason=Reason(**fields["reason"]) if fields["reason"] else None,
        results=tuple(_file_of(file) for file in fields["results"]),
        log=_file_of(fields["log"]) if fields["log"] else None,
        counts=tuple((name, count) for name, count in fields["counts"]),
    )


def _file(text: str) -> JobFile:
    return _file_of(json.loads(text))


def _file_fields(file: JobFile) -> list[str | int]:
    return [file.kind.value, file.name, file.key, file.size_bytes, file.sha256]


def _file_of(fields: list[str | int]) -> JobFile:
    kind, name, key, size_bytes, sha256 = fields
    return JobFile(FileKind(str(kind)), str(name), str(key), int(size_bytes), str(sha256))
