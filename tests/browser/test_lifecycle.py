"""The page of a job in each state of its results, as a person sees it.

Time stands still on the server until a test moves it; the whole story, with the workers, is told
elsewhere.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from browser.widths import fits
from gas.domain.job import ResultsState
from gas.domain.plan import Plan
from results_rig import GRACE, put, put_on
from web_rig import Pages, open_pages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

ARCHIVED, RESTORING = ResultsState.ARCHIVED, ResultsState.RESTORING
AVAILABLE, DAMAGED = ResultsState.AVAILABLE, ResultsState.DAMAGED


@dataclass
class Seen:
    pages: Pages
    page: Page
    job_id: str

    def open(self) -> None:
        self.page.goto(f"/jobs/{self.job_id}")


@pytest.fixture
def seen(tmp_path: Path, chromium: Browser) -> Iterator[Seen]:
    with open_pages(tmp_path) as pages:
        server = make_server("127.0.0.1", 0, pages.app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = chromium.new_context(base_url=f"http://127.0.0.1:{server.server_port}")
        complaints: list[str] = []
        context.on(
            "console", lambda said: complaints.append(said.text) if said.type == "error" else None
        )
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        page = context.new_page()
        page.goto(pages.link("ada@example.org", "ada"))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/jobs")
        yield Seen(pages, page, pages.completed_job().id)
        context.close()
        server.shutdown()
        assert complaints == []


def test_the_time_that_is_left_counts_down_and_the_end_shows_by_itself(seen: Seen) -> None:
    seen.open()
    part = seen.page.locator("[data-results]")
    expect(part).to_contain_text("Results available until")
    expect(part.locator("time")).to_have_attribute(
        "title", "Friday, January 2, 2026 at 3:09:05 AM UTC"
    )
    left = part.locator("[data-left]")
    expect(left).to_have_text(re.compile("^4:[0-5][0-9] left$"))  # it began with 5:00
    assert left.get_attribute("aria-hidden") == "true"
    fits(seen.page)
    seen.pages.journey.clock.forward(seconds=GRACE.total_seconds() - 9)
    seen.open()
    expect(left).to_have_text(re.compile("^0:0[0-8] left$"))
    seen.pages.journey.clock.forward(seconds=9)
    expect(seen.page.locator('[data-results="ARCHIVED"]')).to_be_visible()
    expect(seen.page.locator("[data-said]")).to_have_text("Completed. Results: Archived")


def test_a_minute_before_the_end_it_is_said_once(seen: Seen) -> None:
    seen.pages.journey.clock.forward(seconds=GRACE.total_seconds() - 62)
    seen.open()
    expect(seen.page.locator("[data-said]")).to_have_text(
        "One minute is left to download the results."
    )


def test_without_script_the_time_is_there(seen: Seen, chromium: Browser) -> None:
    seen.open()
    context = chromium.new_context(
        java_script_enabled=False, storage_state=seen.page.context.storage_state()
    )
    page = context.new_page()
    page.goto(seen.page.url)
    expect(page.locator("[data-results]")).to_contain_text("until 2026-01-02 03:09 UTC")
    context.close()


def test_archived_offers_what_helps_and_has_no_dead_link(seen: Seen) -> None:
    put(seen.pages.journey, seen.job_id, ARCHIVED)
    seen.open()
    part = seen.page.locator('[data-results="ARCHIVED"]')
    expect(part).to_contain_text("Nothing is lost")
    expect(part).to_contain_text("ask the operator")
    expect(seen.page.get_by_role("link", name="a.annot.vcf.gz")).to_have_count(0)
    expect(seen.page.locator("[data-refused]")).to_have_text("Archived")
    expect(seen.page.get_by_role("link", name="a.vcf", exact=True)).to_be_visible()
    expect(seen.page.locator(".timeline")).to_contain_text("Archived: the results can no longer")
    fits(seen.page)
    part.get_by_role("link", name="run the job again").click()
    expect(seen.page.get_by_role("button", name="Run again")).to_be_in_viewport()


def test_coming_back_and_back_show_by_themselves(seen: Seen) -> None:
    put(seen.pages.journey, seen.job_id, ARCHIVED, RESTORING)
    put_on(seen.pages.journey, Plan.PREMIUM)
    seen.open()
    expect(seen.page.locator('[data-results="RESTORING"]')).to_contain_text(
        "usually takes 3 minutes"
    )
    fits(seen.page)
    put(seen.pages.journey, seen.job_id, AVAILABLE)
    expect(seen.page.locator('[data-results="AVAILABLE"]')).to_contain_text("The results are back")
    expect(seen.page.locator("[data-said]")).to_have_text("Completed. Results: Available")
    fits(seen.page)
    link = seen.page.get_by_role("link", name="a.annot.vcf.gz").get_attribute("href")
    assert link is not None
    assert seen.page.request.get(link, max_redirects=0).status == 303


def test_damaged_says_what_to_do(seen: Seen) -> None:
    put(seen.pages.journey, seen.job_id, DAMAGED)
    seen.open()
    expect(seen.page.locator('[data-results="DAMAGED"]')).to_contain_text("run the job again")
    fits(seen.page)


def test_the_list_and_the_page_of_operators(seen: Seen) -> None:
    journey = seen.pages.journey
    for states in ([ARCHIVED], [ARCHIVED, RESTORING], [DAMAGED]):
        put(journey, seen.pages.completed_job().id, *states)
    seen.page.goto("/jobs")
    expect(seen.page.locator("[data-results]")).to_have_count(4)
    fits(seen.page)
    seen.pages.operator()
    link = seen.pages.link("root@example.org")
    seen.page.context.clear_cookies()
    seen.page.goto(link)
    seen.page.get_by_role("button", name="Sign in").click()
    seen.page.wait_for_url("**/jobs")
    seen.page.goto("/operator/results")
    expect(seen.page.get_by_role("heading", name="Results")).to_be_visible()
    fits(seen.page)
    seen.page.goto("/account/plan")
    fits(seen.page)
    seen.page.goto("/")
    fits(seen.page)
