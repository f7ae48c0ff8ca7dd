"""The pages with a real OpenID Connect provider, plain and like Globus: there, back, out again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from markupsafe import escape

from gas.adapters.oidc.seal import Seal
from gas.domain.account import Account, Session
from gas.domain.errors import Forbidden
from gas.web import create_app
from oidc_rig import SITE, Held, Person, RealProvider, come_back, leave, open_sign_in, real_provider
from rig import open_journey
from web_rig import Browser, Pages, services_of

FAREWELLS = {
    "plain": ("/session/end", "post_logout_redirect_uri"),
    "globus": ("/v2/web/logout", "redirect_uri"),
}


@pytest.fixture(scope="module", params=["plain", "globus"])
def provider(request: pytest.FixtureRequest) -> Iterator[RealProvider]:
    with real_provider(request.param) as started:
        yield started


@pytest.fixture
def pages(tmp_path: Path, provider: RealProvider) -> Iterator[Pages]:
    with open_journey(tmp_path) as journey:
        # the provider's clock is the real one
        sign_in = open_sign_in(provider.settings(), lambda: datetime.now(UTC))
        services = replace(services_of(journey, tmp_path), sign_in=sign_in)
        yield Pages(journey, services, create_app(services))


def signed_in(pages: Pages, who: str = "ada") -> Browser:
    browser = pages.stranger()
    come_back(browser, Person(who), leave(browser))
    browser.get("/account")
    return browser


def only_session(pages: Pages, who: str = "ada") -> Session:
    account = account_of(pages, who)
    (found,) = pages.services.sessions.of(account.id, pages.journey.clock())
    return found


def account_of(pages: Pages, who: str = "ada") -> Account:
    """Not that of the rig, which another issuer vouches for."""
    accounts = pages.services.accounts.page(limit=99)
    (found,) = [each for each in accounts if each.subject == who and each.issuer != "test"]
    return found


def test_there_and_back_to_the_page_that_was_wanted(pages: Pages, provider: RealProvider) -> None:
    browser = pages.stranger()
    asked = browser.get("/jobs/new?again=1")
    assert asked.location == "/sign-in?next=/jobs/new?again%3D1"
    url = leave(browser, "/jobs/new?again=1")
    assert url.startswith(provider.issuer)
    page = browser.get("/sign-in?next=/jobs/new")
    assert "Sign in with Test Institute" in page.text
    assert 'value="/jobs/new"' in page.text
    assert come_back(browser, Person("ada"), url) == "/jobs/new?again=1"
    shown = browser.get("/account").text
    assert "ada@example.org" in shown
    assert "Ada Lovelace" in shown
    assert "Analytical Engines" in shown
    assert browser.client.get_cookie("gas_departure") is None
    account = account_of(pages)
    assert (account.issuer, account.role, account.plan) == (provider.issuer, "user", "free")


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/%09/evil", "\\/evil"]
)
def test_nobody_is_sent_elsewhere_afterwards(pages: Pages, target: str) -> None:
    browser = pages.stranger()
    assert "evil" not in browser.get(f"/sign-in?next={target}").text
    browser.get("/sign-in")
    answer = browser.form("/sign-in", next=target)
    url = answer.headers["Refresh"].partition("; url=")[2]
    back = come_back(browser, Person("ada"), url)
    assert back == ("/%09/evil" if target.startswith("/%") else "/jobs")  # a path of ours, odd


def test_an_answer_is_worth_nothing_in_another_browser(pages: Pages) -> None:
    """Else a thief could lead somebody into the thief's account, to leave their files there."""
    thief, victim = pages.stranger(), pages.stranger()
    address = Person("mallory").go(leave(thief)).removeprefix(SITE)
    answer = victim.client.get(address)
    assert answer.status_code == 403
    assert "SIGN_IN_NOT_BEGUN" in answer.text
    assert victim.client.get_cookie("gas_session") is None
    url = leave(victim)  # the victim has begun a sign-in of their own
    answer = victim.client.get(address)
    assert answer.status_code == 403
    assert "SIGN_IN_FOREIGN" in answer.text
    assert come_back(victim, Person("ada"), url) == "/jobs"  # which goes on


