"""Reads the mails that lie in the outbox folder, for the operator's page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._+-]{0,200}\.eml")


@dataclass(frozen=True, slots=True)
class OutboxMail:
    file_name: str
    at: datetime
    to: str
    subject: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class OutboxPage:
    mails: tuple[OutboxMail, ...]
    number: int
    """From 1."""
    count: int
    """Of pages, at least 1."""


def page_of(folder: Path, number: int, *, size: int = 20) -> OutboxPage:
    """Newest first. A mail that is removed meanwhile is left out."""
    dated = []
    for path in folder.glob("*.eml") if folder.is_dir() else ():
        try:
            dated.append((path.stat().st_mtime, path))
        except FileNotFoundError:
            continue
    dated.sort(reverse=True)
    count = max(1, -(-len(dated) // size))
    number = min(max(1, number), count)
    chosen = dated[(number - 1) * size : number * size]
    mails = [_headers(path, at) for at, path in chosen]
    return OutboxPage(tuple(filter(None, mails)), number, count)


def read_mail(folder: Path, file_name: str) -> OutboxMail | None:
    """None if there is none of this name, or it is no name of a mail."""
    if not SAFE_NAME.fullmatch(file_name):
        return None
    path = folder / file_name
    try:
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        at = path.stat().st_mtime
    except FileNotFoundError:
        return None
    part = message.get_body(("plain", "html"))
    text = part.get_content() if isinstance(part, EmailMessage) else ""
    return _mail(path, at, message, text)


def _headers(path: Path, at: float) -> OutboxMail | None:
    try:
        with path.open("rb") as stream:
            message = BytesHeaderParser(policy=policy.default).parse(stream)
    except FileNotFoundError:
        return None
    return _mail(path, at, message, "")


def _mail(path: Path, at: float, message: EmailMessage, text: str) -> OutboxMail:
    return OutboxMail(
        file_name=path.name,
        at=datetime.fromtimestamp(at, UTC),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=text,
    )
