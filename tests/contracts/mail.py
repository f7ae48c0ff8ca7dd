"""What every `MailSender` keeps to. A runner gives the fixtures `sender` and `arrived`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest

from gas.domain.errors import InputError
from gas.ports.mail import Mail, MailSender

MAIL = Mail("job-1@gas", "ada@example.org", "Job é is done", "Grüße,\nGAS", "<p>Grüße</p>")
Arrived = Callable[[], list[EmailMessage]]


class MailContract:
    """Subclass it in a runner."""

    def test_arrives_as_text_and_html(self, sender: MailSender, arrived: Arrived) -> None:
        sender.send(MAIL)
        (message,) = arrived()
        assert message["To"] == "ada@example.org"
        assert message["Subject"] == "Job é is done"
        assert message["Message-ID"] == "<job-1@gas>"
        assert message["Date"]
        for kind, text in (("plain", "Grüße,\nGAS\n"), ("html", "<p>Grüße</p>\n")):
            body = message.get_body((kind,))
            assert body is not None
            assert body.get_content().replace("\r\n", "\n") == text

    def test_a_repeat_has_the_same_message_id(self, sender: MailSender, arrived: Arrived) -> None:
        sender.send(MAIL)
        sender.send(MAIL)
        assert {message["Message-ID"] for message in arrived()} == {"<job-1@gas>"}

    def test_no_header_is_written_through_a_subject(
        self, sender: MailSender, arrived: Arrived
    ) -> None:
        sender.send(replace(MAIL, subject="x\r\nBcc: eve@example.org\n\nhello"))
        (message,) = arrived()
        assert message["Bcc"] is None
        assert "Bcc" in message["Subject"]

    @pytest.mark.parametrize(
        "to", ["", "@", "ada", "a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f", "a@b.c d@e.f", "@b.c", "a@"]
    )
    def test_what_is_no_address_is_refused(
        self, sender: MailSender, arrived: Arrived, to: str
    ) -> None:
        with pytest.raises(InputError, match="MAIL_REFUSED"):
            sender.send(replace(MAIL, to=to))
        assert arrived() == []