def test_an_answer_works_once(pages: Pages) -> None:
    browser = pages.stranger()
    url = leave(browser)
    kept = browser.client.get_cookie("gas_departure")
    assert kept
    address = Person("ada").go(url).removeprefix(SITE)
    assert browser.client.get(address).status_code == 303
    again = browser.client.get(address)
    assert (again.status_code, "SIGN_IN_NOT_BEGUN" in again.text) == (403, True)
    browser.client.set_cookie("gas_departure", kept.value)
    answer = browser.client.get(address)
    assert answer.status_code == 403
    assert "SIGN_IN_USED_OR_EXPIRED" in answer.text
    assert "What to do" in answer.text
    code = dict(parse_qsl(urlsplit(address).query))["code"]
    assert code not in answer.text


def test_what_is_remembered_cannot_be_changed_and_ends_after_ten_minutes(pages: Pages) -> None:
    browser = pages.stranger()
    address = Person("ada").go(leave(browser)).removeprefix(SITE)
    cookie = browser.client.get_cookie("gas_departure")
    assert cookie
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")
    body, _, signature = cookie.value.rpartition(".")
    for spoilt in (f"{body}.{signature[::-1]}", f"x{cookie.value}", "", ".", body, "x.\u00e9"):
        browser.client.set_cookie("gas_departure", spoilt)
        assert "SIGN_IN_NOT_BEGUN" in browser.client.get(address).text
    browser.client.set_cookie("gas_departure", cookie.value)
    pages.journey.clock.forward(minutes=10)
    assert "SIGN_IN_NOT_BEGUN" in browser.client.get(address).text


def test_who_says_no_gets_a_page_that_helps(pages: Pages) -> None:
    browser = pages.stranger()
    address = Person("ada").go(leave(browser), refuse=True).removeprefix(SITE)
    answer = browser.client.get(address)
    assert answer.status_code == 403
    assert "SIGN_IN_DENIED" in answer.text
    assert 'href="/sign-in"' in answer.text


def test_sign_in_is_begun_by_our_own_form_only(pages: Pages) -> None:
    browser = pages.stranger()
    assert browser.client.post("/sign-in").status_code == 400
    assert browser.client.get_cookie("gas_departure") is None


def test_links_let_nobody_in(pages: Pages) -> None:
    browser = pages.stranger()
    link = pages.link("ada@example.org", "ada")
    assert browser.get(link).location == "/sign-in"
    browser.get("/sign-in")
    answer = browser.form("/sign-in/link", token=link.split("token=")[1])
    assert answer.status_code == 403


def test_the_same_address_at_another_provider_is_another_account(pages: Pages) -> None:
    signed_in(pages)
    assert account_of(pages).email == pages.journey.account.email
    assert account_of(pages).id != pages.journey.account.id


def test_linked_identities_open_no_other_account_and_are_shown_nowhere(
    pages: Pages, tmp_path: Path
) -> None:
    """Eve has linked one with Ada's subject and address, and Ada one of another institution."""
    browsers = [signed_in(pages), signed_in(pages, "eve")]
    assert account_of(pages, "eve").id != account_of(pages).id
    assert account_of(pages, "eve").email == "eve@example.org"
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("gas.sqlite3*"))
    assert b"Analytical Engines" in stored
    shown = "".join(browser.get("/account").text for browser in browsers)
    assert "Analytical Engines" in shown
    for word in ("ada-at-home", "linked.example", "Linked Institute"):
        assert word.encode() not in stored
        assert word not in shown


def test_scripts_in_claims_are_text(pages: Pages) -> None:
    browser = signed_in(pages, "mallory")
    for url in ("/account", "/jobs", "/sign-in", "/"):
        text = browser.get(url).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in browser.get("/account").text


