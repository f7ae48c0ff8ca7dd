"""SmtpMail against a real server on loopback that refuses, tempfails and dies."""

from __future__ import annotations

import asyncio
import email
import socket
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from contracts.mail import MAIL, Arrived, MailContract
from gas.adapters.smtp import Encryption, SmtpMail
from gas.domain.errors import GasError, InputError, Unavailable
from ports import free_port
from rig import SetClock


class Inbox:
    """Keeps what it is sent; answers as told."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.recipient_answer = "250 OK"
        self.data_answer = "250 OK"
        self.dies_after_data = False

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(envelope.content)
        if self.dies_after_data:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.data_answer


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    free = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=free, ready_timeout=30)
    controller.start()
    yield free
    controller.stop()


@pytest.fixture
def sender(port: int) -> SmtpMail:
    return smtp(port)


def smtp(port: int, *, encryption: Encryption = Encryption.NONE, user: str = "") -> SmtpMail:
    return SmtpMail(
        "127.0.0.1",
        port,
        sender="GAS <gas@example.org>",
        clock=SetClock(),
        user=user,
        encryption=encryption,
        timeout_seconds=30,
    )


@pytest.fixture
def arrived(inbox: Inbox) -> Arrived:
    def read() -> list[EmailMessage]:
        return [
            email.message_from_bytes(data, _class=EmailMessage, policy=policy.default)
            for data in inbox.mails
        ]

    return read


class TestSmtpMail(MailContract):
    @pytest.mark.parametrize(
        ("step", "answer", "error", "code"),
        [
            ("recipient_answer", "550 no such user", InputError, "MAIL_REFUSED"),
            ("recipient_answer", "450 try later", Unavailable, "MAIL_UNAVAILABLE"),
            ("data_answer", "554 not this", InputError, "MAIL_REFUSED"),
            ("data_answer", "451 try later", Unavailable, "MAIL_UNAVAILABLE"),
        ],
    )
    def test_refusals_are_sorted(
        self,
        inbox: Inbox,
        sender: SmtpMail,
        step: str,
        answer: str,
        error: type[GasError],
        code: str,
    ) -> None:
        setattr(inbox, step, answer)
        with pytest.raises(error, match=code):
            sender.send(MAIL)
        setattr(inbox, step, "250 OK")
        sender.send(MAIL)
        assert len(inbox.mails) == 1

    def test_a_server_that_dies_after_data_gets_the_same_id_again(
        self, inbox: Inbox, sender: SmtpMail, arrived: Arrived
    ) -> None:
        inbox.dies_after_data = True
        with pytest.raises(Unavailable, match="MAIL_UNAVAILABLE"):
            sender.send(MAIL)
        inbox.dies_after_data = False
        sender.send(MAIL)
        assert [message["Message-ID"] for message in arrived()] == ["<job-1@gas>"] * 2


def test_nobody_listening_is_unavailable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable):
            smtp(probe.getsockname()[1]).send(MAIL)


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_never_sends_in_the_clear_where_encryption_is_asked_for(
    port: int, inbox: Inbox, encryption: Encryption
) -> None:
    with pytest.raises(Unavailable):
        smtp(port, encryption=encryption).send(MAIL)
    assert inbox.mails == []


def test_a_login_that_the_server_does_not_know_is_the_operators(port: int, inbox: Inbox) -> None:
    with pytest.raises(Unavailable):
        smtp(port, user="gas").send(MAIL)
    assert inbox.mails == []


def test_whose_account_it_is_stays_here(sender: SmtpMail, inbox: Inbox) -> None:
    sender.send(replace(MAIL, account_id="01account"))
    assert b"01account" not in inbox.mails[0]
