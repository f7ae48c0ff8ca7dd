"""Tidy: nothing in -> files that no job names are removed, and what ran out long ago.

What was stored and then lost its job: an upload that was finished when the process died before
the job was recorded, an attempt that was killed, results of a run whose job was deleted meanwhile.
Nobody could see them, or delete them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gas.domain.job import Job, JobState
from gas.domain.plan import Limits
from gas.ports.clock import Clock
from gas.ports.files import Files
from gas.ports.jobs import Jobs
from gas.ports.tokens import ApiTokens, RequestKeys

BATCH = 500
TOKENS_SHOWN = timedelta(days=30)
"""So long a token that is over stays in the list of its owner."""
KEYS_KEPT = timedelta(days=7)
ROOTS = ("inputs", "results", "logs")


@dataclass(slots=True)
class Round:
    """Where the round stands; lost with the process, which costs a new beginning."""

    after: dict[str, str | None] = field(default_factory=dict)
    """Last key looked at, by root."""


def tidy(round_: Round, *, jobs: Jobs, files: Files, limits: Limits, clock: Clock) -> int:
    """Looks at a batch of files older than an upload may take; says how many it removed."""
    before = clock() - limits.upload_lifetime
    return sum(_tidy(root, round_, before, jobs=jobs, files=files) for root in ROOTS)


def forget(*, api_tokens: ApiTokens, request_keys: RequestKeys, clock: Clock) -> int:
    """Removes tokens that are long over, and keys that no program asks by any more."""
    now = clock()
    return api_tokens.expire(now - TOKENS_SHOWN) + request_keys.expire(now - KEYS_KEPT)


def _tidy(root: str, round_: Round, before: datetime, *, jobs: Jobs, files: Files) -> int:
    keys = files.kept_before(root, before, limit=BATCH, after=round_.after.get(root))
    round_.after[root] = keys[-1] if len(keys) == BATCH else None
    strays = [key for key in keys if not _is_named(key, jobs)]
    for key in strays:
        files.delete(key)
    return len(strays)


def _is_named(key: str, jobs: Jobs) -> bool:
    root, owner_id, name, *_ = [*key.split("/"), "", ""]
    if root == ROOTS[0]:
        job = jobs.requested(owner_id, name.rpartition("-")[2])
        return job is not None and job.input.key == key
    job = jobs.get(name)
    return job is not None and (_may_yet_publish(job) or key in _published(job))


def _may_yet_publish(job: Job) -> bool:
    return job.state in {JobState.PENDING, JobState.RUNNING}


def _published(job: Job) -> set[str]:
    return {file.key for file in (*job.results, *((job.log,) if job.log else ()))}