def test_claims_count_at_the_first_sign_in_only(pages: Pages) -> None:
    browser = signed_in(pages)
    browser.form("/account/profile", name="Countess", institution="Elsewhere")
    again = signed_in(pages)
    text = again.get("/account").text
    assert "Countess" in text
    assert "Elsewhere" in text


def test_signing_out_revokes_and_leads_to_the_providers_own(
    pages: Pages, provider: RealProvider
) -> None:
    path, parameter = FAREWELLS[provider.shape]
    browser = signed_in(pages, "quitter")
    assert provider.tokens("quitter") == Held(live=2)
    cookie = browser.client.get_cookie("gas_session")
    assert cookie
    answer = browser.form("/sign-out")
    assert answer.status_code == 200
    assert provider.tokens("quitter") == Held(live=0, returned=2)
    url = answer.headers["Refresh"].partition("; url=")[2]
    assert url.startswith(f"{provider.issuer}{path}?")
    assert f'href="{escape(url)}"' in answer.text  # for who stays on our page
    assert dict(parse_qsl(urlsplit(url).query))[parameter] == f"{SITE}/"
    assert browser.client.get_cookie("gas_session") is None
    browser.client.set_cookie("gas_session", cookie.value)
    assert browser.get("/jobs").status_code == 302


def test_signing_in_again_gives_back_what_the_old_session_held(pages: Pages) -> None:
    browser = signed_in(pages)
    old = only_session(pages).sealed
    come_back(browser, Person("ada"), leave(browser))
    with pytest.raises(Forbidden, match="NO_LONGER_WELCOME"):
        pages.services.sign_in.renew(old)
    assert only_session(pages).sealed != old


def test_a_session_is_renewed_when_it_is_due(pages: Pages) -> None:
    browser = signed_in(pages)
    first = only_session(pages)
    pages.journey.clock.forward(hours=11)
    browser.get("/jobs")
    assert only_session(pages).sealed == first.sealed
    pages.journey.clock.forward(hours=1.1)
    assert browser.get("/jobs").status_code == 200
    second = only_session(pages)
    assert second.sealed != first.sealed
    assert first.renew_at
    assert second.renew_at
    assert second.renew_at > first.renew_at


def test_who_has_gone_there_is_signed_out_here(pages: Pages, provider: RealProvider) -> None:
    browser = signed_in(pages, "leaver")
    provider.lets_go("leaver")
    pages.journey.clock.forward(hours=13)
    assert browser.get("/jobs").location == "/sign-in?next=/jobs"
    provider.takes_back("leaver")
    assert browser.get("/jobs").status_code == 302  # over is over
    account = account_of(pages, "leaver")
    assert pages.services.sessions.of(account.id, pages.journey.clock()) == []


def test_while_the_provider_is_away_sessions_go_on(tmp_path: Path) -> None:
    with open_journey(tmp_path) as journey:
        with real_provider("plain") as provider:
            sign_in = open_sign_in(provider.settings(), lambda: datetime.now(UTC))
            services = replace(services_of(journey, tmp_path), sign_in=sign_in)
            pages = Pages(journey, services, create_app(services))
            browser = signed_in(pages)
            before = only_session(pages).sealed
        with pytest.raises(requests.ConnectionError):
            provider.lets_go("ada")  # it is away indeed
        journey.clock.forward(hours=13)
        assert browser.get("/jobs").status_code == 200
        assert browser.get("/jobs").status_code == 200
        assert only_session(pages).sealed == before
        assert browser.form("/sign-out").status_code in (200, 303)
        assert browser.get("/jobs").status_code == 302


def test_tokens_are_on_no_page_and_in_the_store_only_sealed(pages: Pages, tmp_path: Path) -> None:
    browser = signed_in(pages)
    tokens = Seal(b"k" * 32).open(only_session(pages).sealed).tokens
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("gas.sqlite3*"))
    page = browser.get("/account").text
    for token in (tokens.access_token, tokens.refresh_token, tokens.id_token):
        assert token.encode() not in stored
        assert token not in page
