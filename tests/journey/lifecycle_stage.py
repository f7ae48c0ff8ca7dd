"""Where results are archived and brought back: people, the store, and what steps are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from gas.adapters.disk import DiskColdStorage, DiskFiles
from gas.adapters.sql.store import SqlStore
from gas.domain.account import Account, Identity
from gas.domain.ids import new_id
from gas.domain.job import (
    Claim,
    FileKind,
    Findings,
    Job,
    JobFile,
    completed,
    started,
    submitted,
)
from gas.domain.keys import job_of_key, results_prefix
from gas.domain.messages import ARCHIVE, JobFinished, ResultsMoved
from gas.domain.plan import Plan
from gas.journey.inspect import Asked, Round
from gas.journey.reconcile import Custody
from gas.journey.subscribe import change_plan
from gas.ports.cold_storage import StoreEvent
from journey.fates import Fate, Killed, Watched, changes_of_files
from rig import SetClock

GRACE = timedelta(minutes=5)


@dataclass
class Stage:
    store: SqlStore
    files: DiskFiles
    cold: DiskColdStorage
    clock: SetClock
    work_path: Path
    outbox: bool = True
    """State and message in one commit; else a death in between loses the message."""
    events: bool = True
    """The store tells what it did."""
    looks_twice: bool = True
    """What a step did is looked at before its message is deleted."""
    account: Account = field(init=False)
    contents: dict[str, bytes] = field(default_factory=dict)
    """What has to be there, by key."""
    running: list[Job] = field(default_factory=list)
    fate: Fate = field(default_factory=Fate)
    scheduled: set[str] = field(default_factory=set)
    """Files of which the store has noted the mark: they go, whatever becomes of it."""
    round_: Round = field(default_factory=Round)
    asked: Asked = field(default_factory=Asked)
    _turns: int = 0

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """With an account of its own."""
        self._turns += 1
        subject = f"person-{self._turns}"
        new = Account(new_id(self.clock()), "test", subject, "", "", self.clock())
        self.account = self.store.accounts.sign_in(Identity("test", subject, ""), new)
        self.contents.clear()
        self._findings.clear()
        self.running.clear()
        self.scheduled.clear()

    # What people do.

    def submit(self, files: int = 1) -> Job:
        """A job that runs, and whose results are stored already."""
        now = self.clock()
        number = new_id(now)
        owner = self.account.id
        given = JobFile(FileKind.INPUT, "a.vcf", f"inputs/{owner}/{number}", 1, "0" * 64)
        job = Job(number, owner, number, given, "demo", now)
        job = self.store.jobs.create(submitted(job))
        claim = Claim("w", "m", timedelta(seconds=30))
        change = started(job, claim, now)
        assert self.store.jobs.change(change)
        kinds = (FileKind.ANNOTATED, FileKind.VARIANTS, FileKind.TRANSCRIPTS)[:files]
        results = tuple(self._stored(change.job, kind) for kind in (*kinds, FileKind.SUMMARY))
        self.running.append(change.job)
        self._findings[job.id] = Findings(results, given)
        return change.job

    _findings: dict[str, Findings] = field(default_factory=dict)

    def _stored(self, job: Job, kind: FileKind) -> JobFile:
        path = self.work_path / "made"
        content = f"{job.id} {kind}".encode()
        path.write_bytes(content)
        key = f"{results_prefix(job)}/{job.attempt}/{kind.value}"
        stored = self.files.store(key, path)
        path.unlink(missing_ok=True)
        self.contents[key] = content
        return JobFile(kind, kind.value, key, stored.size_bytes, stored.sha256)

    def finish(self) -> None:
        """The run that began first ends well; as the annotate step does it."""
        if not self.running:
            return
        job = self.running[0]
        change = completed(job, self._findings[job.id], self.clock())
        with self.together():
            assert self.jobs.change(change)
            self.queues.publish(JobFinished(job.id, job.owner_id))
        self.running.pop(0)

    def finished_job(self, files: int = 1) -> Job:
        job = self.submit(files)
        self.finish()
        return self.job(job.id)

    def job(self, job_id: str) -> Job:
        found = self.store.jobs.get(job_id)
        assert found is not None
        return found

    def change_plan(self, plan: Plan) -> None:
        change_plan(
            self.account.id,
            plan,
            actor="test",
            accounts=self.accounts,
            queues=self.queues,
            audit=self.store.audit,
            together=self.together,
            clock=self.clock,
        )

    def upgrade(self) -> None:
        self.change_plan(Plan.PREMIUM)

    def downgrade(self) -> None:
        self.change_plan(Plan.FREE)

    # What the store does.

    def tend(self) -> int:
        def tell(event: StoreEvent) -> None:
            if self.events:
                owner_id, job_id = job_of_key(event.key)
                self.queues.publish(ResultsMoved(job_id, owner_id, event.kind))

        tended = self.cold.tend(tell, limit=100)
        if tended.trouble:
            raise tended.trouble
        return tended.done

    def schedule(self) -> None:
        """The store notes what is marked, as a lifecycle rule does once a day."""
        self.scheduled |= {key for key in self.contents if self.cold.look(key).marked}

    def move_late(self) -> None:
        """What was noted goes, though its mark may have been taken away since."""
        for key in self.scheduled:
            if self.files.stat(key):
                self.cold.mark(key)
        self.scheduled.clear()
        self.tend()

    # What it takes.

    @property
    def jobs(self) -> Any:
        return Watched(self.store.jobs, self)

    @property
    def accounts(self) -> Any:
        return Watched(self.store.accounts, self)

    @property
    def queues(self) -> Any:
        return Watched(self.store.queues, self)

    @property
    def custody(self) -> Custody:
        return Custody(
            jobs=self.jobs,
            accounts=self.accounts,
            cold_storage=Watched(self.cold, self),
            queues=self.queues,
            together=self.together,
            grace=self.grace,
            clock=self.clock,
        )

    def grace(self) -> timedelta:
        return timedelta(seconds=self.store.queue_desk.delay_seconds(ARCHIVE.name))

    @contextmanager
    def together(self, *, durable: bool = True) -> Iterator[None]:
        if not self.outbox:
            with nullcontext():
                yield
            return
        before, self.fate.in_commit = self.fate.in_commit, True
        try:
            with self.store.together(durable=durable):
                yield
        finally:
            self.fate.in_commit = before

    @contextmanager
    def fated(self, at: int, happens: Callable[[], None] | None = None) -> Iterator[Fate]:
        """At moment `at` of the turn inside it dies, or something else happens."""
        outer, self.fate = self.fate, Fate(at, happens)
        try:
            with changes_of_files(self.fate):
                yield self.fate
        except Killed:
            self.store.queues.abandon("w")
        finally:
            self.fate = outer
