"""What somebody does on the page for a new job, and what comes between."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Request, Response, Route, expect

from browser.conftest import Service

HEAD = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
PARTS = "**/uploads/*/parts/*"
JOBS = re.compile(r"/jobs$")
FIRST_PARTS = {1, 2}


def sign_in(page: Page, service: Service, email: str) -> None:
    page.goto(service.sign_in_link(email))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/jobs")


def choose(page: Page, path: Path) -> None:
    page.goto("/jobs/new")
    page.get_by_label("VCF file").set_input_files(path)
    expect(page.get_by_text("looks like a VCF")).to_be_visible()


def start(page: Page) -> None:
    page.get_by_role("button", name="Upload and annotate").click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def pause_half_way(page: Page, path: Path) -> None:
    """The first parts have arrived, the others have not."""

    held: list[Route] = []

    def hold(route: Route) -> None:
        if number_of(route.request.url) in FIRST_PARTS:
            route.continue_()
        else:
            held.append(route)

    page.route(PARTS, hold)
    arrived: set[int] = set()

    def note(response: Response) -> None:
        if "/parts/" in response.url:
            arrived.add(number_of(response.url))

    page.on("response", note)
    choose(page, path)
    start(page)
    deadline = time.monotonic() + 15
    while arrived != FIRST_PARTS:
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)
    press(page, "Pause")
    expect(page.get_by_text("Paused.")).to_be_visible()
    for route in held:
        route.abort()  # else Chromium may let them through once nobody listens
    page.unroute(PARTS)


def change(path: Path) -> None:
    """As an edit does; the browser tells times apart by the second."""
    path.write_bytes(path.read_bytes().replace(b"\tA\tC\t", b"\tA\tG\t"))
    later = path.stat().st_mtime + 10
    os.utime(path, (later, later))


def number_of(url: str) -> int:
    return int(url.rsplit("/", 1)[1])


def sent_from_now_on(page: Page) -> list[str]:
    """Method and path of every request that changes something."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method != "GET":
            sent.append(f"{request.method} /{request.url.split('/', 3)[3]}")

    page.on("request", note)
    return sent


def parts_of(sent: list[str]) -> set[int]:
    return {number_of(line) for line in sent if "/parts/" in line}


def refuse(status: int, code: str, message: str, **headers: str) -> Callable[[Route], None]:
    body = json.dumps({"code": code, "message": message, "place": "part 3", "cure": "Do better."})
    return lambda route: route.fulfill(
        status=status, body=body, headers={"Content-Type": "application/json", **headers}
    )


def open_uploads(page: Page) -> list[dict[str, object]]:
    found: list[dict[str, object]] = page.request.get("/uploads").json()
    return found


def remembered(page: Page) -> list[str]:
    found: list[str] = page.evaluate("Object.values(localStorage)")
    return [value for value in found if re.match("0[0-9a-z]{20,}", value)]
