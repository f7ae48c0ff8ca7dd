"""The pages about one's own data."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest

from gas.domain.messages import EXPORT, FORGET
from gas.journey.export.contents import plain
from gas.workers.account_steps import export_step, forget_step
from gas.workers.loop import Begin
from traces import traces
from web_rig import Browser, Pages


def run(pages: Pages, queue: str, step: Begin) -> None:
    """Takes one message as a worker does."""
    (delivery,) = pages.services.queues.receive(queue, holder=f"test-{queue}")
    work = step(delivery)
    assert work is not None
    work(lambda: False)
    pages.services.queues.delete(delivery.receipt)


def make_export(pages: Pages) -> None:
    run(pages, EXPORT.name, export_step(pages.services, pages.services.site.work_path))


def forget(pages: Pages) -> None:
    pages.journey.clock.forward(seconds=10)
    run(pages, FORGET.name, forget_step(pages.services))


def delete(ada: Browser, email: str = "ada@example.org") -> int:
    ada.get("/account/privacy/delete")
    return ada.form("/account/privacy/delete", email=email).status_code


def test_an_export_from_the_button_to_the_file(pages: Pages) -> None:
    job = pages.completed_job()
    ada = pages.ada()
    assert "Export my data" in ada.get("/account/privacy").text
    assert ada.get("/account/privacy/export/file").status_code == 404
    assert ada.form("/account/privacy/export", with_files="yes").status_code == 303
    waiting = ada.get("/account/privacy").text
    assert "is being made" in waiting
    assert '<button class="btn btn-outline-primary">' not in waiting
    make_export(pages)
    assert "Download the export" in ada.get("/account/privacy").text
    link = ada.get("/account/privacy/export/file").location
    answer = pages.stranger().client.get(link, buffered=True)
    assert "gas-export.zip" in answer.headers["Content-Disposition"]
    names = zipfile.ZipFile(BytesIO(answer.data)).namelist()
    assert f"jobs/{job.id}/input/a.vcf" in names
    pages.journey.clock.forward(minutes=6)
    assert pages.stranger().get(link).status_code == 403


def test_the_export_of_another_is_out_of_reach(pages: Pages) -> None:
    ada = pages.ada()
    ada.form("/account/privacy/export")
    make_export(pages)
    eve = pages.browser("eve@example.org")
    assert eve.get("/account/privacy/export/file").status_code == 404
    assert "Ready since" not in eve.get("/account/privacy").text


def test_deleting_says_what_is_lost_and_needs_the_address(pages: Pages) -> None:
    pages.completed_job()
    pages.journey.upload()
    ada = pages.ada()
    page = ada.get("/account/privacy/delete").text
    assert "1 job with inputs" in page
    assert "1 upload on the way" in page
    assert "API token and webhook" in page
    assert "ada@example.org" in page
    assert delete(ada, "eve@example.org") == 400
    assert ada.get("/jobs").status_code == 200
    assert delete(ada, " ADA@example.org ") == 303
    assert "is deleted" in ada.get("/account/privacy/deleted").text


def test_an_account_without_an_address_types_its_id(pages: Pages) -> None:
    browser = pages.browser("", "nameless")
    assert delete(browser, "") == 400
    account = pages.account("nameless")
    assert account.id in browser.get("/account/privacy/delete").text
    assert delete(browser, account.id) == 303


def test_an_open_browser_is_not_enough(pages: Pages) -> None:
    ada = pages.ada()
    pages.journey.clock.forward(minutes=16)
    page = ada.get("/account/privacy/delete").text
    assert "Sign in again" in page
    assert 'name="email"' not in page
    again = re.search(r'href="([^"]+)">Sign in again', page)
    assert again
    # Who is signed in sees how to do it once more, and is not sent back and forth.
    assert "How to get a link" in ada.get(again[1].replace("&amp;", "&")).text
    assert "How to get a link" not in ada.get("/sign-in").text
    answer = ada.form("/account/privacy/delete", email="ada@example.org")
    assert answer.status_code == 403
    assert "SIGN_IN_AGAIN" in answer.text
    assert pages.services.accounts.get(pages.journey.account.id) is not None
    assert delete(pages.ada()) == 303  # and a session of the same person that is fresh may


def test_from_then_on_sessions_links_and_downloads_are_dead(pages: Pages) -> None:
    job = pages.completed_job()
    ada, elsewhere, late = pages.ada(), pages.ada(), pages.link("ada@example.org", "ada")
    download = ada.get(f"/jobs/{job.id}/files/a.annot.vcf.gz").location
    assert pages.stranger().get(download).status_code == 200
    assert delete(ada) == 303
    assert pages.stranger().get(download).status_code == 404
    for browser in (ada, elsewhere):
        assert browser.get("/jobs").status_code == 302
        assert browser.json("/uploads", name="a.vcf", size_bytes=7).status_code in (400, 401)
    stranger = pages.stranger()
    stranger.get(late)
    token = late.partition("token=")[2]
    assert stranger.form("/sign-in/link", token=token).status_code == 403


def test_signing_in_again_is_a_new_account(pages: Pages) -> None:
    old, job = pages.journey.account.id, pages.completed_job()
    for delivery in pages.services.queues.receive("notify", holder="test"):
        pages.services.queues.delete(delivery.receipt)
    assert delete(pages.ada()) == 303
    again = pages.ada()
    assert pages.account("ada").id != old
    assert again.get(f"/jobs/{job.id}").status_code == 404
    forget(pages)
    assert job.id not in again.get("/jobs").text
    assert again.get("/account/privacy").status_code == 200


def test_nothing_is_left_but_the_audit_log(pages: Pages, tmp_path: Path) -> None:
    """The whole way, through the pages; the log holds the account's id, and nothing else of it."""
    job = pages.completed_job()
    ada = pages.ada()
    ada.form("/account/privacy/export", with_files="yes")
    make_export(pages)
    for delivery in pages.services.queues.receive("notify", holder="test"):
        pages.services.queues.delete(delivery.receipt)
    ada.get(f"/jobs/{job.id}/files/a.annot.vcf.gz")
    assert delete(ada) == 303
    forget(pages)
    account_id = pages.journey.account.id
    assert set(traces(tmp_path, [account_id])) == {"audit.actor", "audit.thing"}
    assert traces(tmp_path, [job.id, "ada@example.org"]) == []
    told = [entry.deed.action for entry in pages.services.audit.page(limit=99)]
    assert told[:2] == ["account.forgotten", "account.deleted"]
    text = str(pages.services.audit.page(limit=99))
    assert not re.search(r"example\.org|a\.vcf|/files/|token", text)


