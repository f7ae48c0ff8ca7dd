"""How an upload ends before it is a job: refused, cancelled, given up."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from browser.uploads.steps import (
    JOBS,
    choose,
    open_uploads,
    parts_of,
    pause_half_way,
    press,
    remembered,
    sent_from_now_on,
    start,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_an_upload_that_was_given_up_elsewhere_is_begun_anew(page: Page, long_vcf: Path) -> None:
    pause_half_way(page, long_vcf)
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    url = f"/uploads/{open_uploads(page)[0]['id']}"
    assert page.request.delete(url, headers={"X-CSRFToken": token}).status == 204
    press(page, "Go on")
    expect(page.get_by_text("The upload is not there any more")).to_be_visible()
    assert remembered(page) == []
    sent = sent_from_now_on(page)
    start(page)
    page.wait_for_url("**/jobs/0*")
    assert "POST /uploads" in sent
    assert parts_of(sent) == {1, 2, 3, 4, 5, 6}


def test_a_file_refused_for_its_content_is_forgotten(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "headless.vcf"
    path.write_bytes(b"##fileformat=VCFv4.2\nchr1\t8\t.\tA\tC\t.\t.\t.\n")
    choose(page, path)
    start(page)
    expect(page.locator("[data-findings]")).to_contain_text("NO_COLUMN_LINE")
    expect(page.locator("[data-transfer]")).to_be_hidden()
    assert remembered(page) == []
    assert open_uploads(page) == []


def test_cancelled_before_the_check_began_there_is_no_job(page: Page, long_vcf: Path) -> None:
    page.route(JOBS, lambda route: None if route.request.method == "POST" else route.continue_())
    choose(page, long_vcf)
    start(page)
    expect(page.get_by_text("Checking the file…")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_be_disabled()
    press(page, "Cancel the upload")
    expect(page.get_by_text("The upload was cancelled.")).to_be_visible()
    assert page.url.endswith("/jobs/new")
    assert open_uploads(page) == []
    assert remembered(page) == []
    page.unroute(JOBS)
    page.goto("/jobs")
    expect(page.get_by_text("No jobs yet")).to_be_visible()


def test_cancelled_too_late_the_job_is_named_and_not_gone_to(page: Page, long_vcf: Path) -> None:
    answers: list[str] = []

    def keep_the_first_answer(route: Route) -> None:
        if route.request.method != "POST" or answers:
            route.continue_()
        else:
            answers.append(route.fetch().json()["url"])

    page.route(JOBS, keep_the_first_answer)
    choose(page, long_vcf)
    start(page)
    expect(page.get_by_text("Checking the file…")).to_be_visible()
    deadline = time.monotonic() + 15
    while not answers:
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)
    press(page, "Cancel the upload")
    expect(page.get_by_text("The job was created all the same.")).to_be_visible()
    assert page.url.endswith("/jobs/new")
    expect(page.get_by_role("link", name="Go to the job")).to_have_attribute("href", answers[0])
    assert remembered(page) == []


def test_unfinished_uploads_are_listed_and_given_up_by_keyboard(
    page: Page, long_vcf: Path, tmp_path: Path
) -> None:
    page.goto("/jobs/new")
    unfinished = page.get_by_role("region", name="Unfinished uploads")
    expect(unfinished).to_have_count(0)
    pause_half_way(page, long_vcf)
    expect(unfinished).to_be_hidden()  # the one being sent has its own card
    second = long_vcf.rename(tmp_path / "second.vcf")
    pause_half_way(page, second)
    expect(unfinished.get_by_role("listitem")).to_have_count(1)
    expect(unfinished).to_contain_text("long.vcf")
    page.reload()
    expect(unfinished.get_by_role("listitem")).to_have_count(2)
    expect(unfinished.get_by_role("listitem").first).to_contain_text(
        re.compile(r"380 kB · 33 % of it is here · begun .*\d")
    )
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", agree)
    page.get_by_role("button", name="Give up the upload of long.vcf").press("Enter")
    said = page.locator("[data-open-uploads-said]")
    expect(said).to_have_text("The upload of long.vcf was given up.")
    expect(page.get_by_role("button", name="Give up the upload of second.vcf")).to_be_focused()
    assert [upload["name"] for upload in open_uploads(page)] == ["second.vcf"]
    page.keyboard.press("Enter")
    expect(said).to_have_text("The upload of second.vcf was given up.")
    expect(unfinished).to_have_count(0)
    expect(said).to_be_focused()
    assert open_uploads(page) == []
    assert remembered(page) == []
    assert len(asked) == 2


def test_an_upload_is_given_up_only_if_that_was_meant(page: Page, long_vcf: Path) -> None:
    pause_half_way(page, long_vcf)
    page.reload()
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Give up the upload of long.vcf").click()
    assert len(open_uploads(page)) == 1
