"""Somebody who uploads, in a browser that may meet failures."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from browser.conftest import Service
from browser.uploads.steps import HEAD, sign_in


@pytest.fixture
def context(chromium: Browser, service: Service) -> Iterator[BrowserContext]:
    """As for the other pages, but refused and broken requests, noted by Chromium as errors, are
    what these tests are about."""
    opened = chromium.new_context(base_url=service.url)
    complaints: list[str] = []
    opened.on(
        "console",
        lambda said: (
            complaints.append(said.text)
            if said.type == "error" and not said.text.startswith("Failed to load resource")
            else None
        ),
    )
    opened.on("weberror", lambda error: complaints.append(str(error.error)))
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()
    assert complaints == []


@pytest.fixture
def email() -> str:
    """Somebody new for each test, without the uploads that another left open."""
    return f"{secrets.token_hex(6)}@example.org"


@pytest.fixture
def page(context: BrowserContext, service: Service, email: str) -> Page:
    page = context.new_page()
    sign_in(page, service, email)
    return page


@pytest.fixture
def long_vcf(tmp_path: Path) -> Path:
    """Six parts."""
    path = tmp_path / "long.vcf"
    path.write_bytes(HEAD + b"chr1\t8\t.\tA\tC\t.\t.\t.\n" * 20_000)
    return path