@pytest.mark.parametrize(
    "name",
    [
        "../x.vcf",
        "..",
        ".x.vcf",
        "a\x00.vcf",
        "a\\b.vcf",
        "a" * 4096,
        "\u202efcv.vcf",
        "a\r\nb.vcf",
    ],
)
def test_odd_names_do_not_come_in(pages: Pages, name: str) -> None:
    answer = pages.ada().json("/uploads", name=name, size_bytes=7)
    assert answer.status_code == 400
    assert "BAD_FILE_NAME" in answer.text


@pytest.mark.parametrize("name", ["%2e%2e%2fx.vcf", "=cmd.vcf", "@x.vcf", "-x.vcf", "CON.vcf"])
def test_names_that_only_look_odd_do_no_harm(pages: Pages, name: str, tmp_path: Path) -> None:
    """Neither in a header, nor in an export, nor in the mail."""
    job = pages.journey.submit(pages.journey.upload(name=name))
    delivery = pages.journey.receive()
    assert delivery is not None
    pages.journey.annotate(delivery)
    ada = pages.ada()
    link = ada.get(f"/jobs/{job.id}/files/{quote(name, safe='')}").location
    head = pages.stranger().client.get(link, buffered=True).headers["Content-Disposition"]
    assert head.endswith(f"filename*=UTF-8''{quote(name, safe='')}")
    ada.form("/account/privacy/export", with_files="yes")
    make_export(pages)
    link = ada.get("/account/privacy/export/file").location
    archive = zipfile.ZipFile(BytesIO(pages.stranger().client.get(link, buffered=True).data))
    archive.extractall(tmp_path / "out")
    (found,) = (tmp_path / "out" / "jobs" / job.id / "input").iterdir()
    assert found.name == plain(name)


FOR_ALL = frozenset({"/api/v1/openapi.json"})


def test_private_pages_are_kept_by_nobody(pages: Pages) -> None:
    job = pages.completed_job()
    ada, root = pages.ada(), pages.operator()
    walked = 0
    for rule in pages.app.url_map.iter_rules():
        url = rule.rule.replace("<job_id>", job.id)
        if "<" in url or "GET" not in (rule.methods or set()) or url in FOR_ALL:
            continue
        for browser in (ada, root):
            assert "no-store" in browser.get(url).headers["Cache-Control"], url
            walked += 1
    assert walked >= 30
