"""The whole service, and Debian's Chromium to use it with."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from data import ROOT as DATA
from gas.engines.bcftools import DemoFiles, make_demo
from ports import free_port

CHROMIUM = "/usr/bin/chromium"
SOURCES = Path(__file__).parents[2] / "src"
SETTINGS = {
    "GAS_FREE_INPUT_BYTES": "5000000",
    "GAS_PART_BYTES": "65536",  # small, so that small files are sent in several parts
    "GAS_ANNOTATORS": "2",
    "GAS_HTTPS_LOOPBACK": "1",  # webhooks of tests are posted to this machine
    "GAS_SIGN_INS_PER_MINUTE": "1000000",  # all tests are one address, and some machines are quick
    "GAS_CHANGES_PER_MINUTE": "1000000",
}


@dataclass
class Service:
    url: str
    home: Path
    demo: DemoFiles

    def gas(self, *words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "gas.cli", *words, "--home", str(self.home)],
            env=environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout

    def sign_in_link(self, email: str) -> str:
        """At this service's port, whatever the settings of the command say."""
        found = re.search(r"sign-in/link\?token=\S+", self.gas("user", "link", email))
        assert found
        return f"{self.url}/{found[0]}"


def environment() -> dict[str, str]:
    return {**os.environ, **SETTINGS, "PYTHONPATH": str(SOURCES)}


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    port = free_port()
    made = Service(f"http://127.0.0.1:{port}", folder / "home", make_demo(folder / "demo"))
    made.gas(
        "reference", "add", "demo", "--fasta", str(made.demo.fasta), "--gff", str(made.demo.gff)
    )
    human = DATA / "human_chr21"
    if human.exists():
        files = ("--fasta", str(human / "chr21.fa.gz"), "--gff", str(human / "chr21.gff3.gz"))
        made.gas("reference", "add", "human_chr21", *files)
    log = (folder / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "gas.cli", "up", "--home", str(made.home), "--port", str(port)],
        env=environment(),
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for(port, process)
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        log.close()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            assert process.poll() is None, "gas up ended"
            assert time.monotonic() < deadline, "gas up does not listen"
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        # no sandbox: tests may run as root in a container
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, service: Service) -> Iterator[BrowserContext]:
    """A browser of its own; it fails the test if a page breaks its policy or its script."""
    opened = chromium.new_context(base_url=service.url, accept_downloads=True)
    complaints: list[str] = []
    opened.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    opened.on("weberror", lambda error: complaints.append(str(error.error)))
    foreign: list[str] = []
    own = urlsplit(service.url).netloc
    opened.on(
        "request",
        lambda sent: (
            foreign.append(sent.url) if urlsplit(sent.url).netloc not in (own, "") else None
        ),
    )
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()
    assert complaints == []
    assert foreign == []


@pytest.fixture
def page(context: BrowserContext, service: Service) -> Page:
    """Signed in by a link, through the pages."""
    page = context.new_page()
    page.goto(service.sign_in_link("ada@example.org"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/jobs")
    return page
