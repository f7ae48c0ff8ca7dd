"""The whole service with somebody who takes the money, and a person signed in to it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page

from adapters.stripe.books import PRICE
from adapters.stripe.fake import KEY, FakeStripe, fake_stripe
from browser.conftest import environment, wait_for
from ports import free_port


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


@contextmanager
def open_shop(folder: Path, **settings: str) -> Iterator[Shop]:
    port = free_port()
    with fake_stripe(lambda: datetime.now(UTC)) as fake:
        given = environment() | {
            "GAS_BILLING": "stripe",
            "GAS_STRIPE_KEY": KEY,
            "GAS_STRIPE_WEBHOOK_SECRETS": fake.secret,
            "GAS_STRIPE_PRICE": PRICE,
            "GAS_STRIPE_OFFER": "10 EUR a month",
            "GAS_STRIPE_API": fake.url,
            "GAS_STRIPE_PAGES": fake.url,
        }
        made = Shop(f"http://127.0.0.1:{port}", folder / "home", fake, given | settings)
        command = [sys.executable, "-m", "gas.cli", "up", "--home", str(made.home)]
        with (folder / "up.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, "--port", str(port)], env=made.settings, stdout=log, stderr=log
            )
            try:
                wait_for(port, process)
                yield made
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
        assert fake.complaints == []


@contextmanager
def signed_in(shop: Shop, chromium: Browser) -> Iterator[Page]:
    """Ada's page; it fails the test if one breaks its policy or its script."""
    context = chromium.new_context(base_url=shop.url, accept_downloads=True)
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
