"""Subscribing as a person does it: from the plan's page to the one who takes the money and back."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.stripe.books import PRICE
from adapters.stripe.fake import KEY, FakeStripe, fake_stripe
from browser.conftest import environment, free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SETTLE_MILLISECONDS = 30_000


@dataclass
class Shop:
    """The service, and the fake that it sends people to."""

    url: str
    home: Path
    fake: FakeStripe
    settings: dict[str, str]

    def gas(self, *words: str) -> str:
        command = [sys.executable, "-m", "gas.cli", *words, "--home", str(self.home)]
        return subprocess.run(
            command, env=self.settings, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def send(self, body: bytes, signature: str) -> None:
        """As Stripe does, which tries again what is not answered with 2xx."""
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/webhooks/stripe", body, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 204


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    port = free_port()
    with fake_stripe(lambda: datetime.now(UTC)) as fake:
        settings = environment() | {
            "GAS_BILLING": "stripe",
            "GAS_STRIPE_KEY": KEY,
            "GAS_STRIPE_WEBHOOK_SECRETS": fake.secret,
            "GAS_STRIPE_PRICE": PRICE,
            "GAS_STRIPE_OFFER": "10 EUR a month",
            "GAS_STRIPE_API": fake.url,
            "GAS_STRIPE_PAGES": fake.url,
        }
        made = Shop(f"http://127.0.0.1:{port}", folder / "home", fake, settings)
        command = [sys.executable, "-m", "gas.cli", "up", "--home", str(made.home)]
        with (folder / "up.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, "--port", str(port)], env=settings, stdout=log, stderr=log
            )
            try:
                wait_for(port, process)
                yield made
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
        assert fake.complaints == []


@pytest.fixture
def page(shop: Shop, chromium: Browser) -> Iterator[Page]:
    """Ada's, signed in; it fails the test if a page breaks its policy or its script."""
    context = chromium.new_context(base_url=shop.url)
    context.set_default_timeout(15_000)
    complaints: list[str] = []
    context.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    page = context.new_page()
    link = re.search(r"sign-in/link\?token=\S+", shop.gas("user", "link", "ada@example.org"))
    assert link
    page.goto(f"{shop.url}/{link[0]}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/jobs")
    yield page
    context.close()
    assert complaints == []


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
    assert "you are on the free plan now" in shop.gas("mail", "ls")


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
