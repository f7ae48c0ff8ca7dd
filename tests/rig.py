"""A whole journey on the embedded backends; only the clock and the engine are ours to steer."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from gas.adapters.disk import DiskFiles
from gas.adapters.https import HttpsSettings
from gas.adapters.https.sender import HttpsHooks
from gas.adapters.sql.store import SqlStore, open_store
from gas.domain.account import Account, Identity
from gas.domain.ids import new_id
from gas.domain.job import FileKind, Job, Progress
from gas.domain.messages import QUEUES
from gas.domain.options import NO_OPTIONS, AnnotationOptions
from gas.domain.plan import Limits, Plan
from gas.journey.annotate import Bench, annotate
from gas.journey.cancel import cancel
from gas.journey.submit import begin_upload, run_again, submit
from gas.ports.annotation import (
    LOG_NAME,
    AnnotationTask,
    Outcome,
    OutcomeFile,
    Progresses,
    Reference,
)
from gas.ports.mail import Mail
from gas.ports.queues import Delivery

VCF = (
    b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t7\t.\tA\tC\t.\t.\t.\n"
)


@dataclass
class SetClock:
    """Time stands still until a test moves it."""

    now: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **passed: float) -> None:
        self.now += timedelta(**passed)


@dataclass
class StrictEngine:
    """Checks what it is given, writes what an engine writes, and does what the test asks midway."""

    name: str = "strict"
    midway: Callable[[Progresses], None] = lambda report: report(Progress("middle", 0.5))
    runs: int = 0
    key: str = ""

    def run_key(self, reference: str, options: AnnotationOptions, input_sha256: str) -> str:
        return f"{self.key}-{reference}-{options.chosen}-{input_sha256}" if self.key else ""

    def annotate(self, task: AnnotationTask, report: Progresses) -> Outcome:
        self.runs += 1
        assert list(task.work_path.iterdir()) == []
        content = task.input_path.read_bytes()
        (task.work_path / LOG_NAME).write_text("began\n")
        self.midway(report)
        made = task.work_path / "a.annot.vcf.gz"
        made.write_bytes(content[::-1])
        files = [OutcomeFile(FileKind.ANNOTATED, made)]
        if self.key:
            key = self.run_key(task.reference, task.options, sha256(content).hexdigest())
            provenance = task.work_path / "provenance.json"
            provenance.write_text(json.dumps({"key": key}))
            files.append(OutcomeFile(FileKind.PROVENANCE, provenance))
        return Outcome(tuple(files), (("Total", 1),))


@dataclass
class OneReference:
    """The reference `demo`, with one contig."""

    reference: Reference = field(
        default_factory=lambda: Reference("demo", "Demo", {"1": 100}, {}, "2026-01-01T00:00:00Z")
    )

    def all(self) -> list[Reference]:
        return [self.reference]

    def get(self, name: str) -> Reference | None:
        return self.reference if name == "demo" else None


@dataclass
class Postbox:
    """Keeps what is sent, after doing what the test asks."""

    before: Callable[[], None] = lambda: None
    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.before()
        self.sent.append(mail)


@dataclass
class Receiver:
    """Stands where webhooks are posted to; answers what the test asks, or breaks as it asks."""

    answer: Callable[[], int] = lambda: 200
    posts: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    def check(self, url: str) -> None:
        HttpsHooks(HttpsSettings()).check(url)

    def send(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> int:
        self.posts.append((url, body, dict(headers)))
        return self.answer()


@dataclass
class Journey:
    store: SqlStore
    files: DiskFiles
    clock: SetClock
    work_path: Path
    account: Account
    engine: StrictEngine = field(default_factory=StrictEngine)
    references: OneReference = field(default_factory=OneReference)
    postbox: Postbox = field(default_factory=Postbox)
    hooks: Receiver = field(default_factory=Receiver)
    limits: Limits = field(default_factory=Limits)

    def sign_in(self, email: str, plan: Plan = Plan.FREE) -> Account:
        identity = Identity("test", email, email)
        new = Account(new_id(self.clock()), "test", email, email, "", self.clock(), plan=plan)
        return self.store.accounts.sign_in(identity, new)

    def upload(self, content: bytes = VCF, name: str = "a.vcf") -> str:
        upload_id, upload = begin_upload(
            self.account,
            name=name,
            size_bytes=len(content),
            accounts=self.store.accounts,
            files=self.files,
            limits=self.limits,
            clock=self.clock,
        )
        self.files.put_part(upload.key, 1, io.BytesIO(content), len(content))
        return upload_id

    def submit(
        self, upload_id: str, reference: str = "demo", options: AnnotationOptions = NO_OPTIONS
    ) -> Job:
        return submit(
            self.account,
            upload_id=upload_id,
            reference=reference,
            accounts=self.store.accounts,
            files=self.files,
            jobs=self.store.jobs,
            queues=self.store.queues,
            together=self.store.together,
            references=self.references,
            limits=self.limits,
            clock=self.clock,
            options=options,
        )

    def run_again(self, job_id: str) -> Job:
        return run_again(
            self.account,
            job_id,
            reference=None,
            accounts=self.store.accounts,
            files=self.files,
            jobs=self.store.jobs,
            queues=self.store.queues,
            together=self.store.together,
            references=self.references,
            limits=self.limits,
            clock=self.clock,
        )

    def cancel(self, job_id: str) -> Job:
        return cancel(
            self.account,
            job_id,
            jobs=self.store.jobs,
            queues=self.store.queues,
            together=self.store.together,
            clock=self.clock,
        )

    def receive(self, queue: str = "annotate", holder: str = "") -> Delivery | None:
        found = self.store.queues.receive(queue, holder=holder or f"test-{queue}")
        return found[0] if found else None

    def annotate(
        self, delivery: Delivery, worker: str = "w1", should_stop: Callable[[], bool] | None = None
    ) -> None:
        bench = Bench(
            worker=worker,
            jobs=self.store.jobs,
            files=self.files,
            queues=self.store.queues,
            together=self.store.together,
            engine=self.engine,
            limits=self.limits,
            work_path=self.work_path,
            clock=self.clock,
            should_stop=should_stop or (lambda: False),
        )
        annotate(delivery, bench)

    def job(self, job_id: str) -> Job:
        found = self.store.jobs.get(job_id)
        assert found is not None
        return found

    def events(self, job_id: str) -> list[str]:
        return [str(event.kind) for event in self.store.jobs.events(job_id)]

    def stored(self) -> list[str]:
        """Keys of all results and logs in the store, with no trace of how it keeps them."""
        root = self.work_path.parent / "files" / "kept"
        return sorted(
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file() and ("results/" in str(path) or "logs/" in str(path))
        )


@contextmanager
def open_journey(tmp_path: Path, url: str = "") -> Iterator[Journey]:
    """A journey in a folder of its own, with the account ada signed in; on SQLite there, or on
    the database at `url`."""
    clock = SetClock()
    (tmp_path / "run").mkdir()
    (tmp_path / "work").mkdir()
    url = url or f"sqlite:///{tmp_path / 'gas.sqlite3'}"
    store = open_store(url, run_path=tmp_path / "run", clock=clock)
    for spec in QUEUES:
        store.queues.declare(spec)
    files = DiskFiles(
        tmp_path / "files", secret_key=b"k" * 32, site_url="http://localhost", clock=clock
    )
    account = Account(new_id(clock()), "test", "ada", "ada@example.org", "Ada", clock())
    account = store.accounts.sign_in(Identity("test", "ada", "ada@example.org", "Ada"), account)
    yield Journey(store, files, clock, tmp_path / "work", account)
    store.close()
