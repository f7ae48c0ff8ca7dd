"""What every `MailSender` and `Outbox` keeps to. A runner gives the fixtures `sender`, and
`arrived` or `outbox`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest

from gas.domain.errors import InputError, NotFound
from gas.ports.mail import Mail, MailSender, Outbox

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
        "to",
        [
            *("", "@", "ada", "@b.c", "a@", '""@b.c'),
            *("a@b.c, d@e.f", "a@b.c d@e.f", "a@b.c\r\nBcc: d@e.f", "a@b.c\t"),
        ],
    )
    def test_what_is_no_address_is_refused(
        self, sender: MailSender, arrived: Arrived, to: str
    ) -> None:
        with pytest.raises(InputError, match="MAIL_REFUSED"):
            sender.send(replace(MAIL, to=to))
        assert arrived() == []


class OutboxContract:
    """Subclass it in a runner."""

    def test_an_empty_outbox_has_one_empty_page(self, outbox: Outbox) -> None:
        page = outbox.page(7, size=20)
        assert (page.mails, page.number, page.count) == ((), 1, 1)

    def test_every_mail_is_on_one_page(self, outbox: Outbox, sender: MailSender) -> None:
        for number in range(5):
            sender.send(replace(MAIL, message_id=f"m{number}", subject=f"s{number}"))
        pages = [outbox.page(number, size=2) for number in (1, 2, 3)]
        assert [page.count for page in pages] == [3, 3, 3]
        subjects = [mail.subject for page in pages for mail in page.mails]
        assert sorted(subjects) == ["s0", "s1", "s2", "s3", "s4"]
        assert outbox.page(99, size=2) == pages[2]
        assert outbox.page(-1, size=2) == pages[0]

    def test_a_mail_is_read_by_its_name(self, outbox: Outbox, sender: MailSender) -> None:
        sender.send(MAIL)
        (listed,) = outbox.page(1, size=9).mails
        found = outbox.read(listed.name)
        assert (found.to, found.subject) == ("ada@example.org", "Job é is done")
        assert found.text.strip() == "Grüße,\nGAS"
        assert replace(found, text="") == listed

    @pytest.mark.parametrize("name", ["", "../x.eml", "x.eml", "lock", "a/b.eml", "..", "\0.eml"])
    def test_nothing_else_is_read(self, outbox: Outbox, sender: MailSender, name: str) -> None:
        sender.send(MAIL)
        with pytest.raises(NotFound, match="MAIL_NOT_FOUND"):
            outbox.read(name)

    def test_mails_to_an_address_are_removed(self, outbox: Outbox, sender: MailSender) -> None:
        for number, to in enumerate(("Ada@example.org", "ada@example.org", "bob@example.org")):
            sender.send(replace(MAIL, message_id=f"m{number}", to=to))
        assert outbox.remove_of("1", " ada@EXAMPLE.org") == 2
        assert outbox.remove_of("1", "ada@example.org") == 0
        assert [mail.to for mail in outbox.page(1, size=9).mails] == ["bob@example.org"]

    def test_mails_of_an_account_are_removed_wherever_they_go(
        self, outbox: Outbox, sender: MailSender
    ) -> None:
        for number, (owner, to) in enumerate(
            (("1", "old@example.org"), ("1", "new@example.org"), ("2", "new@example.org"))
        ):
            sender.send(replace(MAIL, message_id=f"m{number}", to=to, account_id=owner))
        assert outbox.remove_of("1", "new@example.org") == 2
        (left,) = outbox.page(1, size=9).mails
        assert left.to == "new@example.org"
        assert outbox.remove_of("2", "") == 1
