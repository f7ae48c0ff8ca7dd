"""Signing in with a real provider, plain and like Globus, as a person does it: there, back, the
account page, renewed, and out."""

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

from browser.conftest import environment, wait_for
from oidc_rig import SECRET, RealProvider, real_provider
from ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@dataclass
class Site:
    url: str
    home: Path
    settings: dict[str, str]
    provider: RealProvider

    @property
    def button(self) -> str:
        return f"Sign in with {self.settings.get('GAS_OIDC_NAME', 'Globus')}"

    def gas(self, *words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "gas.cli", *words, "--home", str(self.home)],
            env={**environment(), **self.settings},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout


SHAPES = {"plain": {"GAS_OIDC_NAME": "Test Institute"}, "globus": {"GAS_OIDC_PRESET": "globus"}}


@pytest.fixture(scope="module", params=SHAPES)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("oidc")
    with real_provider(request.param, site=url) as provider:
        settings = {
            "GAS_SIGN_IN": "oidc",
            "GAS_OIDC_ISSUER": provider.issuer,
            "GAS_OIDC_CLIENT_ID": "gas",
            "GAS_OIDC_CLIENT_SECRET": SECRET,
            "GAS_OIDC_RENEW_HOURS": "0.00001",  # at every page
            **SHAPES[request.param],
            "GAS_SITE_URL": url,
            "GAS_PORT": str(port),
            "GAS_ANNOTATORS": "1",
        }
        made = Site(url, folder / "home", settings, provider)
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
    log_text = log_path.read_text()
    assert "then `gas user promote EMAIL` makes an operator" in log_text
    audit_text = site.gas("audit", "ls", "--json", "--limit", "999")
    assert "session.begun" in audit_text
    assert "linked.example" not in log_text + audit_text


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


def sign_in(page: Page, site: Site, name: str) -> None:
    page.get_by_role("button", name=site.button).click()
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def sign_out_there(page: Page, site: Site) -> None:
    """The plain provider asks, and sends back; Globus has a page that leads back."""
    if site.provider.shape == "plain":
        page.get_by_role("button", name="Yes, sign me out").click()
        return
    page.wait_for_url(f"{site.provider.issuer}/v2/web/logout?*")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.get_by_role("link", name="Continue to GAS").click()


def test_there_back_and_out_again(page: Page, site: Site) -> None:
    page.goto("/jobs/new")
    expect(page).to_have_url(f"{site.url}/sign-in?next=/jobs/new")
    sign_in(page, site, "ada")
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
    sign_out_there(page, site)
    page.wait_for_url(f"{site.url}/")
    assert site.provider.tokens("ada").live == 0
    page.goto("/account")
    expect(page).to_have_url(f"{site.url}/sign-in?next=/account")
    page.get_by_role("button", name=site.button).click()
    expect(page.get_by_placeholder("Enter any login")).to_be_visible()  # it has forgotten ada too


def test_who_has_gone_there_is_signed_out_here(page: Page, site: Site) -> None:
    page.goto("/account")
    sign_in(page, site, "leaver")
    page.wait_for_url(f"{site.url}/account")
    before = site.provider.tokens("leaver").renewals
    page.reload()
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    assert site.provider.tokens("leaver").renewals > before
    site.provider.lets_go("leaver")
    page.reload()
    expect(page).to_have_url(f"{site.url}/sign-in?next=/account")
    site.provider.takes_back("leaver")


def test_who_says_no_is_told_what_to_do(page: Page, site: Site) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name=site.button).click()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"{site.url}/sign-in/return?*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("you said no there")
    expect(page.get_by_text("SIGN_IN_DENIED")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("button", name=site.button)).to_be_visible()


def test_the_operator_is_made_on_the_command_line(page: Page, site: Site) -> None:
    page.goto("/operator/queues")
    sign_in(page, site, "olga")
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
    sign_in(page, site, "wide" * 20)
    page.wait_for_url(f"{site.url}/account")
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
