"""A request that was let in just before its account was deleted makes nothing that stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from gas.domain.account import Account
from gas.journey.forget import delete_account
from gas.web import create_app
from rig import open_journey
from traces import traces
from web.api.program import Program, program
from web.test_privacy import forget
from web.test_renewal import StrictProvider
from web_rig import Browser, Pages, services_of

HOOK: dict[str, Any] = {"url": "https://lab.example.org/", "events": ["job.failed"]}


def hook_form(browser: Browser) -> TestResponse:
    return browser.client.post("/account/webhooks", data=HOOK | {"csrf_token": browser.token})


Ask = Callable[[Browser, Program], TestResponse]
REQUESTS: dict[str, tuple[str, str, Ask]] = {
    "a webhook": ("webhooks", "add", lambda it, _: hook_form(it)),
    "a webhook of a program": ("webhooks", "add", lambda _, it: it.post("/webhooks", HOOK)),
    "a token": (
        "api_tokens",
        "add",
        lambda it, _: it.form("/account/tokens", name="x", scope="jobs:read", days="7"),
    ),
    "a token of a program": (
        "api_tokens",
        "add",
        lambda _, it: it.post("/tokens", {"name": "x", "scopes": ["jobs:read"]}),
    ),
    "an export": ("exports", "of_account", lambda it, _: it.form("/account/privacy/export")),
    "a key": ("request_keys", "claim", lambda _, it: it.submit(it.upload(), "a-key")),
}


def delete(pages: Pages, account: Account) -> None:
    wired = pages.services
    delete_account(
        account,
        accounts=wired.accounts,
        queues=wired.queues,
        together=wired.together,
        clock=wired.clock,
    )


def deleted_before(
    monkeypatch: pytest.MonkeyPatch,
    pages: Pages,
    port: str,
    name: str,
    *,
    rounds: bool = True,
    account: Account | None = None,
) -> None:
    """Just before this is called, the account is deleted, and forgotten as far as it goes."""
    kept = getattr(pages.services, port)
    real, leaver = getattr(kept, name), account or pages.account("ada")

    def late(*given: object, **named: object) -> object:
        monkeypatch.setattr(kept, name, real)
        delete(pages, leaver)
        if rounds:
            forget(pages)
        return real(*given, **named)

    monkeypatch.setattr(kept, name, late)


def assert_told(answer: TestResponse) -> None:
    """With the code and the cure, on a page and by a problem."""
    if answer.is_json:
        told = answer.get_json()
        assert (told["code"], told["cure"]) == ("ACCOUNT_DELETED", "Sign in again for a new one.")
    else:
        assert "ACCOUNT_DELETED" in answer.text
        assert "Sign in again for a new one." in answer.text


@pytest.mark.parametrize("what", REQUESTS)
def test_what_it_makes_is_refused_even_when_all_is_forgotten(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str
) -> None:
    port, name, ask = REQUESTS[what]
    browser, asking, account = pages.ada(), program(pages), pages.account("ada")
    deleted_before(monkeypatch, pages, port, name)
    answer = ask(browser, asking)
    assert answer.status_code == 404
    assert_told(answer)
    assert pages.services.accounts.marked(account.id) is None, "it is gone altogether"
    assert set(traces(tmp_path, [account.id])) == {"audit.actor", "audit.thing"}
    told = {entry.deed.action for entry in pages.services.audit.page(limit=99)}
    assert told == {"session.begun", "account.forgotten"}


def test_a_sign_in_leaves_no_session_and_is_written_down_as_refused(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, stranger = pages.account("ada"), pages.stranger()
    link = pages.link("ada@example.org", "ada")
    stranger.get(link)
    deleted_before(monkeypatch, pages, "sessions", "add", rounds=False)
    answer = stranger.form("/sign-in/link", token=link.partition("token=")[2])
    assert answer.status_code == 404
    assert_told(answer)
    assert "gas_session" not in str(answer.headers)
    assert pages.services.sessions.of(account.id, pages.journey.clock()) == []
    (told,) = [entry.deed for entry in pages.services.audit.page(limit=99)]
    assert (told.actor, told.action) == ("visitor", "session.refused")
    assert told.detail == "ACCOUNT_DELETED 1"
    assert pages.ada().get("/jobs").status_code == 200, "who signs in again is somebody new"
    assert pages.account("ada").id != account.id


def test_a_sign_in_that_is_refused_gives_back_what_was_granted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    provider = StrictProvider()
    with open_journey(tmp_path) as journey:
        services = replace(services_of(journey, tmp_path), sign_in=provider)
        pages = Pages(journey, services, create_app(services))
        assert pages.stranger().client.get("/sign-in/return").status_code == 303
        (account,) = [it for it in services.accounts.page(limit=9) if it.issuer == "strict"]
        deleted_before(monkeypatch, pages, "sessions", "add", rounds=False, account=account)
        provider.sealed = "2"
        answer = pages.stranger().client.get("/sign-in/return")
        assert answer.status_code == 404
        assert_told(answer)
        assert provider.returned == ["2"]
