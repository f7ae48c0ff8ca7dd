"""Tokens that a thief or a broken provider would send. Each is refused, and told by the check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from adapters.oidc.conftest import real_clock
from adapters.oidc.forger import KEY, NEW_KEY, SECRET, Forger, forger, signed
from adapters.oidc.forgeries import FORGED, HONEST, Make
from gas.domain.errors import Forbidden, InputError, Unavailable
from gas.ports.sign_in import Arrival
from oidc_rig import RETURN, open_sign_in


@pytest.fixture
def forged() -> Iterator[Forger]:
    with forger() as provider:
        yield provider
        assert provider.complaints == []


def arrive(provider: Forger, **settings: Any) -> Arrival:
    sign_in = open_sign_in(provider.settings(**settings), real_clock)
    departure = sign_in.begin(RETURN)
    assert departure.url
    return sign_in.finish(provider.visit(departure.url), departure.remember)


@pytest.mark.parametrize(("make", "check"), FORGED.values(), ids=FORGED.keys())
def test_forged_is_refused(forged: Forger, make: Make, check: str) -> None:
    forged.make = make
    with pytest.raises(Forbidden, match="SIGN_IN_TOKEN") as caught:
        arrive(forged)
    assert caught.value.reason.place.startswith(check)


@pytest.mark.parametrize("make", HONEST.values(), ids=HONEST.keys())
def test_honest_is_taken(forged: Forger, make: Make) -> None:
    forged.make = make
    forged.person = {"sub": "ada", "name": "Ada"}
    assert arrive(forged).identity.name == "Ada"


def test_a_token_without_a_key_id_is_tried_with_every_key(forged: Forger) -> None:
    forged.keys = [KEY, NEW_KEY]
    forged.person = {"sub": "ada"}
    forged.make = lambda c: jwt.encode({"alg": "RS256"}, c, NEW_KEY, algorithms=["RS256"])
    assert arrive(forged).identity.subject == "ada"


def test_a_shared_secret_signs_only_where_an_operator_says_so(forged: Forger) -> None:
    forged.make = lambda c: signed(c, OctKey.import_key(SECRET), "HS256")
    forged.algorithms = ("HS256",)  # the provider's word alone does not do
    forged.person = {"sub": "ada"}
    with pytest.raises(Forbidden, match="the algorithm"):
        arrive(forged)
    assert arrive(forged, algorithms="HS256").identity.subject == "ada"


def test_what_is_not_signed_counts_for_the_same_person_only(forged: Forger) -> None:
    forged.person = {"sub": "root", "email": "root@example.org"}
    with pytest.raises(Unavailable, match="SIGN_IN_SET_UP"):
        arrive(forged)


def test_what_is_signed_goes_before_what_is_not(forged: Forger) -> None:
    forged.make = lambda c: signed({**c, "email": "ada@example.org"})
    forged.person = {"sub": "ada", "email": "eve@example.org", "name": "Ada", "iss": "evil"}
    identity = arrive(forged).identity
    assert (identity.email, identity.issuer) == ("ada@example.org", forged.url)


def test_keys_change_and_are_read_again(forged: Forger) -> None:
    clock = real_clock()
    now = [clock]
    sign_in = open_sign_in(forged.settings(), lambda: now[0])
    forged.person = {"sub": "ada"}

    def arrives() -> bool:
        departure = sign_in.begin(RETURN)
        assert departure.url
        try:
            sign_in.finish(forged.visit(departure.url), departure.remember)
        except Forbidden:
            return False
        return True

    assert arrives()
    forged.keys = [NEW_KEY]
    forged.make = lambda c: signed(c, NEW_KEY)
    assert not arrives()  # within a minute of the last look
    now[0] += timedelta(seconds=61)
    assert arrives()
    before = forged.asked.count("/keys")
    forged.make = lambda c: signed(c, NEW_KEY, kid="made up")
    assert not any(arrives() for _ in range(5))
    assert forged.asked.count("/keys") == before  # no knocking with made-up ids


@pytest.mark.parametrize(
    "answer",
    [
        (500, b""),
        (200, b"no json"),
        (200, b"[]"),
        (200, b'"text"'),
        (200, b"{}"),
        (200, b'{"access_token": 7}'),
        (400, b'{"error": "temporarily_unavailable"}'),
        (400, b'{"error": 7}'),
    ],
)
def test_a_broken_token_endpoint_is_unavailable(forged: Forger, answer: tuple[int, bytes]) -> None:
    forged.answer = lambda _: answer
    with pytest.raises(Unavailable, match=r"SIGN_IN_UNAVAILABLE|SIGN_IN_SET_UP") as caught:
        arrive(forged)
    assert caught.value.reason.cure


def test_a_provider_that_is_away_is_unavailable_and_not_knocked_at(forged: Forger) -> None:
    forged.silent = True
    sign_in = open_sign_in(forged.settings(), real_clock)
    for _ in range(4):
        with pytest.raises(Unavailable, match="SIGN_IN_UNAVAILABLE"):
            sign_in.begin(RETURN)
    assert len(forged.asked) == 1
    assert sign_in.sign_out("", "http://localhost/") is None


def test_nobody_listens_there(forged: Forger) -> None:
    sign_in = open_sign_in(forged.settings(issuer="http://127.0.0.1:1"), real_clock)
    with pytest.raises(Unavailable, match="SIGN_IN_UNAVAILABLE"):
        sign_in.begin(RETURN)


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"issuer": "https://evil.example"}, "the issuer of the discovery document"),
        ({"token_endpoint": "http://evil.example/token"}, "token_endpoint"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
        ({"end_session_endpoint": "javascript:alert(1)"}, "end_session_endpoint"),
        ({"authorization_endpoint": None}, ""),
    ],
)
def test_a_discovery_document_that_leads_astray_is_not_used(
    forged: Forger, changed: dict[str, str], place: str
) -> None:
    forged.changed = changed
    with pytest.raises(Unavailable) as caught:
        open_sign_in(forged.settings(), real_clock).begin(RETURN)
    assert caught.value.reason.place == place


@pytest.mark.parametrize(("name", "led_to"), [("jwks_uri", "/keys"), ("token_endpoint", "/token")])
def test_redirects_are_not_followed(forged: Forger, name: str, led_to: str) -> None:
    forged.changed = {name: f"{forged.url}/moved"}
    with pytest.raises(Unavailable, match="SIGN_IN_UNAVAILABLE"):
        arrive(forged)
    assert "/moved" in forged.asked
    assert led_to not in forged.asked


@pytest.mark.parametrize(
    "given",
    [
        {"issuer": ""},
        {"issuer": "http://id.example.org"},
        {"issuer": "https://id.example.org?x=1"},
        {"issuer": "https://[broken"},
        {"algorithms": "none"},
        {"algorithms": "RS256 MD5"},
        {"extra": "state=fixed"},
        {"extra": "prompt=login&nonce=fixed"},
    ],
)
def test_unsafe_settings_are_refused(forged: Forger, given: dict[str, str]) -> None:
    with pytest.raises(InputError, match="BAD_SETTING"):
        open_sign_in(forged.settings(**given), real_clock)
