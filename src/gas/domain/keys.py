"""Where the files of a job are in the store, and what they are called."""

from __future__ import annotations

from gas.domain.job import Job

MAX_STEM_BYTES = 120
RESULTS = "results"


def results_prefix(job: Job) -> str:
    """Everything that any attempt of this job stores as results lies below it."""
    return f"{RESULTS}/{job.owner_id}/{job.id}"


def may_be_archived(key: str) -> bool:
    """Of a key or prefix. Of nothing else has cold storage anything, or is it asked."""
    return key.partition("/")[0] == RESULTS


def log_prefix(job: Job) -> str:
    return f"logs/{job.owner_id}/{job.id}"


def file_prefixes(job: Job) -> tuple[str, ...]:
    """All that the store keeps for this job."""
    return (results_prefix(job), log_prefix(job), job.input.key)


def stem(name: str) -> str:
    """'a.b.vcf.gz' -> 'a.b': what the names of results begin with. Never a path, a hidden file or
    too long, whatever the name."""
    safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in name)
    for ending in (".gz", ".bgz", ".vcf", ".bcf"):
        if safe.lower().endswith(ending):
            safe = safe[: -len(ending)]
    safe = safe.strip(".")
    while len(safe.encode()) > MAX_STEM_BYTES:
        safe = safe[:-1]
    return safe.strip(".") or "input"


def job_of_key(key: str) -> tuple[str, str]:
    """Owner and job whose results the file of this key belongs to."""
    _, owner_id, job_id, *_ = key.split("/")
    return owner_id, job_id
