"""The pages in a real browser: checks before an upload, resuming, keyboard, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from browser.conftest import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
HEAD = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04 and so on", "ZIP archive"),
        (b"dear diary\n", "does not look like a VCF"),
        (b"\x1f\x8b\x08\x00 no gzip", "cannot be unpacked"),
        (HEAD + b"x" * 5_000_001, "your plan allows 5 MB"),
    ],
)
def test_what_cannot_be_used_is_refused_before_it_is_sent(
    page: Page, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "bad.vcf"
    path.write_bytes(content)
    sent: list[str] = []
    page.goto("/jobs/new")
    page.on("request", lambda request: sent.append(request.url))
    page.get_by_label("VCF file").set_input_files(path)
    expect(page.get_by_text(said)).to_be_visible()
    expect(page.get_by_role("button", name="Upload and annotate")).to_be_disabled()
    assert not [url for url in sent if "/uploads" in url]


def test_a_broken_upload_goes_on_after_a_reload(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "long.vcf"
    path.write_bytes(HEAD + b"chr1\t8\t.\tA\tC\t.\t.\t.\n" * 20_000)
    numbers: list[int] = []

    def hold(route: Route) -> None:
        """Lets the first parts through, and keeps the rest on the line."""
        number = int(route.request.url.rsplit("/", 1)[1])
        numbers.append(number)
        if number <= 2:
            route.continue_()

    page.route("**/uploads/*/parts/*", hold)
    page.goto("/jobs/new")
    page.get_by_label("VCF file").set_input_files(path)
    with page.expect_response("**/parts/1"), page.expect_response("**/parts/2"):
        page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("[data-transfer]")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused.")).to_be_visible()
    page.unroute("**/uploads/*/parts/*")
    page.reload()
    resent: list[str] = []
    page.on("request", lambda sent: resent.append(sent.url) if "/parts/" in sent.url else None)
    page.get_by_label("VCF file").set_input_files(path)
    expect(page.get_by_text("goes on where it stopped")).to_be_visible()
    page.get_by_role("button", name="Upload and annotate").click()
    page.wait_for_url("**/jobs/0*")
    again = [int(url.rsplit("/", 1)[1]) for url in resent]
    assert 1 not in again
    assert 2 not in again
    assert again


def test_by_keyboard_alone(page: Page, service: Service) -> None:
    page.goto("/jobs")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name="New job")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/new")
    page.get_by_label("VCF file").focus()
    page.get_by_label("VCF file").set_input_files(service.demo.vcf)
    start = page.get_by_role("button", name="Upload and annotate")
    expect(start).to_be_enabled()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Larger files need premium")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Reference")).to_be_focused()
    page.get_by_label("Reference").select_option("demo")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("ANN as well as CSQ")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(start).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/0*")
    expect(page.locator("#state")).to_contain_text("Completed", timeout=60_000)
    expect(page.get_by_text("with ann")).to_be_visible()
    page.get_by_role("link", name="Delete…").press("Enter")
    page.get_by_role("button", name="Delete it").press("Enter")
    page.wait_for_url("**/jobs")


def test_light_and_dark_are_remembered(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Dark").click()
    page.goto("/jobs")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.get_by_role("button", name="Light").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"


ACCOUNT_PAGES = {
    "Profile": "/account",
    "Plan": "/account/plan",
    "API tokens": "/account/tokens",
    "Webhooks": "/account/webhooks",
    "Your data": "/account/privacy",
}


def test_the_pages_of_an_account_lead_to_each_other(page: Page) -> None:
    page.get_by_role("link", name="Account of ada@example.org").click()
    links = page.get_by_role("navigation", name="Account").get_by_role("link")
    for name, url in ACCOUNT_PAGES.items():
        links.filter(has_text=name).press("Enter")
        page.wait_for_url(f"**{url}")
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        expect(links).to_have_text(list(ACCOUNT_PAGES))
        expect(page.locator("main [aria-current=page]")).to_have_text(name)


def test_the_pages_of_an_account_need_no_script(chromium: Browser, page: Page) -> None:
    state = page.context.storage_state()
    plain = chromium.new_context(
        base_url=page.url.removesuffix("/jobs"), storage_state=state, java_script_enabled=False
    )
    bare = plain.new_page()
    bare.goto("/account")
    bare.get_by_role("link", name="Your data").click()
    expect(bare.get_by_role("heading", level=1)).to_have_text("Your data")
    plain.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_its_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for url in (
        "/",
        "/sign-in",
        "/jobs",
        "/jobs/new",
        *ACCOUNT_PAGES.values(),
        "/account/privacy/delete",
        "/api/docs",
    ):
        page.goto(url)
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), url


@pytest.fixture
def operator(page: Page, service: Service) -> Iterator[Page]:
    service.gas("user", "promote", "ada@example.org")
    yield page
    service.gas("user", "promote", "ada@example.org", "--to", "user")


@pytest.mark.parametrize("width", [390, 768, 992])
def test_the_menu_of_operators_fits_in_one_line(operator: Page, width: int) -> None:
    page = operator
    page.set_viewport_size({"width": width, "height": 800})
    for url in ("accounts", "queues", "outbox", "audit"):
        page.goto(f"/operator/{url}")
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), url
        assert page.evaluate("document.querySelector('header').clientHeight") < 70, url


def test_signing_out_closes_the_private_pages(page: Page, context: BrowserContext) -> None:
    page.goto("/jobs")
    page.get_by_role("button", name="Dark").click()
    page.evaluate("localStorage.setItem('upload:patient.vcf:1:2', 'x')")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    page.goto("/jobs")
    page.wait_for_url(re.compile(r"/sign-in\?next="))
    expect(page.get_by_text("gas user link")).to_be_visible()
    # of files nothing is left in the browser
    assert page.evaluate("Object.entries(localStorage)") == [["theme", "dark"]]
