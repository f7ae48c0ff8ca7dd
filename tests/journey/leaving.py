"""An account that has everything an account can have, and the ways to be rid of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from gas.adapters.disk import DiskMail, DiskOutbox
from gas.domain.account import Account, Identity, Session
from gas.domain.errors import Unavailable
from gas.journey.export import Desk, ask_export, export
from gas.journey.forget import (
    SETTLE,
    delete_account,
    forget,
    remove_files,
    remove_jobs,
    remove_mails,
    remove_sessions,
    stop_jobs,
)
from gas.journey.notify import notify
from gas.ports.mail import MailSender
from gas.ports.queues import Delivery
from rig import VCF, Journey
from traces import traces


class Killed(BaseException):
    """As kill -9: nothing of ours may catch it."""


@dataclass
class Countdown:
    """Kills at the n-th call of any port, before it is done or after."""

    left: int
    after: bool = False

    def strike(self) -> bool:
        self.left -= 1
        return self.left == 0


@dataclass
class Deadly:
    """A port whose calls count."""

    real: Any
    countdown: Countdown

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.real, name)

        def call(*given: Any, **named: Any) -> Any:
            struck = self.countdown.strike()
            if struck and not self.countdown.after:
                raise Killed
            answer = method(*given, **named)
            if struck:
                if isinstance(answer, io.BufferedReader):
                    answer.close()  # the kernel would
                raise Killed
            return answer

        return call


@dataclass
class Leaving:
    journey: Journey
    home: Path
    job_ids: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        return [self.journey.account.id, self.journey.account.email, *self.job_ids]

    @property
    def mail(self) -> DiskMail:
        return DiskMail(self.home / "outbox", clock=self.journey.clock)

    def furnish(self) -> None:
        """A session, a link, jobs in three states, an upload on its way, an export, a mail, a dead
        letter, and messages that nobody took."""
        journey = self.journey
        store, account, now = journey.store, journey.account, journey.clock()
        store.sessions.add(Session("hash", account.id, now, now + timedelta(days=1), seen_at=now))
        identity = Identity(account.issuer, account.subject, account.email)
        store.sign_in_links.add("link", identity, now + timedelta(hours=1))
        self.finished_job()
        self.notify_all()
        first = journey.submit(journey.upload())
        dead = journey.receive()
        assert dead is not None
        store.queues.bury(dead.receipt, "broke")
        waiting = journey.submit(journey.upload())
        self.job_ids += [first.id, waiting.id]
        journey.upload()
        self.finished_job()
        self.ask()

    def finished_job(self) -> str:
        job = self.journey.submit(self.journey.upload())
        self.job_ids.append(job.id)
        delivery = self.journey.receive()
        assert delivery is not None
        self.journey.annotate(delivery)
        self.journey.store.queues.delete(delivery.receipt)
        return job.id

    def notify_all(self) -> None:
        while delivery := self.journey.receive("notify"):
            self.notify(delivery)
            self.journey.store.queues.delete(delivery.receipt)

    def notify(self, delivery: Delivery, mail: MailSender | None = None) -> None:
        store = self.journey.store
        notify(
            delivery,
            jobs=store.jobs,
            accounts=store.accounts,
            mail=mail or self.mail,
            site_url="http://localhost",
            grace=lambda: timedelta(minutes=5),
            clock=self.journey.clock,
        )

    def ask(self, *, with_files: bool = True, **other: Any) -> None:
        store = self.journey.store
        ask_export(
            self.journey.account,
            with_files=with_files,
            exports=other.get("exports", store.exports),
            files=self.journey.files,
            queues=store.queues,
            together=store.together,
            clock=self.journey.clock,
        )

    def desk(self, countdown: Countdown | None = None, **other: Any) -> Desk:
        store, journey = self.journey.store, self.journey
        real = {
            "accounts": store.accounts,
            "sessions": store.sessions,
            "exports": store.exports,
            "jobs": store.jobs,
            "files": journey.files,
            "mail": self.mail,
        }
        ports = {
            name: Deadly(port, countdown) if countdown else port for name, port in real.items()
        }
        return Desk(
            site_url="http://localhost",
            work_path=journey.work_path,
            clock=journey.clock,
            grace=lambda: timedelta(minutes=5),
            unhurried=journey.clock,
            **(ports | other),  # type: ignore[arg-type]
        )

    def export(self, countdown: Countdown | None = None, **other: Any) -> Delivery:
        delivery = self.journey.receive("export")
        assert delivery is not None
        export(delivery, self.desk(countdown, **other))
        return delivery

    def delete(self) -> None:
        store = self.journey.store
        delete_account(
            self.journey.account,
            accounts=store.accounts,
            queues=store.queues,
            together=store.together,
            clock=self.journey.clock,
        )

    def forget(self, delivery: Delivery, countdown: Countdown | None = None) -> None:
        store, journey = self.journey.store, self.journey
        outbox = DiskOutbox(self.home / "outbox")
        given: dict[str, Any] = {
            "sessions": store.sessions,
            "jobs": store.jobs,
            "files": journey.files,
            "exports": store.exports,
            "outbox": outbox,
            "accounts": store.accounts,
            "audit": store.audit,
            "desk": store.queue_desk,
        }
        if countdown:
            given = {name: Deadly(port, countdown) for name, port in given.items()}
        removers: Sequence[Callable[[Account], None]] = (
            partial(remove_sessions, sessions=given["sessions"]),
            partial(stop_jobs, jobs=given["jobs"], clock=journey.clock),
            partial(remove_jobs, jobs=given["jobs"], files=given["files"]),
            partial(remove_files, files=given["files"], exports=given["exports"]),
            partial(remove_mails, outbox=given["outbox"]),
        )
        forget(
            delivery,
            removers=removers,
            accounts=given["accounts"],
            audit=given["audit"],
            desk=given["desk"],
            together=store.together,
            clock=journey.clock,
        )

    def forget_all(self) -> int:
        """Works as the worker does, until the queue is empty; says how often it came back."""
        store, back = self.journey.store, 0
        for _ in range(20):
            delivery = self.journey.receive("forget")
            if delivery is None:
                break
            try:
                self.forget(delivery)
                store.queues.delete(delivery.receipt)
            except Unavailable:
                back += 1
                store.queues.release(delivery.receipt)
                self.journey.clock.forward(seconds=SETTLE.total_seconds())
        return back

    def traces(self) -> list[str]:
        return traces(self.home, self.words)

    def upload_part_late(self, key: str, size_bytes: int = len(VCF)) -> None:
        self.journey.files.put_part(key, 1, io.BytesIO(VCF), size_bytes)
