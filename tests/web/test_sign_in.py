"""Signing in by a link, and what a session is worth."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from gas.web import create_app
from rig import open_journey
from web_rig import Pages, services_of


def test_opening_the_link_does_not_use_it_up(pages: Pages) -> None:
    link = pages.link("ada@example.org", "ada")
    for _ in range(3):  # a mail scanner or two
        assert pages.stranger().get(link).status_code == 200
    browser = pages.stranger()
    page = browser.get(link)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    hidden = re.search(r'name="token" value="([^"]+)"', page.text)
    assert hidden
    assert browser.form("/sign-in/link", token=hidden[1]).location == "/jobs"
    assert "ada@example.org" in browser.get("/jobs").text


def test_a_link_works_once(pages: Pages) -> None:
    link = pages.link("ada@example.org", "ada")
    token = link.split("token=")[1]
    first, second = pages.stranger(), pages.stranger()
    for browser in (first, second):
        browser.get(link)
    assert first.form("/sign-in/link", token=token).status_code == 303
    answer = second.form("/sign-in/link", token=token)
    assert answer.status_code == 403
    assert "gas user link" in answer.text
    assert token not in answer.text
    assert second.get("/jobs").status_code == 302


def test_a_link_counts_by_its_form_alone(pages: Pages) -> None:
    """Else a page of others could sign somebody in to an account that is not theirs."""
    token = pages.link("eve@example.org").split("token=")[1]
    browser = pages.stranger()
    assert browser.get(f"/sign-in/return?token={token}").location == "/sign-in"
    assert browser.client.get_cookie("gas_session") is None
    browser.get(f"/sign-in/link?token={token}")
    assert browser.form("/sign-in/link", token=token).status_code == 303  # it was not used up


def test_signing_in_makes_a_new_session_and_ends_the_old_one(pages: Pages) -> None:
    browser = pages.ada()
    old = browser.client.get_cookie("gas_session")
    assert old
    old_token = browser.token
    page = browser.get(pages.link("ada@example.org", "ada"))
    hidden = re.search(r'name="token" value="([^"]+)"', page.text)
    assert hidden
    assert browser.form("/sign-in/link", token=hidden[1]).location == "/jobs"
    new = browser.client.get_cookie("gas_session")
    assert new
    assert new.value != old.value
    thief = pages.stranger()
    thief.client.set_cookie("gas_session", old.value)
    assert thief.get("/jobs").status_code == 302
    assert browser.client.post("/sign-out", data={"csrf_token": old_token}).status_code == 400


def test_signing_out_ends_the_session_for_good(pages: Pages) -> None:
    browser = pages.ada()
    cookie = browser.client.get_cookie("gas_session")
    assert cookie
    assert browser.form("/sign-out").location == "/"
    assert browser.client.get_cookie("gas_session") is None
    browser.client.set_cookie("gas_session", cookie.value)
    assert browser.get("/jobs").status_code == 302


def test_a_session_ends_by_age(pages: Pages) -> None:
    browser = pages.ada()
    for _ in range(7):
        pages.journey.clock.forward(days=1.9)
        assert browser.get("/jobs").status_code == 200
    pages.journey.clock.forward(days=0.8)  # used all the time, and 14 days old
    assert browser.get("/jobs").status_code == 302


def test_a_session_ends_when_nobody_uses_it(pages: Pages) -> None:
    browser = pages.ada()
    pages.journey.clock.forward(days=2.9)
    assert browser.get("/jobs").status_code == 200
    pages.journey.clock.forward(days=3.1)
    assert browser.get("/jobs").status_code == 302


def test_cookies_keep_to_themselves(pages: Pages, tmp_path: Path) -> None:
    cookie = pages.ada().client.get_cookie("gas_session")
    assert cookie
    assert (cookie.http_only, cookie.same_site, cookie.secure) == (True, "Lax", False)
    stored = hashlib.sha256(cookie.value.encode()).hexdigest()
    assert pages.services.sessions.live(stored, pages.journey.clock())
    assert cookie.value.encode() not in (tmp_path / "gas.sqlite3").read_bytes()


def test_over_https_cookies_are_bound_to_the_host(tmp_path: Path) -> None:
    home = tmp_path / "secure"
    home.mkdir()
    with open_journey(home) as journey:
        services = services_of(journey, home, secure_cookies=True)
        pages = Pages(journey, services, create_app(services))
        browser = pages.stranger()
        link = pages.link("ada@example.org", "ada")
        opened = browser.client.get(link, base_url="https://localhost")
        made = opened.headers["Set-Cookie"]
        token = re.search(r'csrf_token" value="([^"]+)"', opened.text)
        assert token
        answer = browser.client.post(
            "/sign-in/link",
            data={"token": link.split("token=")[1], "csrf_token": token[1]},
            base_url="https://localhost",
        )
    assert made.startswith("__Host-gas_form=")
    session = next(c for c in answer.headers.getlist("Set-Cookie") if "gas_session" in c)
    assert session.startswith("__Host-gas_session=")
    for cookie in (made, session):
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
