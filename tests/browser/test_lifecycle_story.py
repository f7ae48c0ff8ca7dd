"""The whole life of results, as a free user sees it who then subscribes.

Through the real service with all its workers, on the clock of the machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.shop import Shop, open_shop, signed_in
from browser.test_journey import choose, download, follow
from browser.widths import fits
from faults.service import until
from gas.engines.bcftools import DemoFiles, make_demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

GRACE_SECONDS, RESTORE_SECONDS = "20", "30"
SOON_MILLISECONDS = 90_000
NAME = "demo.annot.vcf.gz"
TIMELINE = [
    "Submitted",
    "Annotation started",
    "Completed",
    "Archived: the results can no longer be downloaded",
    "In cold storage",
    "Asked back from cold storage",
    "Back: the results can be downloaded again",
]
"""In this order; the mail about the end of the run comes when it likes."""


@pytest.fixture
def demo(tmp_path: Path) -> DemoFiles:
    return make_demo(tmp_path / "demo")


@pytest.fixture
def shop(tmp_path: Path, demo: DemoFiles) -> Iterator[Shop]:
    """The operator has set a grace period that a test can wait for."""
    with open_shop(tmp_path, GAS_DISK_RESTORE_SECONDS=RESTORE_SECONDS) as opened:
        opened.fake.hook = opened.send
        files = ("--fasta", str(demo.fasta), "--gff", str(demo.gff))
        opened.gas("reference", "add", "demo", *files)
        opened.gas("queue", "set", "archive", "--delay", GRACE_SECONDS)
        yield opened


@pytest.fixture
def page(shop: Shop, chromium: Browser) -> Iterator[Page]:
    with signed_in(shop, chromium) as page:
        yield page


def test_from_free_to_archived_to_premium_and_back(
    page: Page, shop: Shop, demo: DemoFiles, tmp_path: Path
) -> None:
    choose(page, demo.vcf, "demo")
    follow(page)
    job_url = page.url
    sha256, href = _can_be_downloaded_for_a_while(page)
    _is_archived_by_itself(page, href)
    _she_subscribes(page)
    page.goto(job_url)
    _comes_back_by_itself(page)
    again = download(page, NAME, tmp_path)
    assert hashlib.sha256(again.read_bytes()).hexdigest() == sha256
    _the_timeline_tells_all(page)
    assert page.request.get(href, max_redirects=0).status == 303
    _one_mail_says_that_they_are_back(shop)


def _can_be_downloaded_for_a_while(page: Page) -> tuple[str, str]:
    """The checksum that the page names for the file, and where its link leads."""
    part = page.locator('[data-results="AVAILABLE"]')
    expect(part).to_contain_text("Results available until")
    expect(part.locator("[data-left]")).to_contain_text("left")
    fits(page)
    link = page.get_by_role("link", name=NAME, exact=True)
    href = link.get_attribute("href")
    assert href
    row = page.locator("li", has=link)
    return row.locator(".checksum code").inner_text(), href


def _is_archived_by_itself(page: Page, href: str) -> None:
    part = page.locator('[data-results="ARCHIVED"]')
    expect(part).to_be_visible(timeout=SOON_MILLISECONDS)
    expect(part).to_contain_text("Nothing is lost")
    expect(part).to_contain_text(f"usually within {RESTORE_SECONDS} seconds")
    expect(page.get_by_role("link", name=NAME, exact=True)).to_have_count(0)
    expect(page.locator(".timeline .event-cold")).to_be_visible(timeout=SOON_MILLISECONDS)
    fits(page)
    refused = page.request.get(href, max_redirects=0, headers={"Accept": "application/json"})
    assert refused.status == 403
    assert refused.json()["code"] == "RESULTS_ARCHIVED"


def _she_subscribes(page: Page) -> None:
    """By what the page of the job offers."""
    part = page.locator('[data-results="ARCHIVED"]')
    part.get_by_role("link", name="subscribe to premium").click()
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.locator("[data-plan]")).to_have_text("premium", timeout=SOON_MILLISECONDS)


def _comes_back_by_itself(page: Page) -> None:
    part = page.locator('[data-results="RESTORING"]')
    expect(part).to_contain_text("coming back from cold storage, since")
    expect(part).to_contain_text(f"It usually takes {RESTORE_SECONDS} seconds")
    expect(page.locator("[data-refused=RESULTS_RESTORING]").first).to_be_visible()
    fits(page)
    back = page.locator('[data-results="AVAILABLE"]')
    expect(back).to_contain_text("The results are back", timeout=SOON_MILLISECONDS)
    fits(page)


def _the_timeline_tells_all(page: Page) -> None:
    lines = page.locator(".timeline li:not(.event-notified) > span:first-child").all_inner_texts()
    assert lines == TIMELINE


def _one_mail_says_that_they_are_back(shop: Shop) -> None:
    def subjects() -> list[str]:
        return [mail["subject"] for mail in json.loads(shop.gas("mail", "ls", "--json"))]

    def idle() -> bool:
        states = json.loads(shop.gas("queue", "ls", "--json"))
        busy = ("visible", "delayed", "held", "dead")
        return not any(each[name] for each in states for name in busy)

    until(idle, seconds=60, what="nothing is left to do")
    told = subjects()
    assert len([each for each in told if "your results are back" in each]) == 1, told
    assert len([each for each in told if "you are on the premium plan now" in each]) == 1, told
