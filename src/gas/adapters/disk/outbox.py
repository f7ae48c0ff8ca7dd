"""The mails in the outbox folder, for the operator's page and `gas mail`."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path

from gas.adapters.disk.mail import OWNER, SUFFIX
from gas.domain.errors import NotFound
from gas.ports.mail import OutboxMail, OutboxPage

NAME = re.compile(r"[A-Za-z0-9@_-]+\.eml")


class DiskOutbox:
    """Implements `Outbox`. An operator, or a mail program, may tidy up meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def page(self, number: int, *, size: int) -> OutboxPage:
        names = [name for _, name in sorted(self._written(), reverse=True)]
        count = max(1, -(-len(names) // size))
        number = min(max(1, number), count)
        chosen = names[(number - 1) * size : number * size]
        mails = (self._headers(name) for name in chosen)
        return OutboxPage(tuple(mail for mail in mails if mail), number, count)

    def read(self, name: str) -> OutboxMail:
        found = self._whole(name) if NAME.fullmatch(name) else None
        if found is None:
            raise NotFound(
                "MAIL_NOT_FOUND",
                "There is no such mail in the outbox.",
                cure="Look at the outbox page, or at `gas mail ls`.",
            )
        return found

    def remove_of(self, account_id: str, address: str) -> int:
        wanted = address.strip().casefold()
        removed = 0
        for _, name in self._written():
            with suppress(FileNotFoundError):
                message = self._message(name)
                owner = str(message[OWNER] or "")
                to = str(message["To"] or "").strip().casefold()
                if owner == account_id or (not owner and wanted and to == wanted):
                    (self._folder / name).unlink()
                    removed += 1
        return removed

    def _written(self) -> list[tuple[int, str]]:
        found = []
        for path in self._folder.glob("*" + SUFFIX):
            with suppress(FileNotFoundError):
                if NAME.fullmatch(path.name):
                    found.append((path.stat().st_mtime_ns, path.name))
        return found

    def _headers(self, name: str) -> OutboxMail | None:
        with suppress(FileNotFoundError):
            return self._mail(name, self._message(name), "")
        return None

    def _message(self, name: str) -> EmailMessage:
        """Its headers."""
        with (self._folder / name).open("rb") as stream:
            return BytesHeaderParser(policy=policy.default).parse(stream)

    def _whole(self, name: str) -> OutboxMail | None:
        with suppress(FileNotFoundError), (self._folder / name).open("rb") as stream:
            message = BytesParser(policy=policy.default).parse(stream)
            part = message.get_body(("plain", "html"))
            text = str(part.get_content()) if isinstance(part, EmailMessage) else ""
            return self._mail(name, message, text.replace("\r\n", "\n"))
        return None

    def _mail(self, name: str, message: EmailMessage, text: str) -> OutboxMail:
        return OutboxMail(
            name=name,
            at=datetime.fromtimestamp((self._folder / name).stat().st_mtime, UTC),
            to=str(message["To"] or ""),
            subject=str(message["Subject"] or ""),
            text=text,
        )
