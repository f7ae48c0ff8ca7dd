"""A home with the demo reference and one account, and jobs submitted to it without a web."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gas.domain.account import Account, Identity
from gas.domain.ids import new_id
from gas.domain.job import Job
from gas.domain.plan import Plan
from gas.engines.bcftools import add_reference, make_demo
from gas.journey.submit import begin_upload, submit
from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import now, opened


def make_home(folder: Path) -> Path:
    """`folder/home`, ready to serve, with the files of the demo in `folder/demo`."""
    make_demo(folder / "demo")
    home = folder / "home"
    (home / "references").mkdir(parents=True, mode=0o700)
    add_reference(
        home / "references",
        "demo",
        fasta=folder / "demo" / "demo.fa",
        gff=folder / "demo" / "demo.gff3",
        report=lambda _text: None,
    )
    return home


@dataclass(frozen=True)
class Stage:
    services: Services
    account: Account

    def submit(self, content: bytes) -> Job:
        """Under a name of its own: a job that equals one before is not run."""
        wired = self.services
        name = f"{new_id(now())}.vcf"
        upload_id, upload = begin_upload(
            self.account,
            name=name,
            size_bytes=len(content),
            accounts=wired.accounts,
            files=wired.files,
            limits=wired.limits,
            clock=now,
        )
        wired.files.put_part(upload.key, 1, io.BytesIO(content), len(content))
        return submit(
            self.account,
            upload_id=upload_id,
            reference="demo",
            accounts=wired.accounts,
            files=wired.files,
            jobs=wired.jobs,
            queues=wired.queues,
            together=wired.together,
            references=wired.references,
            limits=wired.limits,
            clock=now,
        )

    def job(self, job_id: str) -> Job:
        found = self.services.jobs.get(job_id)
        assert found is not None
        return found


@contextmanager
def open_stage(home: Path) -> Iterator[Stage]:
    with opened(Settings(home=home)) as services:
        moment = now()
        identity = Identity("links", "ada@example.org", "ada@example.org")
        new = Account(
            new_id(moment), "links", identity.subject, identity.email, "", moment, plan=Plan.PREMIUM
        )
        yield Stage(services, services.accounts.sign_in(identity, new))
