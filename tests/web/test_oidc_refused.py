"""Sign-ins that come to nothing, at a provider plain or like Globus, and the page that helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import OctKey

from adapters.oidc.forger import KEY, OTHER_KEY, SECRET, Claims, Forger, forger, signed
from adapters.oidc.forgeries import unsigned, with_public_key_as_secret
from gas.adapters.oidc.id_token import half_hash
from gas.web import create_app
from oidc_rig import RealProvider, leave, open_sign_in
from rig import open_journey
from web_rig import Browser, Pages, services_of

Make = Callable[[Claims], str]


@pytest.fixture(params=["plain", "globus"])
def forged(request: pytest.FixtureRequest) -> Iterator[Forger]:
    with forger(request.param) as provider:
        provider.person = {"sub": "ada", "email": "ada@example.org"}
        yield provider
        assert provider.complaints == []


@pytest.fixture
def pages(tmp_path: Path, forged: Forger) -> Iterator[Pages]:
    with open_journey(tmp_path) as journey:
        sign_in = open_sign_in(forged.settings(), lambda: datetime.now(UTC))
        services = replace(services_of(journey, tmp_path), sign_in=sign_in)
        yield Pages(journey, services, create_app(services))


def comes_back(browser: Browser, forged: Forger, **changed: str) -> str:
    """From the sign-in page to the provider and back: the page that helps."""
    answer = {**forged.visit(leave(browser)), **changed}
    refused = browser.client.get("/sign-in/return", query_string=answer)
    assert refused.status_code == 403, refused.text
    assert browser.client.get_cookie("gas_session") is None
    assert answer["code"] not in refused.text
    assert "What to do" in refused.text
    assert 'href="/sign-in"' in refused.text
    return refused.text


def signs_in(browser: Browser, forged: Forger) -> None:
    """As the page that helps advises."""
    answer = browser.client.get("/sign-in/return", query_string=forged.visit(leave(browser)))
    assert (answer.status_code, answer.location) == (303, "/jobs")


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"nonce": "other"}, "the nonce"),
        ({"nonce": None}, "the nonce"),
        ({"aud": "other"}, "the audience"),
        ({"aud": ["gas", "other"]}, "the authorized party"),
        ({"iss": "https://evil.example"}, "the issuer"),
        ({"iss": "https://auth.globus.org"}, "the issuer"),
        ({"at_hash": half_hash("other", "RS512")}, "the access token"),
        ({"exp": 1}, "its end"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    pages: Pages, forged: Forger, changed: Claims, check: str
) -> None:
    browser = pages.stranger()
    forged.make = lambda c: signed({**c, **changed}, algorithm=forged.algorithms[0])
    page = comes_back(browser, forged)
    assert "SIGN_IN_TOKEN" in page
    assert f"Where: {check}" in page
    assert "evil" not in page
    forged.make = None
    signs_in(browser, forged)


@pytest.mark.parametrize(
    "make",
    [
        unsigned,
        with_public_key_as_secret,
        lambda c: signed(c, OctKey.import_key(SECRET), "HS256"),
        lambda c: signed(c, OctKey.import_key(SECRET), "HS512"),
        lambda c: signed(c, algorithm="PS512"),
    ],
    ids=["none", "public key as secret", "HS256", "HS512", "PS512"],
)
def test_a_token_signed_otherwise_than_agreed_is_refused(
    pages: Pages, forged: Forger, make: Make
) -> None:
    forged.make = make
    page = comes_back(pages.stranger(), forged)
    assert "SIGN_IN_TOKEN" in page
    assert "Where: the algorithm" in page


def test_a_token_signed_by_another_key_is_refused(pages: Pages, forged: Forger) -> None:
    browser = pages.stranger()
    forged.make = lambda c: signed(c, OTHER_KEY, forged.algorithms[0])
    assert "Where: the signature" in comes_back(browser, forged)
    forged.make = lambda c: signed(c, KEY, forged.algorithms[0])
    signs_in(browser, forged)


def test_globus_signs_with_rs512_whatever_its_discovery_lists(pages: Pages, forged: Forger) -> None:
    browser = pages.stranger()
    forged.algorithms = ("RS256", "RS512")
    if forged.is_globus:
        assert "Where: the algorithm" in comes_back(browser, forged)
        forged.make = lambda c: signed(c, algorithm="RS512")
    signs_in(browser, forged)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"state": "other"}, "its state"),
        ({"state": ""}, "its state"),
        ({"iss": "https://evil.example"}, "its issuer"),
        ({"iss": ""}, "its issuer"),
    ],
)
def test_an_answer_that_is_not_to_this_sign_in_is_refused(
    pages: Pages, forged: Forger, changed: dict[str, str], what: str
) -> None:
    browser = pages.stranger()
    page = comes_back(browser, forged, **changed)
    assert "SIGN_IN_FOREIGN" in page
    assert f"Where: {what}" in page
    assert "evil" not in page
    assert "/token" not in forged.asked  # nobody is told the code
    signs_in(browser, forged)


def test_without_a_provider_the_sign_in_page_says_so(tmp_path: Path) -> None:
    with open_journey(tmp_path) as journey:
        own = RealProvider("plain", "http://127.0.0.1:1").settings()
        sign_in = open_sign_in(own, lambda: datetime.now(UTC))
        services = replace(services_of(journey, tmp_path), sign_in=sign_in)
        browser = Pages(journey, services, create_app(services)).stranger()
        assert browser.get("/sign-in").status_code == 200
        answer = browser.form("/sign-in")
    assert answer.status_code == 503
    assert "SIGN_IN_UNAVAILABLE" in answer.text
