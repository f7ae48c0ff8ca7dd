"""When the session of the pages ends on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.conftest import Service
from browser.uploads.steps import (
    choose,
    parts_of,
    pause_half_way,
    press,
    sent_from_now_on,
    sign_in,
    start,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_signed_in_anew_in_another_tab_the_upload_goes_on(
    page: Page, context: BrowserContext, service: Service, email: str, long_vcf: Path
) -> None:
    pause_half_way(page, long_vcf)
    sign_in(context.new_page(), service, email)
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 400 else None)
    press(page, "Go on")
    page.wait_for_url("**/jobs/0*")
    assert refused  # the token of the old session was not good any more
    assert len(refused) <= 3  # once for each part on its way


@pytest.mark.parametrize("lost", ["gas_session", None])
def test_signed_out_it_says_where_to_sign_in_and_goes_on_after_that(
    page: Page,
    context: BrowserContext,
    service: Service,
    email: str,
    long_vcf: Path,
    lost: str | None,
) -> None:
    pause_half_way(page, long_vcf)
    context.clear_cookies(name=lost) if lost else context.clear_cookies()
    press(page, "Go on")
    expect(page.locator("[data-findings]")).to_contain_text("it goes on where it stopped")
    page.get_by_role("link", name="Sign in again").click()
    page.wait_for_url(re.compile(r"/sign-in\?next="))
    sign_in(page, service, email)
    sent = sent_from_now_on(page)
    choose(page, long_vcf)
    expect(page.get_by_text("goes on where it stopped")).to_be_visible()
    start(page)
    page.wait_for_url("**/jobs/0*")
    assert parts_of(sent) == {3, 4, 5, 6}
