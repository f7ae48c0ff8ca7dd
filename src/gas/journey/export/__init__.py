"""Export: `ExportAsked` in -> a zip of all that the account has, and one mail that it is ready.

It is made anew from the beginning after a crash; only its row says READY, so half a file is never
offered. Removed by the sweep after LIFETIME.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from gas.domain.account import Account
from gas.domain.errors import InputError, StoreFull
from gas.domain.export import LIFETIME, Export, ExportState
from gas.domain.ids import new_id
from gas.domain.messages import ExportAsked, decode_account
from gas.domain.results import check_download
from gas.journey.export.contents import Section, Source, needed_bytes, write_zip
from gas.ports.accounts import Accounts, Sessions
from gas.ports.clock import Clock
from gas.ports.exports import Exports
from gas.ports.files import Files
from gas.ports.jobs import Jobs
from gas.ports.mail import Mail, MailSender, letter
from gas.ports.queues import Delivery, Queues
from gas.ports.together import Together

__all__ = ["Desk", "Section", "ask_export", "export", "tend_exports"]

PATIENCE = timedelta(minutes=10)
GIVE_UP = timedelta(days=1)
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Desk:
    """What making an export needs."""

    accounts: Accounts
    sessions: Sessions
    exports: Exports
    jobs: Jobs
    files: Files
    mail: MailSender
    site_url: str
    work_path: Path
    clock: Clock
    grace: Callable[[], timedelta]
    unhurried: Clock
    """By which a grace period is over."""
    sections: Sequence[Section] = ()
    """What else belongs to an account: its tokens, say, by name."""
    should_stop: Callable[[], bool] = lambda: False


def ask_export(
    account: Account,
    *,
    with_files: bool,
    exports: Exports,
    files: Files,
    queues: Queues,
    together: Together,
    clock: Clock,
) -> Export:
    """The one that is asked for now, or that is being made already."""
    now = clock()
    wanted = Export(new_id(now), account.id, now, with_files)
    before = exports.of_account(account.id)
    if before and before.state is not ExportState.ASKED:
        files.delete(before.key)  # first: once its row is replaced, nobody knows of it
    with together():
        found = exports.ask(wanted)
        if found.id == wanted.id:
            queues.publish(ExportAsked(account.id, found.id))
    return found


def export(delivery: Delivery, desk: Desk) -> None:
    """Returns when the message is done with; Unavailable or Interrupted: later again."""
    message = decode_account(delivery.body)
    account = desk.accounts.get(message.account_id)
    found = desk.exports.of_account(message.account_id)
    if account is None or found is None or not isinstance(message, ExportAsked):
        return
    if found.id != message.export_id:
        return  # another was asked for since
    if found.state is ExportState.ASKED:
        found = _make(found, account, desk)
    if found is not None and found.state is ExportState.READY and found.told_at is None:
        _tell(found, account, desk)


def _make(asked: Export, account: Account, desk: Desk) -> Export | None:
    """As it is recorded then; None if it is not wanted any more."""
    source = Source(
        account=account,
        with_files=asked.with_files,
        jobs=desk.jobs,
        files=desk.files,
        sessions=desk.sessions,
        sections=desk.sections,
        check=partial(check_download, account=account, grace=desk.grace(), now=desk.unhurried()),
    )
    room = desk.files.room_bytes()
    if room is not None and needed_bytes(source) > room:
        return _fail(asked, desk)
    path = desk.work_path / f"export-{asked.id}.zip"
    try:
        write_zip(path, source, now=desk.clock(), should_stop=desk.should_stop)
        stored = desk.files.store(asked.key, path)
    except StoreFull:
        return _fail(asked, desk)
    finally:
        path.unlink(missing_ok=True)
    ready = replace(
        asked,
        state=ExportState.READY,
        size_bytes=stored.size_bytes,
        finished_at=desk.clock(),
        version=asked.version + 1,
    )
    if desk.exports.change(ready):
        return ready
    return _lost(asked, desk)


def _lost(asked: Export, desk: Desk) -> Export | None:
    """To a double of this message, whose file is the same; or its row is gone."""
    current = desk.exports.of_account(asked.account_id)
    if current is not None and current.id == asked.id:
        return current
    desk.files.delete(asked.key if current else f"exports/{asked.account_id}")
    return None


def _fail(asked: Export, desk: Desk) -> Export:
    failed = replace(
        asked, state=ExportState.FAILED, finished_at=desk.clock(), version=asked.version + 1
    )
    desk.exports.change(failed)  # lost: somebody else made it, or it is gone
    return failed


def _tell(ready: Export, account: Account, desk: Desk) -> None:
    # An address may take no mail; the page shows the export all the same.
    with suppress(InputError):
        desk.mail.send(_mail(ready, account, desk.site_url))
    desk.exports.change(replace(ready, told_at=desk.clock(), version=ready.version + 1))


def _mail(ready: Export, account: Account, site_url: str) -> Mail:
    """With a way to the page and not to the file: who reads the mail has to sign in."""
    return letter(
        f"export-{ready.id}.ready",
        to=account.email,
        account_id=account.id,
        subject="your export is ready",
        paragraphs=(f"The copy of your data can be downloaded for {LIFETIME.days} days.",),
        link=("See your data", f"{site_url}/account/privacy"),
        site_url=site_url,
    )


def tend_exports(*, exports: Exports, files: Files, queues: Queues, clock: Clock) -> int:
    """For the sweep: old ones are removed, what a crash left is set going again, and what cannot
    be made for a day is given up. Says how many were removed."""
    now = clock()
    removed = 0
    for found in exports.asked_before(now - PATIENCE, limit=BATCH):
        age = now - found.asked_at
        if age >= LIFETIME:
            files.delete(found.key)
            exports.remove(found)
            removed += 1
        elif found.state is ExportState.ASKED and age >= GIVE_UP:
            exports.change(
                replace(found, state=ExportState.FAILED, finished_at=now, version=found.version + 1)
            )
        elif found.state is ExportState.ASKED or (
            found.state is ExportState.READY and not found.told_at
        ):
            queues.publish(ExportAsked(found.account_id, found.id))
    return removed
