"""Sign in, consent, renewal and sign-out with a real provider, plain and shaped like Globus."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from adapters.oidc.conftest import real_clock
from contracts.sign_in import SignInContract
from gas.adapters.oidc.exchange import Tokens
from gas.adapters.oidc.seal import Kept, Seal
from gas.domain.errors import Forbidden, Unavailable
from gas.ports.sign_in import Arrival, SignIn
from oidc_rig import RETURN, SECRET, SITE, Person, RealProvider, open_sign_in


@pytest.fixture
def sign_in(provider: RealProvider) -> SignIn:
    return open_sign_in(provider.settings(), real_clock)


def arrive(sign_in: SignIn, person: Person) -> Arrival:
    departure = sign_in.begin(RETURN)
    return sign_in.finish(person.sign_in(departure), departure.remember)


def opened(arrival: Arrival) -> Kept:
    return Seal(b"k" * 32).open(arrival.grant.sealed)


def is_active(provider: RealProvider, token: str) -> bool:
    path = "/v2/oauth2/token/introspect" if provider.shape == "globus" else "/token/introspection"
    if provider.shape == "globus":
        path = "/token/introspection"  # it has no route of its own in the provider's settings
    answer = requests.post(
        provider.issuer + path, data={"token": token}, auth=("gas", SECRET), timeout=9
    )
    found: bool = answer.json()["active"]
    return found


class TestOidcSignIn(SignInContract):
    pass


def test_a_person_signs_in_agrees_and_is_known(sign_in: SignIn, provider: RealProvider) -> None:
    person = Person("ada")
    arrival = arrive(sign_in, person)
    assert person.forms == ["login", "consent"]
    identity = arrival.identity
    assert (identity.issuer, identity.subject) == (provider.issuer, "ada")
    assert (identity.email, identity.name) == ("ada@example.org", "Ada Lovelace")
    assert identity.institution == "Analytical Engines"
    assert arrival.grant.renew_after == timedelta(hours=12)
    again = arrive(sign_in, person)  # the same browser, which the provider knows
    assert again.identity == identity
    assert person.forms == ["login", "consent"]


def test_linked_identities_come_along_and_are_not_taken(globus: RealProvider) -> None:
    arrival = arrive(open_sign_in(globus.settings(), real_clock), Person("ada"))
    payload = opened(arrival).tokens.id_token.split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert [each["sub"] for each in told["identity_set"]] == ["ada", "ada-at-home"]
    assert told["identity_set"][1]["organization"] == "Linked Institute"
    assert arrival.identity.institution == "Analytical Engines"
    assert "linked" not in repr(arrival).lower()


def test_what_is_odd_in_claims_is_made_plain(sign_in: SignIn) -> None:
    mallory = arrive(sign_in, Person("mallory")).identity
    assert mallory.institution == "x Bcc: all"
    assert "\n" not in mallory.name
    nobody = arrive(sign_in, Person("nobody")).identity
    assert (nobody.email, nobody.name, nobody.subject) == ("", "", "nobody")
    assert arrive(sign_in, Person("unproven")).identity.email == ""


def test_what_is_kept_shows_nothing_of_the_tokens(sign_in: SignIn) -> None:
    arrival = arrive(sign_in, Person("ada"))
    tokens = opened(arrival).tokens
    for token in (tokens.access_token, tokens.refresh_token, tokens.id_token):
        assert len(token) > 20
        assert token not in arrival.grant.sealed
    with pytest.raises(Forbidden, match="NO_LONGER_WELCOME"):
        Seal(b"another" * 5).open(arrival.grant.sealed)


def test_whoever_is_still_welcome_is_renewed(sign_in: SignIn, provider: RealProvider) -> None:
    arrival = arrive(sign_in, Person("ada"))
    first = opened(arrival).tokens
    grant = sign_in.renew(arrival.grant.sealed)
    second = Seal(b"k" * 32).open(grant.sealed).tokens
    assert second.access_token != first.access_token
    assert (second.refresh_token == first.refresh_token) == (provider.shape == "globus")
    assert sign_in.renew(grant.sealed).renew_after == timedelta(hours=12)


def test_whoever_has_gone_is_not_renewed(sign_in: SignIn, provider: RealProvider) -> None:
    arrival = arrive(sign_in, Person("leaver"))
    provider.lets_go("leaver")
    with pytest.raises(Forbidden, match="NO_LONGER_WELCOME"):
        sign_in.renew(arrival.grant.sealed)
    provider.takes_back("leaver")


def test_a_refresh_token_used_up_by_a_thief_ends_the_session(plain: RealProvider) -> None:
    sign_in = open_sign_in(plain.settings(), real_clock)
    arrival = arrive(sign_in, Person("ada"))
    sign_in.renew(arrival.grant.sealed)
    with pytest.raises(Forbidden, match="NO_LONGER_WELCOME"):
        sign_in.renew(arrival.grant.sealed)


def test_another_persons_token_renews_nobody(sign_in: SignIn) -> None:
    tokens = opened(arrive(sign_in, Person("eve"))).tokens
    mixed = Seal(b"k" * 32).close(Kept("ada", tokens))
    with pytest.raises(Forbidden, match="NO_LONGER_WELCOME"):
        sign_in.renew(mixed)


def test_signing_out_gives_the_tokens_back(sign_in: SignIn, provider: RealProvider) -> None:
    arrival = arrive(sign_in, Person("ada"))
    tokens: Tokens = opened(arrival).tokens
    held = (tokens.access_token, tokens.refresh_token)
    assert [is_active(provider, token) for token in held] == [True, True]
    target = sign_in.sign_out(arrival.grant.sealed, f"{SITE}/")
    assert [is_active(provider, token) for token in held] == [False, False]
    assert target
    assert target.startswith(provider.issuer)
    page = requests.get(target, timeout=9)
    assert page.status_code == 200


def test_the_plain_provider_signs_out_and_sends_back(plain: RealProvider) -> None:
    sign_in = open_sign_in(plain.settings(), real_clock)
    person = Person("ada")
    arrival = arrive(sign_in, person)
    target = sign_in.sign_out(arrival.grant.sealed, f"{SITE}/")
    assert target
    assert person.go(target) == f"{SITE}/"
    person.forms.clear()
    arrive(sign_in, person)
    assert "login" in person.forms  # the provider has forgotten this browser


def test_the_page_of_globus_is_told_who_sends_and_where_to_go_back(globus: RealProvider) -> None:
    sign_in = open_sign_in(globus.settings(), real_clock)
    target = sign_in.sign_out("", f"{SITE}/")
    assert target
    parts = urlsplit(target)
    assert parts.path == "/v2/web/logout"
    assert parse_qs(parts.query) == {
        "client_id": ["gas"],
        "redirect_uri": [f"{SITE}/"],
        "redirect_name": ["GAS"],
    }


def test_the_way_there_asks_for_what_the_provider_offers(
    plain: RealProvider, globus: RealProvider
) -> None:
    asked = {}
    for provider in (plain, globus):
        departure = open_sign_in(provider.settings(), real_clock).begin(RETURN)
        assert departure.url
        asked[provider.shape] = parse_qs(urlsplit(departure.url).query)
        assert bool(departure.remember["verifier"]) == (provider is plain)
    assert asked["plain"]["code_challenge_method"] == ["S256"]
    assert "access_type" not in asked["plain"]
    assert "code_challenge" not in asked["globus"]
    assert asked["globus"]["access_type"] == ["offline"]
    for parameters in asked.values():
        assert parameters["response_type"] == ["code"]
        assert parameters["redirect_uri"] == [RETURN]
        assert parameters["nonce"] != parameters["state"]


def test_a_code_works_once(sign_in: SignIn) -> None:
    departure = sign_in.begin(RETURN)
    answer = Person("ada").sign_in(departure)
    sign_in.finish(answer, departure.remember)
    with pytest.raises(Forbidden, match="SIGN_IN_USED_OR_EXPIRED"):
        sign_in.finish(answer, departure.remember)


def test_an_answer_to_another_browser_is_refused(sign_in: SignIn) -> None:
    theirs, ours = sign_in.begin(RETURN), sign_in.begin(RETURN)
    stolen = Person("mallory").sign_in(theirs)
    with pytest.raises(Forbidden, match="SIGN_IN_FOREIGN"):
        sign_in.finish(stolen, ours.remember)
    # with our state put in, the rest of what was remembered does not fit
    with pytest.raises(Forbidden, match=r"SIGN_IN_TOKEN|SIGN_IN_USED_OR_EXPIRED"):
        sign_in.finish({**stolen, "state": ours.remember["state"]}, ours.remember)


@pytest.mark.parametrize("issuer", ["https://evil.example", "", None])
def test_an_answer_of_another_provider_is_refused(plain: RealProvider, issuer: str | None) -> None:
    sign_in = open_sign_in(plain.settings(), real_clock)
    departure = sign_in.begin(RETURN)
    answer = {**Person("ada").sign_in(departure), "iss": issuer}
    if issuer is None:
        del answer["iss"]
    with pytest.raises(Forbidden, match="SIGN_IN_FOREIGN"):
        sign_in.finish({k: str(v) for k, v in answer.items()}, departure.remember)


def test_who_says_no_is_told_so(sign_in: SignIn) -> None:
    departure = sign_in.begin(RETURN)
    answer = Person("ada").sign_in(departure, refuse=True)
    assert answer["error"] == "access_denied"
    with pytest.raises(Forbidden, match="SIGN_IN_DENIED") as caught:
        sign_in.finish(answer, departure.remember)
    assert answer["error_description"] not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        ("login_required", "SIGN_IN_ASKS_AGAIN", Forbidden),
        ("invalid_scope", "SIGN_IN_SET_UP", Unavailable),
        ("temporarily_unavailable", "SIGN_IN_UNAVAILABLE", Unavailable),
        ("<script>", "SIGN_IN_SET_UP", Unavailable),
    ],
)
def test_errors_of_the_provider_are_told_by_code(
    plain: RealProvider, error: str, code: str, kind: type[Exception]
) -> None:
    sign_in = open_sign_in(plain.settings(), real_clock)
    departure = sign_in.begin(RETURN)
    answer = {"error": error, "state": departure.remember["state"], "iss": plain.issuer}
    with pytest.raises(kind, match=code) as caught:
        sign_in.finish(answer, departure.remember)
    assert "<script>" not in str(caught.value)


def test_a_wrong_secret_is_the_operators_matter(provider: RealProvider) -> None:
    sign_in = open_sign_in(provider.settings(client_secret="wrong"), real_clock)
    departure = sign_in.begin(RETURN)
    answer = Person("ada").sign_in(departure)
    with pytest.raises(Unavailable, match="SIGN_IN_SET_UP"):
        sign_in.finish(answer, departure.remember)
