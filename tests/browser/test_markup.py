"""Stored XSS: markup in every text that a user or an operator brings stays text on every page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from browser.conftest import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
IMAGE = '<img src=x onerror="window.ran=1;alert(1)">'
SCRIPT = "<script>window.ran=1;alert(2)</script>"
VECTOR = "<svg/onload=window.ran=1>"
VALUE = "<script>alert`6`</script>"  # an INFO value ends at ; and a key at =
ADDRESS = "<svg/onload=alert(3)>@example.org"
MAILED = "'onfocus='alert`4`'autofocus='@example.org"  # an address that mail can be sent to
CONTIG = "&lt;svg/onload=alert&#40;5&#41;&gt;"  # the letters that a contig's name may have
# What `BAD_FILE_NAME` lets through; that names with <, > and " are shown as text: test_jobs.py.
NAME = "' onfocus=alert(5) autofocus='&lt;img src=x&gt;{{7*7}}${7*7}.vcf"
HEAD = f"""##fileformat=VCFv4.2
##source={SCRIPT}
##reference=javascript:alert(4)
##INFO=<ID=NOTE,Number=1,Type=String,Description="{IMAGE.replace('"', "'")}">
##FILTER=<ID=ODD,Description="{SCRIPT}">
##FORMAT=<ID=GT,Number=1,Type=String,Description="{VECTOR}">
##{IMAGE}
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{IMAGE}\t{SCRIPT}
"""


@pytest.fixture
def alarmed(context: BrowserContext) -> Iterator[Page]:
    """It fails the test if a dialog opens."""
    page = context.new_page()
    said: list[str] = []

    def note(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    yield page
    assert said == []


@pytest.fixture
def titled(service: Service) -> Iterator[str]:
    """A reference whose title is markup."""
    files = ("--fasta", str(service.demo.fasta), "--gff", str(service.demo.gff))
    service.gas("reference", "add", "markup", *files, "--title", IMAGE)
    yield IMAGE
    service.gas("reference", "rm", "markup", "--yes")


def harmless(page: Page) -> None:
    """Nothing ran, and no element came of what was text. (What the policy stopped, the fixture of
    the context counts as a complaint.)"""
    assert page.evaluate("window.ran") is None, page.url
    assert page.locator("[onerror], [onload]").count() == 0, page.url


def sign_in(page: Page, service: Service, email: str) -> None:
    page.goto(service.sign_in_link(email))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/jobs")
    expect(page.get_by_text(email)).to_be_visible()


def send(page: Page, path: Path) -> None:
    page.goto("/jobs/new")
    page.get_by_label("VCF file").set_input_files(path)
    page.get_by_label("Reference").select_option("demo")
    harmless(page)
    page.get_by_role("button", name="Upload and annotate").click()
    page.wait_for_url("**/jobs/0*")


def hostile(service: Service, *, contig: str | None = None) -> str:
    """The demo's first records, with markup wherever a VCF has room for text."""
    lines = [line for line in service.demo.vcf.read_text().splitlines() if line[0] != "#"]
    fields = [line.split("\t")[:5] for line in lines[:20]]
    records = [
        (contig or chrom, pos, VECTOR, ref, alt, ".", "ODD", f"NOTE={VALUE}", "GT", "0/1", "1/1")
        for chrom, pos, _, ref, alt in fields
    ]
    odd = (SCRIPT, "1", IMAGE, "A", "C", ".", SCRIPT, VECTOR, "GT", "0/1", VECTOR)
    return HEAD + "".join("\t".join(record) + "\n" for record in (*records, odd))


def test_a_file_full_of_markup_runs_nothing_anywhere(
    alarmed: Page, service: Service, titled: str, tmp_path: Path
) -> None:
    sign_in(alarmed, service, MAILED)
    path = tmp_path / NAME
    path.write_text(hostile(service))
    send(alarmed, path)
    expect(alarmed.locator("#state")).to_contain_text("Completed", timeout=60_000)
    job = alarmed.url
    expect(alarmed.get_by_role("heading", name=NAME)).to_be_visible()
    alarmed.get_by_text("Log", exact=True).click()
    expect(alarmed.locator("pre.log")).to_be_visible()
    harmless(alarmed)
    service.gas("user", "promote", MAILED)
    for url in ("/jobs", "/jobs/new", "/", f"{job}/delete", "/operator/outbox", "/operator/queues"):
        alarmed.goto(url)
        harmless(alarmed)
    alarmed.goto("/")
    expect(alarmed.get_by_text(titled)).to_be_visible()
    alarmed.goto("/operator/outbox")
    alarmed.locator("main a").filter(has_text="{{7*7}}").first.click()
    expect(alarmed.get_by_text(MAILED).first).to_be_visible()
    harmless(alarmed)


def test_a_failure_that_names_what_is_in_the_file_runs_nothing(
    alarmed: Page, service: Service, tmp_path: Path
) -> None:
    sign_in(alarmed, service, ADDRESS)
    path = tmp_path / NAME
    path.write_text(hostile(service, contig=CONTIG))
    send(alarmed, path)
    expect(alarmed.locator("#state")).to_contain_text("Failed", timeout=60_000)
    expect(alarmed.get_by_text(CONTIG).first).to_be_visible()
    harmless(alarmed)
