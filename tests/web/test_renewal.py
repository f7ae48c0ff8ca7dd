"""Renewal of a session: one asks while the others go on, and a crash in between does no harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from gas.domain.account import Identity, Session
from gas.domain.errors import Forbidden, StoreFull, Unavailable
from gas.ports.sign_in import Arrival, Departure, Grant
from gas.web import create_app
from rig import open_journey
from web_rig import Browser, Pages, services_of

EVERY = timedelta(hours=12)


@dataclass
class StrictProvider:
    """Takes what it sealed last, once, as one that rotates its tokens; the rest is theft."""

    name: str = "a strict provider"
    trusted_beyond_loopback: bool = True
    departs: bool = True
    sealed: str = "1"
    asked: int = 0
    returned: list[str] = field(default_factory=list)
    midway: Callable[[], None] = lambda: None

    def begin(self, return_url: str) -> Departure:
        return Departure("https://id.example.org/", {"state": "x"})

    def finish(self, answer: Mapping[str, str], remembered: Mapping[str, str]) -> Arrival:
        return Arrival(Identity("strict", "ada", "ada@example.org"), Grant(self.sealed, EVERY))

    def renew(self, sealed: str) -> Grant:
        self.asked += 1
        if sealed != self.sealed:
            raise Forbidden("NO_LONGER_WELCOME", "This was used already.", cure="Sign in again.")
        self.sealed = str(int(sealed) + 1)
        self.midway()
        return Grant(self.sealed, EVERY)

    def sign_out(self, sealed: str, return_url: str) -> str | None:
        self.returned.append(sealed)
        return None


@pytest.fixture
def provider() -> StrictProvider:
    return StrictProvider()


@pytest.fixture
def pages(tmp_path: Path, provider: StrictProvider) -> Iterator[Pages]:
    with open_journey(tmp_path) as journey:
        services = replace(services_of(journey, tmp_path), sign_in=provider)
        yield Pages(journey, services, create_app(services))


@pytest.fixture
def browser(pages: Pages) -> Browser:
    """Signed in; its session is due to be renewed."""
    browser = pages.stranger()
    assert browser.client.get("/sign-in/return").status_code == 303
    browser.get("/account")
    pages.journey.clock.forward(hours=12)
    return browser


def sessions(pages: Pages) -> list[Session]:
    accounts = pages.services.accounts.page(limit=9)
    (account,) = [each for each in accounts if each.issuer == "strict"]
    return list(pages.services.sessions.of(account.id, pages.journey.clock()))


def test_one_asks_and_the_others_go_on(
    pages: Pages, provider: StrictProvider, browser: Browser
) -> None:
    others: list[int] = []
    provider.midway = lambda: others.append(browser.get("/jobs").status_code)
    assert browser.get("/jobs").status_code == 200
    assert others == [200]
    assert provider.asked == 1
    (session,) = sessions(pages)
    assert session.sealed == "2"
    assert session.renew_at == pages.journey.clock() + EVERY


def test_use_that_is_noted_meanwhile_loses_nothing(
    pages: Pages, provider: StrictProvider, browser: Browser
) -> None:
    def slow() -> None:
        pages.journey.clock.forward(minutes=4, seconds=59)
        browser.get("/jobs")

    provider.midway = slow
    browser.get("/jobs")
    (session,) = sessions(pages)
    assert session.sealed == "2"


def test_a_session_ended_meanwhile_stays_so_and_gives_back(
    pages: Pages, provider: StrictProvider, browser: Browser
) -> None:
    (session,) = sessions(pages)
    provider.midway = lambda: pages.services.sessions.remove(session.id)
    browser.get("/jobs")
    assert sessions(pages) == []
    assert provider.returned == ["2"]
    assert browser.get("/jobs").status_code == 302


def test_a_crash_before_the_answer_is_kept_costs_a_sign_in_and_no_more(
    pages: Pages, provider: StrictProvider, browser: Browser
) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    provider.midway = die
    with pytest.raises(KeyboardInterrupt):
        browser.get("/jobs")
    provider.midway = lambda: None
    assert browser.get("/jobs").status_code == 200  # nobody asks for some minutes
    assert provider.asked == 1
    pages.journey.clock.forward(minutes=5)
    assert browser.get("/jobs").status_code == 302
    assert sessions(pages) == []


def test_who_cannot_be_asked_is_asked_again_later(
    pages: Pages, provider: StrictProvider, browser: Browser
) -> None:
    def away() -> None:
        provider.sealed = "1"  # it heard nothing
        raise Unavailable("SIGN_IN_UNAVAILABLE", "It does not answer.")

    provider.midway = away
    assert [browser.get("/jobs").status_code for _ in range(3)] == [200] * 3
    assert provider.asked == 1
    provider.midway = lambda: None
    pages.journey.clock.forward(minutes=5)
    assert browser.get("/jobs").status_code == 200
    assert provider.asked == 2
    assert [session.sealed for session in sessions(pages)] == ["2"]


def test_on_a_full_disk_nobody_is_asked_and_pages_are_read(
    pages: Pages, provider: StrictProvider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> bool:
        raise StoreFull("STORE_FULL", "There is no room.")

    monkeypatch.setattr(pages.services.sessions, "renew", full)
    assert browser.get("/jobs").status_code == 200
    assert provider.asked == 0


def test_signing_out_elsewhere_gives_back_what_was_granted(
    pages: Pages, provider: StrictProvider, browser: Browser
) -> None:
    there = pages.stranger()
    assert there.client.get("/sign-in/return").status_code == 303
    browser.get("/account")
    browser.form("/account/sessions/end-others")
    assert there.get("/jobs").status_code == 302
    assert len(provider.returned) == 1
    assert browser.form("/sign-out").location == "/"
    assert len(provider.returned) == 2
