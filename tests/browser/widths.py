"""Pages on a wide and on a narrow screen."""

from __future__ import annotations

from playwright.sync_api import Page

WIDTHS = (1280, 320)


def fits(page: Page) -> None:
    """Nothing sticks out to the side, at each width, light and dark."""
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            wide: bool = page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
            assert not wide, f"{page.url} at {width}, {scheme}"
