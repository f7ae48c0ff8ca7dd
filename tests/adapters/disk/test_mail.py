"""The outbox: mail as files, and what operators see of it."""

from __future__ import annotations

import email
import os
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from contracts.mail import MAIL, Arrived, MailContract, OutboxContract
from gas.adapters.disk import DiskMail, DiskOutbox
from rig import SetClock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def sender(folder: Path) -> DiskMail:
    return DiskMail(folder, clock=SetClock())


@pytest.fixture
def outbox(folder: Path) -> DiskOutbox:
    return DiskOutbox(folder)


@pytest.fixture
def arrived(folder: Path) -> Arrived:
    def read() -> list[EmailMessage]:
        return [
            email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)
            for path in folder.glob("*.eml")
        ]

    return read


class TestDiskMail(MailContract):
    def test_a_repeat_is_one_file(self, sender: DiskMail, arrived: Arrived) -> None:
        sender.send(MAIL)
        sender.send(MAIL)
        assert len(arrived()) == 1

    @pytest.mark.parametrize("message_id", ["../../x", "a/b", "x" * 500, "a\0b"])
    def test_no_message_id_leads_out_of_the_folder(
        self, sender: DiskMail, outbox: DiskOutbox, folder: Path, message_id: str
    ) -> None:
        sender.send(replace(MAIL, message_id=message_id))
        (mail,) = outbox.page(1, size=5).mails
        assert (folder / mail.name).is_file()


class TestDiskOutbox(OutboxContract):
    def test_the_newest_is_first(self, sender: DiskMail, outbox: DiskOutbox, folder: Path) -> None:
        for number in range(3):
            sender.send(replace(MAIL, message_id=f"m{number}", subject=f"s{number}"))
            for path in folder.glob(f"m{number}-*"):
                os.utime(path, (1000 + number, 1000 + number))
        mails = outbox.page(1, size=9).mails
        assert [mail.subject for mail in mails] == ["s2", "s1", "s0"]
        assert [mail.at.timestamp() for mail in mails] == [1002, 1001, 1000]

    def test_a_folder_that_is_not_there_yet_is_an_empty_outbox(self, tmp_path: Path) -> None:
        assert DiskOutbox(tmp_path / "none").page(1, size=9).mails == ()
