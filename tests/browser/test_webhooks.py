"""Webhooks in a real browser: made, tried out, revoked; narrow and wide, light and dark."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from adapters.https.listener import listening
from browser.conftest import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
PICTURES = os.environ.get("GAS_TEST_PICTURES", "")
"""A folder to keep pictures in, for whoever wants to look."""


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_made_tried_out_and_revoked(page: Page, service: Service) -> None:
    with listening() as listener:
        page.goto("/account/webhooks")
        expect(page.get_by_text("No webhook yet")).to_be_visible()
        picture(page, "empty")
        url = f"http://127.0.0.1:{listener.port}/gas"
        page.get_by_label("Address").fill(url)
        page.get_by_label("A job was cancelled").check()
        page.get_by_role("button", name="Make it").click()
        assert page.get_by_label("Secret").input_value().startswith("whsec_")
        picture(page, "made")
        page.get_by_role("button", name="Send a test").click()
        for _ in range(100):
            if page.get_by_text("200 taken").count():
                break
            page.wait_for_timeout(100)
            page.reload()
        expect(page.get_by_text("200 taken")).to_be_visible()
        expect(page.get_by_label("Secret")).to_have_count(0)
        for theme in ("Dark", "Light"):
            page.get_by_role("button", name=theme).click()
            for width in (390, 1280):  # wide at last: the button is behind the menu on a narrow one
                page.set_viewport_size({"width": width, "height": 800})
                picture(page, f"{theme}-{width}")
                root = "document.documentElement"
                assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
        page.get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("No webhook yet")).to_be_visible()
        assert b"webhook.test" in listener.requests[0]
