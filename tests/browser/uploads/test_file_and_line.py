"""When the file, the line or the service fails on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from browser.uploads.steps import (
    JOBS,
    PARTS,
    change,
    choose,
    number_of,
    parts_of,
    pause_half_way,
    press,
    refuse,
    sent_from_now_on,
    start,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_a_file_changed_before_it_is_sent_claims_no_room(page: Page, long_vcf: Path) -> None:
    choose(page, long_vcf)
    sent = sent_from_now_on(page)
    change(long_vcf)
    start(page)
    expect(page.get_by_text("The file has changed since it was chosen")).to_be_visible()
    expect(page.get_by_role("button", name="Upload and annotate")).to_be_disabled()
    assert sent == []
    page.get_by_label("VCF file").set_input_files(long_vcf)
    start(page)
    page.wait_for_url("**/jobs/0*")


@pytest.mark.parametrize("harm", [change, Path.unlink])
def test_a_file_changed_on_its_way_is_told_from_a_broken_line(
    page: Page, long_vcf: Path, harm: Callable[[Path], None]
) -> None:
    content = long_vcf.read_bytes()
    pause_half_way(page, long_vcf)
    harm(long_vcf)
    sent = sent_from_now_on(page)
    press(page, "Go on")
    expect(page.get_by_text("The file has changed since it was chosen")).to_be_visible()
    expect(page.locator("[data-transfer]")).to_be_hidden()
    assert sent  # it was the sending that failed
    long_vcf.write_bytes(content)
    page.get_by_label("VCF file").set_input_files(long_vcf)
    start(page)
    page.wait_for_url("**/jobs/0*")


def test_a_broken_line_is_tried_again(page: Page, long_vcf: Path) -> None:
    broken: list[int] = []

    def break_at_first(route: Route) -> None:
        number = number_of(route.request.url)
        if not told or broken.count(number) < 2:
            broken.append(number)
            route.abort("connectionreset")
        else:
            route.continue_()

    told: list[bool] = []
    page.route(PARTS, break_at_first)
    choose(page, long_vcf)
    start(page)
    expect(page.get_by_text("The line is broken; trying again…")).to_be_visible()
    told.append(True)
    page.wait_for_url("**/jobs/0*")


@pytest.mark.parametrize(
    ("status", "code"), [(503, "TOO_BUSY"), (507, "STORE_FULL"), (500, "INTERNAL_ERROR")]
)
def test_what_is_wrong_with_the_service_stands_beside_the_further_tries(
    page: Page, long_vcf: Path, status: int, code: str
) -> None:
    tries: list[float] = []
    answer = refuse(status, code, "Not now.", **{"Retry-After": "8"})

    def fail_once(route: Route) -> None:
        if number_of(route.request.url) == 3:
            tries.append(time.monotonic())
            if len(tries) == 1:
                answer(route)
                return
        route.continue_()

    page.route(PARTS, fail_once)
    choose(page, long_vcf)
    start(page)
    said = page.locator("[data-transfer-status]")
    expect(said).to_have_text(f"Not now. (part 3) [{code}] Trying again…")
    page.wait_for_url("**/jobs/0*")
    assert len(tries) == 2
    assert tries[1] - tries[0] >= 8


def test_the_check_is_tried_again_too(page: Page, long_vcf: Path) -> None:
    answers = [refuse(503, "STORE_BUSY", "Not now.", **{"Retry-After": "8"})]

    def fail_once(route: Route) -> None:
        if route.request.method == "POST" and answers:
            answers.pop()(route)
        else:
            route.continue_()

    page.route(JOBS, fail_once)
    choose(page, long_vcf)
    start(page)
    said = page.locator("[data-transfer-status]")
    expect(said).to_have_text("Not now. (part 3) [STORE_BUSY] Trying again…")
    page.wait_for_url("**/jobs/0*")


def test_what_was_sent_is_kept_when_a_part_is_refused(page: Page, long_vcf: Path) -> None:
    pause_half_way(page, long_vcf)
    page.route(PARTS, refuse(400, "BAD_REQUEST", "Not so."))
    press(page, "Go on")
    expect(page.locator("[data-findings]")).to_contain_text(
        "Not so. (part 3) Do better. What was sent is kept; it goes on from there. BAD_REQUEST"
    )
    page.unroute(PARTS)
    sent = sent_from_now_on(page)
    start(page)
    page.wait_for_url("**/jobs/0*")
    assert parts_of(sent) == {3, 4, 5, 6}
    assert "POST /uploads" not in sent
