"""Mail over SMTP, a connection for each.

Refusals are sorted by who can mend them: 5xx for the recipient or the content is final
(MAIL_REFUSED); all else, a wrong password too, is the operator's or the network's and is tried
again (MAIL_UNAVAILABLE).
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from enum import StrEnum

from gas.domain.errors import Unavailable
from gas.ports.clock import Clock
from gas.ports.mail import Mail, compose, mail_refused

FINAL = 500  # RFC 5321, 4.2.1: 5yz is a permanent refusal


class Encryption(StrEnum):
    STARTTLS = "starttls"  # port 587: encrypted before anything is said
    TLS = "tls"  # port 465: encrypted from the start
    NONE = "none"  # a relay on this machine


class SmtpMail:
    """Implements `MailSender`."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        clock: Clock,
        user: str = "",
        password: str = "",
        encryption: Encryption = Encryption.STARTTLS,
        timeout_seconds: float = 30.0,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._user = user
        self._password = password
        self._encryption = encryption
        self._timeout_seconds = timeout_seconds
        self._tls_context = tls_context
        self._clock = clock

    def send(self, mail: Mail) -> None:
        message = compose(mail, sender=self._sender, at=self._clock())
        try:
            connection = self._connect()
            try:
                self._log_in(connection)
                _hand_over(connection, message)
            finally:
                _leave(connection)
        except (smtplib.SMTPException, OSError) as error:  # OSError: refused, timeout, TLS
            raise Unavailable(
                "MAIL_UNAVAILABLE",
                f"The mail server {self._host}:{self._port} did not take a mail.",
                cure="It is sent again later; the operator may look at the mail settings.",
            ) from error

    def _connect(self) -> smtplib.SMTP:
        if self._encryption is Encryption.TLS:
            return smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout_seconds, context=self._context()
            )
        return smtplib.SMTP(self._host, self._port, timeout=self._timeout_seconds)

    def _log_in(self, connection: smtplib.SMTP) -> None:
        if self._encryption is Encryption.STARTTLS:
            # Raises where the server offers none: a stripped offer must not send in the clear.
            connection.starttls(context=self._context())
        if self._user:
            connection.login(self._user, self._password)

    def _context(self) -> ssl.SSLContext:
        return self._tls_context or ssl.create_default_context()


def _hand_over(connection: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= FINAL for code, _ in error.recipients.values()):
            raise mail_refused() from error
        raise
    except smtplib.SMTPDataError as error:
        if error.smtp_code >= FINAL:
            raise mail_refused() from error
        raise
    except smtplib.SMTPNotSupportedError as error:  # an address beyond ASCII, and no SMTPUTF8
        raise mail_refused() from error


def _leave(connection: smtplib.SMTP) -> None:
    """The mail is taken or not by now: a failing goodbye must not have it sent again."""
    with suppress(smtplib.SMTPException, OSError):
        connection.quit()
    connection.close()
