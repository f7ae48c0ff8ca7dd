"""A world in which results are archived and brought back, and everything may go wrong in between.

The real steps over the embedded backend; only the clock is ours. One turn is one message at one
step, or one round of the store. While it runs, at any call of a port or any line that changes a
file, it may die, or others may have their turns in the middle of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gas.adapters.disk import DiskColdStorage, DiskFiles
from gas.adapters.sql.store import SqlStore, open_store
from gas.domain.account import Account, Identity
from gas.domain.errors import GivenUp, InputError, Later, StaleReceipt, Unavailable
from gas.domain.ids import new_id
from gas.domain.job import (
    Claim,
    FileKind,
    Findings,
    Job,
    JobFile,
    ResultsState,
    completed,
    started,
    submitted,
)
from gas.domain.keys import job_of_key, results_prefix
from gas.domain.messages import ARCHIVE, QUEUES, JobFinished, ResultsMoved
from gas.domain.plan import Plan
from gas.journey import reconcile as reconciling
from gas.journey.archive import archive
from gas.journey.inspect import Round, inspect, take_up
from gas.journey.reconcile import Custody, reconcile
from gas.journey.restore import restore
from gas.journey.subscribe import change_plan
from gas.journey.thaw import thaw
from gas.ports.cold_storage import StoreEvent
from gas.ports.queues import Delivery
from rig import SetClock

GRACE = timedelta(minutes=5)
STEPS = ("archive", "restore", "thaw")


class Killed(BaseException):
    """As kill -9: nothing of ours may catch it."""


@dataclass
class Fate:
    """What happens at the n-th moment of a turn: a call of a port, before and after, or a change
    of a file."""

    at: int = 0
    happens: Callable[[], None] | None = None
    """None: the one whose turn it is dies."""
    moments: int = 0
    in_commit: bool = False

    def moment(self, *, of_file: bool = False) -> None:
        if self.in_commit and self.happens:
            return  # nobody else can do anything then
        if of_file and self.happens:
            return  # the store's own locks are tried by its own tests
        self.moments += 1
        if self.moments != self.at:
            return
        if self.happens is None:
            raise Killed
        happens, self.happens = self.happens, None
        self.at = 0
        happens()


@dataclass
class Watched:
    """A port whose calls are moments."""

    real: Any
    world: World

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            self.world.fate.moment()
            answer = found(*given, **named)
            self.world.fate.moment()
            return answer

        return call


@dataclass
class World:
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

        return self.cold.tend(tell, limit=100)

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

    # What workers do.

    def deliver(
        self, queue: str, *, index: int = 0, twice: bool = False, holder: str = "w"
    ) -> bool:
        """One message, of those that are to be had the one of this index. False if there is none.
        `twice`: it is not deleted."""
        delivery = self._take(queue, index, holder)
        if delivery is None:
            return False
        self.run(delivery, twice=twice, holder=holder)
        return True

    def work_off(self) -> None:
        """All that is to be had now, and what comes of it."""
        for _ in range(3):
            self.tend()
            for queue in STEPS:
                while self.deliver(queue, holder="other"):
                    pass

    def _take(self, queue: str, index: int, holder: str) -> Delivery | None:
        found = list(self.store.queues.receive(queue, holder=holder, limit=index + 1))
        if not found:
            return None
        chosen = found.pop(min(index, len(found) - 1))
        for other in found:
            self.store.queues.release(other.receipt)
        return chosen

    def run(self, delivery: Delivery, *, twice: bool = False, holder: str = "w") -> None:
        """A turn, as the loop of a worker has it."""
        queues = self.store.queues
        try:
            with self._rounds():
                self.step(delivery)
        except Killed:
            queues.abandon(holder)
            return
        except Later as later:
            self._gently(partial(queues.release, delivery.receipt, later.seconds, counts=False))
        except (InputError, GivenUp) as error:
            self._gently(partial(queues.bury, delivery.receipt, str(error.reason)))
        except Unavailable:
            if not self.looks_twice:
                self._gently(partial(queues.delete, delivery.receipt))
                return
            self._gently(partial(queues.release, delivery.receipt, 1.0))
        else:
            ends = partial(queues.release if twice else queues.delete, delivery.receipt)
            self._gently(ends)

    def _rounds(self) -> AbstractContextManager[object]:
        """With one round, nobody looks at what the step did."""
        return nullcontext() if self.looks_twice else patch.object(reconciling, "ROUNDS", 1)

    @staticmethod
    def _gently(call: Callable[[], None]) -> None:
        try:
            call()
        except StaleReceipt:
            return  # it was held for too long, and somebody else has it

    def step(self, delivery: Delivery) -> None:
        see_to = partial(reconcile, custody=self.custody)
        if delivery.queue == "archive":
            archive(delivery, reconcile=see_to, clock=self.clock)
        elif delivery.queue == "thaw":
            thaw(delivery, reconcile=see_to, clock=self.clock)
        else:
            restore(
                delivery,
                accounts=self.accounts,
                jobs=self.jobs,
                queues=self.queues,
                together=self.together,
                reconcile=see_to,
            )

    def take_up(self) -> int:
        return take_up(jobs=self.jobs, accounts=self.accounts, queues=self.queues, clock=self.clock)

    def inspect(self) -> int:
        return inspect(
            self.round_,
            jobs=self.jobs,
            accounts=self.accounts,
            cold_storage=Watched(self.cold, self),
            queues=self.queues,
            grace=self.grace,
            clock=self.clock,
        )

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

    # How it stands.

    def job(self, job_id: str) -> Job:
        found = self.store.jobs.get(job_id)
        assert found is not None
        return found

    def plan(self) -> Plan:
        account = self.store.accounts.get(self.account.id)
        assert account is not None
        return account.plan

    def kept(self, key: str) -> bool:
        """It is there, whole, warm or cold."""
        found = self.files.stat(key)
        if found:
            with self.files.open(key) as content:
                return content.read() == self.contents[key]
        cold = self.work_path.parent / "cold" / "kept" / key
        return any(path.read_bytes() == self.contents[key] for path in cold.glob("*"))

    def traces(self, job_id: str) -> Iterator[Path]:
        """Files that lie, or lay, below the results of this job; records of the store too."""
        for path in self.work_path.parent.rglob("*"):
            if not path.is_file() or "sqlite" in path.name:
                continue
            if job_id in str(path) or job_id.encode() in path.read_bytes():
                yield path

    def settle(self) -> None:
        """Time passes, until nothing is left to do. It must come to an end."""
        while self.running:
            self.finish()
        for _ in range(100):
            did = self.tend()
            self.scheduled and self.move_late()
            for queue in STEPS:
                while self.deliver(queue):
                    did += 1
                    assert did < 1000, "they go on for ever"
            if not did and not self._waiting():
                return
            self.clock.forward(minutes=10)
        raise AssertionError(f"it does not come to rest: {self._waiting()}")

    def _waiting(self) -> list[str]:
        return [
            state.name
            for state in self.store.queue_desk.states()
            if state.name in STEPS and state.visible + state.held + state.delayed
        ]

    def wrong(self) -> list[str]:
        """What is not as the plan wants it, now that all is at rest."""
        premium = self.plan() is Plan.PREMIUM
        state = ResultsState.AVAILABLE if premium else ResultsState.ARCHIVED
        found = []
        for job_id, findings in self._findings.items():
            job = self.job(job_id)
            if job.owner_id != self.account.id:
                continue
            if job.results_state is not state or job.check_at is not None:
                found.append(f"{job_id} is {job.results_state}, to be checked {job.check_at}")
            for file in findings.results:
                moves = file.kind is not FileKind.SUMMARY
                look = self.cold.look(file.key)
                cold = bool(moves and not premium)
                if (look.place.value == "cold") is not cold or look.marked or look.damaged:
                    found.append(f"{file.key} is {look}")
                if not self.kept(file.key):
                    found.append(f"{file.key} is lost")
        letters = [self.store.queue_desk.dead_letters(queue, limit=5) for queue in STEPS]
        return found + [letter.why for each in letters for letter in each]


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    clock = SetClock()
    (folder / "run").mkdir()
    (folder / "work").mkdir()
    store = open_store(f"sqlite:///{folder / 'gas.sqlite3'}", run_path=folder / "run", clock=clock)
    for spec in QUEUES:
        store.queues.declare(spec)
    files = DiskFiles(
        folder / "files",
        secret_key=b"k" * 32,
        site_url="http://localhost",
        clock=clock,
        cold_path=folder / "cold",
    )
    cold = DiskColdStorage(
        folder / "files", folder / "cold", clock=clock, restore=timedelta(seconds=30)
    )
    try:
        yield World(store, files, cold, clock, folder / "work")
    finally:
        store.close()


CHANGES = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"})
_watching: list[Fate] = []


def _heard(event: str, given: tuple[object, ...]) -> None:
    if not _watching or event not in CHANGES:
        return
    if event == "open" and not (isinstance(given[2], int) and given[2] & 0o3):
        return  # to read
    _watching[-1].moment(of_file=True)


sys.addaudithook(_heard)


@contextmanager
def changes_of_files(fate: Fate) -> Iterator[None]:
    """Each change of a file in here is a moment."""
    _watching.append(fate)
    try:
        yield
    finally:
        _watching.pop()
