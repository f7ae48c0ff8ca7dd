"""What the operator's page shows of the outbox."""

from __future__ import annotations

import email
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path

from gas.adapters.disk.mail import SUFFIX
from gas.domain.errors import NotFound

NAME = re.compile(r"[A-Za-z0-9@_-]+\.eml")


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    name: str
    to: str
    subject: str
    at: datetime


def outbox_page(outbox: Path, *, limit: int, after: str | None = None) -> list[OutboxEntry]:
    """Newest first, at most `limit`, from the one after the name `after` on."""
    written = sorted(_written(outbox), reverse=True)
    names = [name for _, name in written]
    start = names.index(after) + 1 if after in names else 0
    page = (_entry(outbox, name) for name in names[start : start + limit])
    return [entry for entry in page if entry]


def read_mail(outbox: Path, name: str) -> str:
    """The text of one mail; NotFound for any other name, whatever it looks like."""
    message = _read(outbox, name) if NAME.fullmatch(name) else None
    if message is None:
        raise NotFound("MAIL_NOT_FOUND", "There is no such mail.", cure="Look at the outbox page.")
    body = message.get_body(preferencelist=("plain",))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""


def _written(outbox: Path) -> list[tuple[int, str]]:
    found = []
    for path in outbox.glob("*" + SUFFIX):
        with suppress(FileNotFoundError):  # an operator may tidy up
            found.append((path.stat().st_mtime_ns, path.name))
    return found


def _entry(outbox: Path, name: str) -> OutboxEntry | None:
    message = _read(outbox, name)
    if message is None:
        return None
    at = datetime.fromtimestamp((outbox / name).stat().st_mtime, UTC)
    return OutboxEntry(name, str(message["To"]), str(message["Subject"]), at)


def _read(outbox: Path, name: str) -> EmailMessage | None:
    try:
        data = (outbox / name).read_bytes()
    except FileNotFoundError:
        return None
    return email.message_from_bytes(data, _class=EmailMessage, policy=policy.default)
