"""Subscribing as a person does it: from the plan's page to the one who takes the money and back."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.shop import Shop, open_shop, signed_in
from faults.service import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SETTLE_MILLISECONDS = 30_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest.fixture
def page(shop: Shop, chromium: Browser) -> Iterator[Page]:
    with signed_in(shop, chromium) as page:
        yield page


def test_from_free_to_premium_and_back(page: Page, shop: Shop) -> None:
    page.goto("/")
    page.get_by_role("link", name="Account of ada@example.org").click()
    page.get_by_role("link", name="More about your plan").click()
    expect(page.locator("[data-plan]")).to_have_text("free")
    expect(page.get_by_text("10 EUR a month")).to_be_visible()
    page.get_by_role("button", name="Subscribe").click()
    page.wait_for_url(f"{shop.fake.url}/c/pay/*")
    page.get_by_role("button", name="Pay with a bad card").click()
    expect(page.get_by_role("alert")).to_contain_text("declined")
    page.get_by_role("link", name="Back").click()
    expect(page.locator("[data-plan]")).to_have_text("free")
    # The same checkout again; the events are held back at first.
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    page.wait_for_url("**/account/plan/paid")
    expect(page.get_by_text("Not confirmed yet")).to_be_visible()
    shop.fake.hook = shop.send
    shop.fake.deliver()
    # Nobody presses reload.
    expect(page.locator("[data-plan]")).to_have_text("premium", timeout=SETTLE_MILLISECONDS)
    expect(page.locator("[data-said]")).to_have_text("You are on the premium plan")
    expect(page.get_by_text("It is paid until")).to_be_visible()
    page.get_by_role("button", name="Manage at Stripe").click()
    page.wait_for_url(f"{shop.fake.url}/p/session/*")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("link", name="Back").click()
    _until(page, "It is cancelled, and ends")
    page.get_by_role("button", name="Manage at Stripe").click()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("link", name="Back").click()
    _until(page, "goes on until you cancel")
    page.get_by_role("button", name="Manage at Stripe").click()
    page.get_by_role("button", name="End now").click()
    page.get_by_role("link", name="Back").click()
    _until(page, "You pay at Stripe")
    expect(page.get_by_role("button", name="Subscribe")).to_be_visible()
    until(
        lambda: "you are on the free plan now" in shop.gas("mail", "ls"),
        seconds=60,
        what="the mail is sent",
    )


def test_a_forged_event_does_nothing(page: Page, shop: Shop) -> None:
    body = b'{"id":"evt_x","type":"invoice.paid","data":{"object":{"object":"invoice"}}}'
    with pytest.raises(urllib.error.HTTPError, match="400"):
        shop.send(body, "t=1,v1=00")


def test_narrow_dark_and_by_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme="dark")
    page.goto("/account/plan")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    button = page.get_by_role("button", name="Subscribe")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/pay/*")


def _until(page: Page, text: str) -> None:
    """The page is loaded anew until it says so: the events come at their own time."""
    for _ in range(50):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(200)
        page.reload()
    expect(page.get_by_text(text)).to_be_visible()
