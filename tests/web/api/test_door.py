"""Who is let in: tokens and their scopes; and how it is told who is not."""

from __future__ import annotations

import re

import pytest

from gas.domain.tokens import ALPHABET, LAST_USED_STEP, Scope, is_token, new_token, token_hash
from gas.web.api.scopes import scope_by_endpoint
from web.api.program import API, Program, program
from web.routes import ROUTES, Whose
from web_rig import DAY, Pages


def test_a_token_is_told_by_its_looks() -> None:
    token = new_token()
    assert re.fullmatch(r"gas_[0-9A-Za-z]{49}", token)
    assert is_token(token)
    assert new_token() != token
    for place in range(len(token)):
        letter = ALPHABET[(ALPHABET.find(token[place]) + 1) % len(ALPHABET)]
        assert not is_token(token[:place] + letter + token[place + 1 :])
    assert not is_token(token[:-1])
    assert not is_token("")
    assert not is_token("gas_" + "é" * 49)


def test_only_its_hash_is_kept(pages: Pages) -> None:
    value = pages.token(pages.journey.account, Scope.JOBS_READ)
    content = (pages.journey.work_path.parent / "gas.sqlite3").read_bytes()
    wal = pages.journey.work_path.parent / "gas.sqlite3-wal"
    content += wal.read_bytes() if wal.exists() else b""
    assert value.encode() not in content
    assert token_hash(value).encode() in content


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic gas_x",
        f"Bearer {new_token()}",
        f"Basic {new_token()}",
        "Bearer \x7f",
    ],
)
def test_what_is_no_token(pages: Pages, header: str) -> None:
    answer = pages.app.test_client().get(f"{API}/jobs", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "TOKEN_REFUSED"
    assert answer.mimetype == "application/problem+json"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_no_token(pages: Pages) -> None:
    answer = pages.ada().client.get(f"{API}/jobs")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "TOKEN_NEEDED")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="gas"'


def test_the_scheme_is_written_as_one_likes(pages: Pages) -> None:
    value = program(pages).token
    asked = pages.app.test_client().get(f"{API}/jobs", headers={"Authorization": f"BEARER {value}"})
    assert asked.status_code == 200


def test_a_token_is_over_when_it_says(pages: Pages) -> None:
    ada = program(pages)
    pages.journey.clock.forward(seconds=DAY.total_seconds() - 1)
    assert ada.get("/jobs").status_code == 200
    pages.journey.clock.forward(seconds=1)
    assert ada.get("/jobs").status_code == 401


def test_use_is_noted_now_and_then(pages: Pages) -> None:
    ada = program(pages)

    def last_used() -> str:
        return str(ada.get("/account").get_json()["token"]["last_used_at"])

    assert last_used() == "None"  # as it was before this use
    assert (first := last_used()) == "2026-01-02T03:04:05.000Z"
    pages.journey.clock.forward(seconds=LAST_USED_STEP.total_seconds() - 1)
    ada.get("/jobs")
    assert last_used() == first
    pages.journey.clock.forward(seconds=1)
    ada.get("/jobs")
    assert last_used() == "2026-01-02T03:09:05.000Z"


def test_each_operation_has_its_scope_and_no_other_opens_it(pages: Pages) -> None:
    api = [route for route in ROUTES if route.is_api]
    endpoints = {
        rule.endpoint for rule in pages.app.url_map.iter_rules() if rule.endpoint[:4] == "api_"
    }
    assert endpoints - {"api_docs.page", "api_docs.document"} == set(scope_by_endpoint)
    endpoint = {
        (method, rule.rule): rule.endpoint
        for rule in pages.app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    program_by_scope = {scope: program(pages, None, scope) for scope in Scope}
    for route in api:
        needed = scope_by_endpoint[endpoint[route.method, route.rule]]
        for scope, asking in program_by_scope.items():
            answer = asking.ask(
                route.method,
                Whose().within(route.url).removeprefix(API),
                json=route.json if route.octets is None else None,
                data=route.octets,
                content_type="application/octet-stream" if route.octets else None,
            )
            refused = answer.status_code == 403 and answer.get_json()["code"] == "SCOPE_MISSING"
            assert refused == (scope is not needed), (route, scope)
            if refused:
                assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]


def test_a_token_makes_none_stronger_or_longer_lived(pages: Pages) -> None:
    ada = program(pages, None, Scope.TOKENS_WRITE, Scope.JOBS_READ)
    stronger = ada.post("/tokens", {"name": "x", "scopes": ["jobs:write"]})
    assert (stronger.status_code, stronger.get_json()["code"]) == (403, "SCOPE_MISSING")
    made = ada.post("/tokens", {"name": "x", "scopes": ["jobs:read"], "days": 365})
    assert made.status_code == 201
    assert made.get_json()["expires_at"] == "2026-01-03T03:04:05.000Z"
    other = Program(pages.app.test_client(), made.get_json()["token"])
    assert other.get("/jobs").status_code == 200
    assert ada.ask("DELETE", f"/tokens/{made.get_json()['id']}").status_code == 204
    assert other.get("/jobs").status_code == 401
    assert ada.ask("DELETE", f"/tokens/{made.get_json()['id']}").status_code == 404


def test_tokens_are_listed_without_their_values(pages: Pages) -> None:
    ada = program(pages)
    answer = ada.get("/tokens")
    assert [token["name"] for token in answer.get_json()["tokens"]] == ["test"]
    assert "gas_" not in answer.text


def test_an_account_is_told_to_its_token(pages: Pages) -> None:
    account = program(pages).get("/account").get_json()
    assert (account["email"], account["plan"]) == ("ada@example.org", "free")
    assert account["limits"] == {"input_bytes": 150_000, "open_uploads": 10}
