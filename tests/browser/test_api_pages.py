"""The API's own page and the page of tokens, in a real browser, under the real policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def make_token(page: Page) -> str:
    page.goto("/account/tokens")
    page.get_by_label("Name of the program that uses it").fill("<b>nightly</b>")
    page.get_by_role("button", name="Make the token").click()
    value = page.get_by_label("Token of").input_value()
    assert re.fullmatch(r"gas_\w{49}", value)
    return value


def test_an_operation_is_tried_with_a_token(page: Page) -> None:
    token = make_token(page)
    page.goto("/api/docs")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator("#auth-bearer-value").fill(token)
    page.locator(".auth-btn-wrapper .authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()
    operation = page.locator(".opblock", has_text="/api/v1/account")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text("ada@example.org")


def test_a_token_is_listed_and_revoked(page: Page) -> None:
    token = make_token(page)
    page.get_by_role("link", name="I have copied it").click()
    assert token not in page.content()
    row = page.get_by_role("row", name="<b>nightly</b>").first
    expect(row).to_contain_text("jobs:write")
    before = page.get_by_role("button", name="Revoke").count()
    row.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("button", name="Revoke")).to_have_count(before - 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_fit_and_can_be_read(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    make_token(page)
    for url in ("/account/tokens", "/api/docs"):
        page.goto(url)
        page.wait_for_load_state("networkidle")
        wider = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, url
    expect(page.locator(".opblock").first).to_be_visible()
    dark = page.evaluate("document.documentElement.classList.contains('dark-mode')")
    assert dark == (scheme == "dark")


def test_without_javascript_the_page_says_where_to_read(
    chromium: Browser, service: Service
) -> None:
    context = chromium.new_context(base_url=service.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/api/docs")
    page.get_by_role("link", name="the document").click()
    assert "3.1.0" in page.content()
    context.close()
