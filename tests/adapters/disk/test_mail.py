"""The outbox: mail as files, and the operator's page."""

from __future__ import annotations

import email
import os
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from contracts.mail import MAIL, Arrived, MailContract
from gas.adapters.disk import DiskMail, outbox_page, read_mail
from gas.domain.errors import NotFound


@pytest.fixture
def sender(tmp_path: Path) -> DiskMail:
    return DiskMail(tmp_path / "outbox")


@pytest.fixture
def arrived(tmp_path: Path) -> Arrived:
    def read() -> list[EmailMessage]:
        return [
            email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)
            for path in (tmp_path / "outbox").glob("*.eml")
        ]

    return read


class TestDiskMail(MailContract):
    def test_a_repeat_is_one_file(self, sender: DiskMail, arrived: Arrived) -> None:
        sender.send(MAIL)
        sender.send(MAIL)
        assert len(arrived()) == 1

    @pytest.mark.parametrize("message_id", ["../../x", "a/b", "x" * 500, "a\0b"])
    def test_no_message_id_leads_out_of_the_folder(
        self, sender: DiskMail, tmp_path: Path, message_id: str
    ) -> None:
        sender.send(replace(MAIL, message_id=message_id))
        (page,) = outbox_page(tmp_path / "outbox", limit=5)
        assert (tmp_path / "outbox" / page.name).is_file()


def test_the_page_is_newest_first_and_goes_on_after_a_name(
    sender: DiskMail, tmp_path: Path
) -> None:
    outbox = tmp_path / "outbox"
    for number in range(5):
        sender.send(replace(MAIL, message_id=f"m{number}", subject=f"s{number}"))
        for path in outbox.glob(f"m{number}-*"):
            os.utime(path, (1000 + number, 1000 + number))
    first = outbox_page(outbox, limit=2)
    assert [entry.subject for entry in first] == ["s4", "s3"]
    rest = outbox_page(outbox, limit=9, after=first[-1].name)
    assert [entry.subject for entry in rest] == ["s2", "s1", "s0"]
    assert read_mail(outbox, first[0].name).strip() == "Grüße,\nGAS"


@pytest.mark.parametrize("name", ["", "../x.eml", "x.eml", "lock", "a/b.eml", "..", "\0.eml"])
def test_reads_nothing_but_its_own_mails(sender: DiskMail, tmp_path: Path, name: str) -> None:
    sender.send(MAIL)
    with pytest.raises(NotFound):
        read_mail(tmp_path / "outbox", name)
