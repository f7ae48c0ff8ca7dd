"""Backend `smtp`: mail through an SMTP server, with the standard library.

Offers mail, `SmtpMail`. A mail counts as handed over once the server has answered 250 to its
content; a connection lost before that answer leaves it unknown, and the repetition carries the
same Message-ID. STARTTLS, TLS or none (`Encryption`), certificates checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from gas.adapters.smtp.mail import Encryption, SmtpMail
from gas.ports.backend import Between, Context, Manifest

__all__ = ["MANIFEST", "Encryption", "SmtpMail", "SmtpSettings"]


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    host: str = "localhost"
    """The mail server."""
    port: Annotated[int, Between(1, 65535)] = 587
    """Its port."""
    sender: str = "gas@localhost"
    """The address that mails come from."""
    user: str = ""
    """Who signs in to the server; nobody if empty."""
    password: str = field(default="", repr=False)
    """With what."""
    encryption: Encryption = Encryption.STARTTLS
    """From the first word on, from STARTTLS on, or none."""


def _mail(context: Context[SmtpSettings]) -> tuple[SmtpMail, None]:
    own = context.own
    sender = SmtpMail(
        own.host,
        own.port,
        sender=own.sender,
        user=own.user,
        password=own.password,
        encryption=own.encryption,
        clock=context.clock,
    )
    return sender, None


MANIFEST = Manifest(name="smtp", settings=SmtpSettings, mail=_mail)
