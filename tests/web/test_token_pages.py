"""The page of tokens: made, shown once, revoked."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from gas.domain.tokens import MAX_TOKENS, Scope
from web.api.program import Program
from web_rig import Browser, Pages

URL = "/account/tokens"


def make(browser: Browser, **given: object) -> TestResponse:
    fields = {"name": "nightly", "scope": ["jobs:read"], "days": "7", **given}
    return browser.client.post(URL, data={"csrf_token": browser.token, **fields})


def test_a_token_is_shown_once_and_works(pages: Pages) -> None:
    ada = pages.ada()
    assert "You have no tokens" in ada.get(URL).text
    made = make(ada)
    assert made.headers["Cache-Control"] == "no-store"
    found = re.search(r'value="(gas_\w{49})"', made.text)
    assert found
    page = ada.get(URL).text
    assert "nightly" in page
    assert found[1] not in page
    assert found[1] not in ada.get(URL).text
    asking = Program(pages.app.test_client(), found[1])
    assert asking.get("/jobs").status_code == 200
    assert asking.get("/account").status_code == 403
    token = pages.services.api_tokens.of_account(pages.journey.account.id)[0]
    assert (token.expires_at - token.created_at).days == 7
    assert ada.form(f"{URL}/{token.id}/revoke").location == URL
    assert asking.get("/jobs").status_code == 401
    assert ada.form(f"{URL}/{token.id}/revoke").status_code == 404


def test_one_that_is_over_says_so(pages: Pages) -> None:
    ada = pages.ada()
    ada.get(URL)
    make(ada)
    assert "Over" not in ada.get(URL).text
    pages.journey.clock.forward(days=7)
    assert "Over" in ada.get(URL).text


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": ""}, "BAD_TOKEN_NAME"),
        ({"name": "x" * 81}, "BAD_TOKEN_NAME"),
        ({"name": "a\nb"}, "BAD_TOKEN_NAME"),
        ({"scope": []}, "BAD_TOKEN_SCOPES"),
        ({"scope": ["jobs:read", "all"]}, "BAD_TOKEN_SCOPES"),
        ({"days": "0"}, "BAD_TOKEN_DAYS"),
        ({"days": "366"}, "BAD_TOKEN_DAYS"),
        ({"days": "x"}, "BAD_TOKEN_DAYS"),
    ],
)
def test_what_makes_no_token(pages: Pages, given: dict[str, object], code: str) -> None:
    ada = pages.ada()
    ada.get(URL)
    answer = make(ada, **given)
    assert answer.status_code == 400
    assert code in answer.text
    assert pages.services.api_tokens.of_account(pages.journey.account.id) == []


def test_there_is_an_end_to_it(pages: Pages) -> None:
    ada = pages.ada()
    ada.get(URL)
    for _ in range(MAX_TOKENS):
        pages.token(pages.journey.account, Scope.JOBS_READ)
    assert "Make the token" not in ada.get(URL).text
    answer = make(ada)
    assert (answer.status_code, "TOO_MANY_TOKENS" in answer.text) == (409, True)
