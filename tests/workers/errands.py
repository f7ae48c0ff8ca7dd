"""Jobs handed in and watched, on services wired as they are outside of tests."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

from gas.adapters.links import identity_of
from gas.cli.first_operator import record
from gas.domain.job import Job
from gas.domain.plan import Plan
from gas.journey.submit import begin_upload, submit
from gas.ports.services import Services
from gas.settings import read_settings
from gas.wiring import opened
from workers.fake_engine import PATH

VCF = (
    b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t7\t.\tA\tC\t.\t.\t.\n"
)
PATIENCE_SECONDS = 20.0


def make_home(path: Path) -> Path:
    """A home whose database is at its newest; copied, it spares each test the migrations."""
    with opened(read_settings(home=path, engine=PATH)):
        return path


def hand_in(services: Services, name: str) -> Job:
    """A job of ada's on a file of this name."""
    account = record(services, identity_of("ada@example.org"), plan=Plan.PREMIUM)
    upload_id, upload = begin_upload(
        account,
        name=name,
        size_bytes=len(VCF),
        accounts=services.accounts,
        files=services.files,
        limits=services.limits,
        clock=services.clock,
    )
    services.files.put_part(upload.key, 1, io.BytesIO(VCF), len(VCF))
    return submit(
        account,
        upload_id=upload_id,
        reference="demo",
        accounts=services.accounts,
        files=services.files,
        jobs=services.jobs,
        queues=services.queues,
        together=services.together,
        references=services.references,
        limits=services.limits,
        clock=services.clock,
    )


def found(services: Services, job: Job) -> Job:
    now = services.jobs.get(job.id)
    assert now is not None
    return now


def events(services: Services, job: Job) -> list[str]:
    return [event.kind.value for event in services.jobs.events(job.id)]


def runs(home: Path) -> list[str]:
    """One line for each run that the fake engine began: name, process, time."""
    path = home / "runs"
    return path.read_text().splitlines() if path.exists() else []


def eventually(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Looks often until it holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.005)
