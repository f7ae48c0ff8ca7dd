"""One's own data, with the keyboard and in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_an_export_and_the_end_of_an_account(page: Page, context: BrowserContext) -> None:
    page.goto("/account")
    page.get_by_role("link", name="Your data").press("Enter")
    page.get_by_label("Inputs and results as well").press("Space")
    page.get_by_role("button", name="Export my data").press("Enter")
    expect(page.get_by_role("heading", name="Your data", exact=True)).to_be_visible()
    ready = page.get_by_role("link", name="Download the export")
    for _ in range(100):
        if ready.count():
            break
        page.wait_for_timeout(200)
        page.reload()
    with page.expect_download() as caught:
        ready.press("Enter")
    assert caught.value.suggested_filename == "gas-export.zip"
    page.get_by_role("link", name="Delete my account…").press("Enter")
    shown = page.locator("label[for=email] strong").inner_text()
    page.get_by_role("textbox").fill(shown)
    page.get_by_role("button", name="Delete my account").press("Enter")
    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    page.goto("/jobs")
    expect(page.get_by_role("button", name="Sign in").or_(
        page.get_by_role("heading", name="Sign in"))).to_be_visible()  # fmt: skip
