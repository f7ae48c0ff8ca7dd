"""Results that are there already: of equal input, reference, options and versions, at once.

Only of jobs of the same owner. The input's name has to be the same too, since results bear it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from gas.domain.errors import Conflict, NotFound, Unavailable
from gas.domain.job import FileKind, Job, JobFile, JobState, ResultsState
from gas.ports.annotation import KEY
from gas.ports.files import Files
from gas.ports.jobs import Jobs

LOOK_BACK = 100
"""So many jobs of the owner, the newest first."""
MAX_BYTES = 1 << 20


def equal_job(job: Job, key: str, *, jobs: Jobs, files: Files) -> Job | None:
    """One whose results are what a run of this job would bring. `key`: of that run."""
    if not key:
        return None
    return next((it for it in _alike(job, jobs) if _key_of(it, files) == key), None)


def copied(earlier: Job, prefix: str, *, files: Files) -> tuple[JobFile, ...] | None:
    """Its results below `prefix`; None if one of them is gone, not what it was, or cannot be read:
    a run makes them anew, and a store that fails altogether says so then."""
    found = []
    for file in earlier.results:
        try:
            stored = files.copy(file.key, f"{prefix}/{file.name}")
        except (NotFound, Conflict, Unavailable):
            return None
        if stored.sha256 != file.sha256:
            return None
        found.append(JobFile(file.kind, file.name, stored.key, file.size_bytes, file.sha256))
    return tuple(found)


def _alike(job: Job, jobs: Jobs) -> Iterator[Job]:
    for other in jobs.owned_by(job.owner_id, limit=LOOK_BACK):
        done = other.state is JobState.COMPLETED and other.results_state is ResultsState.AVAILABLE
        same = (other.input.sha256, other.input.name, other.reference) == (
            job.input.sha256,
            job.input.name,
            job.reference,
        )
        if done and same and other.id != job.id:
            yield other


def _key_of(job: Job, files: Files) -> str:
    for file in job.results:
        if file.kind is FileKind.PROVENANCE:
            try:
                with files.open(file.key) as content:
                    return str(json.loads(content.read(MAX_BYTES))[KEY])
            except (NotFound, ValueError, KeyError, TypeError):
                return ""
    return ""
