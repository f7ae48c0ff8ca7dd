"""The outbox and the queues, as an operator sees them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from web_rig import Pages

MAIL = (
    "From: gas@localhost\r\nTo: ada@example.org\r\nSubject: Job {number} <b>done</b>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nYour job is done. <script>\r\n"
)


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    folder = tmp_path / "outbox"
    folder.mkdir()
    for number in range(25):
        path = folder / f"{number}@gas.eml"
        path.write_text(MAIL.format(number=number))
        os.utime(path, (number, number))
    (folder / "half.eml.tmp").write_text("x")
    (folder.parent / "secret.eml").write_text("Subject: secret\n\nx")
    return folder


def test_mails_newest_first_twenty_a_page(pages: Pages, outbox: Path) -> None:
    root = pages.operator()
    first = root.get("/operator/outbox").text
    assert first.index("Job 24 &lt;b&gt;") < first.index("Job 5 &lt;b&gt;")
    assert "Job 4 &lt;b&gt;" not in first
    second = root.get("/operator/outbox?page=2").text
    assert "Job 4 &lt;b&gt;" in second
    assert "2 of 2" in root.get("/operator/outbox?page=99").text


def test_a_mail_is_read_as_text(pages: Pages, outbox: Path) -> None:
    page = pages.operator().get("/operator/outbox/7@gas.eml").text
    assert "Your job is done. &lt;script&gt;" in page


@pytest.mark.parametrize(
    "name", ["..%2Fsecret.eml", "nothing.eml", "half.eml.tmp", "%2e%2e", ".eml"]
)
def test_only_mails_of_the_outbox(pages: Pages, outbox: Path, name: str) -> None:
    assert pages.operator().get(f"/operator/outbox/{name}").status_code == 404


def test_an_empty_outbox_says_so(pages: Pages) -> None:
    assert "Nothing was sent yet" in pages.operator().get("/operator/outbox").text


def test_the_queues_with_what_waits(pages: Pages) -> None:
    pages.journey.submit(pages.journey.upload())
    page = pages.operator().get("/operator/queues").text
    assert "annotate" in page
    assert "JobSubmitted" in page
