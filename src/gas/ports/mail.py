"""How a person is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from html import escape
from typing import Protocol
from urllib.parse import urlsplit

from gas.domain.errors import InputError, NotFound


@dataclass(frozen=True, slots=True)
class Mail:
    message_id: str
    """Without angle brackets; derived from what it is about, so that a repeat is seen as one."""
    to: str
    subject: str
    text: str
    html: str
    account_id: str = ""
    """Whose it is, whatever the address: by it those that stay here are found again."""


def letter(
    about: str,
    *,
    to: str,
    account_id: str,
    subject: str,
    paragraphs: Iterable[str],
    link: tuple[str, str],
    site_url: str,
    last: str = "",
) -> Mail:
    """A mail of paragraphs and one link, as text and as HTML. `about` names what it is about, the
    same for the same news; `link` is its words and its URL; `last` comes after it."""
    host = urlsplit(site_url).hostname or ""
    host = host if host and ":" not in host else "localhost"  # no IPv6 address in a Message-ID
    lines = [line for line in paragraphs if line]
    words, url = link
    after = [last] if last else []
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    body += f'<p><a href="{escape(url)}">{escape(words)}</a></p>'
    return Mail(
        message_id=f"{about}@{host}",
        to=to,
        account_id=account_id,
        subject=f"GAS: {subject}",
        text="\n\n".join([*lines, f"{words}: {url}", *after]) + "\n",
        html=body + "".join(f"<p>{escape(line)}</p>" for line in after),
    )


class MailSender(Protocol):
    def send(self, mail: Mail) -> None:
        """Hands it over. Unavailable: try again later. InputError MAIL_REFUSED: never will.
        On repetition it may go out twice, under the same message id."""


@dataclass(frozen=True, slots=True)
class OutboxMail:
    name: str
    """To read it by."""
    at: datetime
    to: str
    subject: str
    text: str = ""
    """Empty on a page."""


@dataclass(frozen=True, slots=True)
class OutboxPage:
    mails: tuple[OutboxMail, ...]
    number: int
    """From 1."""
    count: int
    """Of pages, at least 1."""


class Outbox(Protocol):
    """Mails that stay here instead of going out, for operators to read."""

    def page(self, number: int, *, size: int) -> OutboxPage:
        """Newest first. The nearest page if there is none of this number; a mail that is removed
        meanwhile is left out."""

    def read(self, name: str) -> OutboxMail:
        """NotFound MAIL_NOT_FOUND for any name but those on the pages, whatever it looks like."""

    def remove_of(self, account_id: str, address: str) -> int:
        """Removes the mails of this account, to whatever address, and those to this address, in
        whatever case, that are of nobody; says how many."""


def require_outbox(outbox: Outbox | None) -> Outbox:
    if outbox is None:
        raise NotFound(
            "NO_OUTBOX",
            "Mails of this service go out; none is kept here.",
            cure="Set GAS_MAIL=disk to keep them in a folder.",
        )
    return outbox


def compose(mail: Mail, *, sender: str, at: datetime) -> EmailMessage:
    """The mail as RFC 5322 has it, text with an HTML alternative; pure, for any backend.

    Line breaks and other control characters in what becomes a header turn into spaces, so that
    nobody writes headers through a file name. InputError MAIL_REFUSED if `to` is no address.
    """
    message = EmailMessage()
    message["From"] = _one_line(sender)
    message["To"] = _address(mail.to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = at
    message["Message-ID"] = f"<{_one_line(mail.message_id)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def _address(to: str) -> Address:
    """Exactly one: 'a@x, b@y' would otherwise go to both."""
    try:
        address = Address(addr_spec=to)
    except (ValueError, IndexError, MessageError) as error:  # the parser trips over '' and '@'
        raise mail_refused() from error
    if not (to.isprintable() and address.username and address.domain):
        raise mail_refused()
    return address


def mail_refused() -> InputError:
    return InputError(
        "MAIL_REFUSED",
        "Mail to this address is refused for good.",
        cure="Correct the email address of the account.",
    )
