"""Signing in with a real provider, as a person does it: there, back, the account page, and out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from browser.conftest import environment, free_port, wait_for
from oidc_rig import SECRET, real_provider

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@dataclass
class Site:
    url: str
    home: Path
    settings: dict[str, str]

    def gas(self, *words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "gas.cli", *words, "--home", str(self.home)],
            env={**environment(), **self.settings},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("oidc")
    with real_provider("plain", site=url) as provider:
        settings = {
            "GAS_SIGN_IN": "oidc",
            "GAS_OIDC_ISSUER": provider.issuer,
            "GAS_OIDC_CLIENT_ID": "gas",
            "GAS_OIDC_CLIENT_SECRET": SECRET,
            "GAS_OIDC_NAME": "Test Institute",
            "GAS_SITE_URL": url,
            "GAS_PORT": str(port),
            "GAS_ANNOTATORS": "1",
        }
        made = Site(url, folder / "home", settings)
        with served(made, port, folder / "up.log"):
            yield made


@contextmanager
def served(site: Site, port: int, log_path: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "gas.cli", "up", "--home", str(site.home)]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment(), **site.settings},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(port, process)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    assert "then `gas user promote EMAIL` makes an operator" in log_path.read_text()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> Iterator[Page]:
    """Fails the test if a page breaks its policy or its script."""
    context = chromium.new_context(base_url=site.url, java_script_enabled=request.param)
    complaints: list[str] = []
    # The provider's own pages want fonts from elsewhere.
    context.route(lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort())

    def listen(said: ConsoleMessage) -> None:
        ours = said.location["url"].startswith(site.url)
        refused = "the server responded with a status of 403" in said.text  # some are, on purpose
        if said.type == "error" and ours and not refused:
            complaints.append(said.text)

    context.on("console", listen)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()
    assert complaints == []


def sign_in(page: Page, name: str) -> None:
    page.get_by_role("button", name="Sign in with Test Institute").click()
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_there_back_and_out_again(page: Page, site: Site) -> None:
    page.goto("/jobs/new")
    expect(page).to_have_url(f"{site.url}/sign-in?next=/jobs/new")
    sign_in(page, "ada")
    page.wait_for_url(f"{site.url}/jobs/new")
    page.get_by_role("link", name="ada@example.org").click()
    expect(page.get_by_label("Institution")).to_have_value("Analytical Engines")
    page.get_by_label("Name").fill("Ada <b>King</b>")
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_label("a job failed").uncheck()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your profile is saved.")
    expect(page.get_by_label("Name")).to_have_value("Ada <b>King</b>")
    expect(page.get_by_label("a job failed")).not_to_be_checked()
    row = page.get_by_role("listitem").filter(has_text="this one")
    expect(row).to_contain_text("Chrome on Linux")
    expect(row.locator("time").first).to_contain_text("JST")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{site.url}/")
    page.goto("/account")
    expect(page).to_have_url(f"{site.url}/sign-in?next=/account")


def test_who_says_no_is_told_what_to_do(page: Page, site: Site) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with Test Institute").click()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"{site.url}/sign-in/return?*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("you said no there")
    expect(page.get_by_text("SIGN_IN_DENIED")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in with Test Institute")).to_be_visible()


def test_the_operator_is_made_on_the_command_line(page: Page, site: Site) -> None:
    page.goto("/operator/queues")
    sign_in(page, "olga")
    page.wait_for_url(f"{site.url}/operator/queues")
    expect(page.get_by_text("OPERATORS_ONLY")).to_be_visible()
    site.gas("user", "promote", "olga@example.org")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Queues")
    site.gas("user", "promote", "olga@example.org", "--to", "user")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_account_page_fits_its_window(page: Page, site: Site, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/account")
    sign_in(page, "wide" * 20)
    page.wait_for_url(f"{site.url}/account")
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
