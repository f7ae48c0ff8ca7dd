"""Mail as files in a folder: one `.eml` each, for the operator's page or any mail program.

A file is there whole or not at all and is named by the message id, so a repeat changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from email import policy
from pathlib import Path

from gas.adapters.disk.durable import make_folders, write_whole
from gas.adapters.disk.scratch import Scratch, discard
from gas.domain.errors import Unavailable
from gas.ports.clock import Clock
from gas.ports.mail import Mail, compose

SUFFIX = ".eml"
OWNER = "X-GAS-Account"
"""A header that says whose mail it is; only of mails that stay here."""
UNSAFE = re.compile(r"[^A-Za-z0-9@_-]")
MAX_STEM = 100


class DiskMail:
    """Implements `MailSender`."""

    def __init__(self, outbox: Path, *, clock: Clock, sender: str = "GAS <gas@localhost>") -> None:
        make_folders(outbox)
        self._outbox = outbox
        self._sender = sender
        self._clock = clock
        self._scratch = Scratch(outbox)
        self._scratch.remove_dead()

    def send(self, mail: Mail) -> None:
        message = compose(mail, sender=self._sender, at=self._clock())
        if mail.account_id:
            message[OWNER] = mail.account_id
        place = self._outbox / file_name(mail.message_id)
        if place.exists():
            return
        scratch = self._scratch.name()
        try:
            write_whole(place, message.as_bytes(policy=policy.SMTP), scratch=scratch)
        except OSError as error:
            discard(scratch)
            raise Unavailable(
                "MAIL_UNAVAILABLE",
                "The outbox folder cannot be written to.",
                cure="Mail goes out later; the operator has to look at the disk.",
            ) from error


def file_name(message_id: str) -> str:
    """Safe, and another one for every message id."""
    safe = UNSAFE.sub("_", message_id)[:MAX_STEM]
    digest = hashlib.sha256(message_id.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{safe}-{digest}{SUFFIX}"
