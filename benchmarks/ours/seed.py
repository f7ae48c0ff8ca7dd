"""A home with many finished jobs and one person who is signed in. Prints both as JSON.

python -m benchmarks.ours.seed HOME JOBS
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.ours.engine import NAME
from gas.adapters.sql.job_rows import COLUMNS, all_values
from gas.domain.account import Account, Identity, Session
from gas.domain.ids import new_id
from gas.domain.job import FileKind, Job, JobFile, JobState, Progress
from gas.domain.plan import Plan
from gas.settings import Settings
from gas.wiring import build

OWNERS = 100


def seed(home: Path, job_count: int) -> dict[str, str]:
    """The first of a hundred owners, who have equally many jobs, is signed in; a premium user."""
    services = build(Settings(home=home, engine=NAME))
    now = services.clock()
    identity = Identity("bench", "ada", "ada@example.org", "Ada")
    account = Account(new_id(now), "bench", "ada", identity.email, "Ada", now, plan=Plan.PREMIUM)
    account = services.accounts.sign_in(identity, account)
    cookie = secrets.token_urlsafe(32)
    hashed = hashlib.sha256(cookie.encode()).hexdigest()
    session = Session(hashed, account.id, now, now + timedelta(days=1), seen_at=now)
    services.sessions.add(session)
    owners = [account.id, *(new_id(now) for _ in range(OWNERS - 1))]
    with sqlite3.connect(home / "gas.sqlite3") as store:
        marks = ", ".join("?" for _ in COLUMNS.split(","))
        store.executemany(
            f"INSERT INTO job ({COLUMNS}) VALUES ({marks})",
            (all_values(job) for job in _finished_jobs(owners, job_count, now)),
        )
        store.execute("ANALYZE")
    store.close()
    return {"cookie": cookie, "owner": account.id}


def _finished_jobs(owners: list[str], count: int, now: datetime) -> Iterator[Job]:
    for number in range(count):
        owner = owners[number % len(owners)]
        created = now - timedelta(seconds=count - number)
        job_id = new_id(created)
        stem = f"sample_{number}"
        given = JobFile(FileKind.INPUT, f"{stem}.vcf.gz", f"inputs/{owner}/{job_id}", 9, "0" * 64)
        log = JobFile(FileKind.LOG, f"{stem}.log", f"logs/{owner}/{job_id}", 9, "0" * 64)
        result = replace(log, kind=FileKind.ANNOTATED, name=f"{stem}.annot.vcf.gz")
        yield Job(
            job_id,
            owner,
            job_id,
            replace(given, size_bytes=150_000 + number),
            "none",
            created,
            state=JobState.COMPLETED,
            version=3,
            attempt=1,
            started_at=created,
            finished_at=created + timedelta(seconds=7),
            progress=Progress("done", 1.0),
            results=(result,),
            log=log,
            counts=(("Total", 350),),
            notified_at=created + timedelta(seconds=8),
        )


if __name__ == "__main__":
    print(json.dumps(seed(Path(sys.argv[1]), int(sys.argv[2]))))
