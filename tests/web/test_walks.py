"""Walks over every address: what is somebody else's, forms, what GET changes, headers."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from gas.domain.account import Account
from gas.domain.ids import new_id
from gas.domain.plan import Plan
from gas.domain.tokens import Scope
from gas.domain.webhook import CHOICES, Webhook
from gas.web.headers import EVERYWHERE
from web.routes import ABSENT, ROUTES, Route, Whose, routes_of
from web_rig import Browser, Pages

USERS = ("stranger", "free", "premium", "operator")
READS = {"GET"}


@dataclass
class Visitor:
    """Somebody with a browser and, unless a stranger, a token of all scopes."""

    browser: Browser
    token: str = ""

    def ask(self, route: Route, whose: Whose, **more: str) -> TestResponse:
        headers = dict(more)
        if route.is_api and self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if not route.is_api and route.method not in READS:
            headers["X-CSRFToken"] = self.browser.token
        return ask(self.browser, route, whose, headers)


def ask(
    browser: Browser, route: Route, whose: Whose, headers: Mapping[str, str] | None = None
) -> TestResponse:
    sent: dict[str, Any] = {"data": route.data} if route.method not in READS else {}
    if route.json is not None:
        json = {k: whose.within(v) if isinstance(v, str) else v for k, v in route.json.items()}
        sent = {"json": json}
    elif route.octets is not None:
        sent = {"data": route.octets, "content_type": "application/octet-stream"}
    url = whose.within(route.url)
    return browser.client.open(
        url, method=route.method, headers=dict(headers or {}), buffered=True, **sent
    )


@dataclass
class Scene:
    pages: Pages
    ada: Visitor
    hers: Whose
    visitors: dict[str, Visitor]

    def kept(self) -> str:
        """All that the database and the store hold, but for what was written down of it."""
        root = self.pages.journey.work_path.parent
        with closing(sqlite3.connect(root / "gas.sqlite3")) as database:
            dump = database.iterdump()
            rows = "\n".join(row for row in dump if not row.startswith('INSERT INTO "audit"'))
        names = sorted(str(path) for path in (root / "files").rglob("*"))
        return "\n".join([rows, *names])


def visitor(pages: Pages, browser: Browser, account: Account) -> Visitor:
    return Visitor(browser, pages.token(account, *Scope))


@pytest.fixture
def scene(pages: Pages) -> Iterator[Scene]:
    job = pages.completed_job()
    upload_id = pages.journey.upload()
    ada = visitor(pages, pages.ada(), pages.journey.account)
    kept = pages.services.api_tokens.of_account(pages.journey.account.id)[0]
    pages.services.api_tokens.note_use(kept.id, pages.journey.clock())
    visitors = {"stranger": Visitor(pages.stranger())}
    visitors["stranger"].browser.get("/sign-in/link?token=x")  # has a form
    for name in USERS[1:]:
        browser = pages.operator() if name == "operator" else pages.browser(f"{name}@example.org")
        account = pages.account("root@example.org" if name == "operator" else f"{name}@example.org")
        if name == "premium":
            account = replace(account, plan=Plan.PREMIUM, version=account.version + 1)
            assert pages.services.accounts.change(account)
        visitors[name] = visitor(pages, browser, account)
        token = pages.services.api_tokens.of_account(account.id)[0]
        pages.services.api_tokens.note_use(token.id, pages.journey.clock())
    hook = Webhook(new_id(job.created_at), job.owner_id, "https://x", CHOICES, job.created_at)
    assert pages.services.webhooks.add(hook, most=1)
    hers = Whose(job.id, upload_id, kept.id, webhook=hook.id)
    yield Scene(pages, ada, hers, visitors)


def told(answer: TestResponse, whose: Whose) -> tuple[int, str, list[tuple[str, str]]]:
    """What a visitor learns: without the ids that were asked for, and what every page has anew."""
    text = re.sub(r'(?:content|value)="[\w.-]{60,}"', "", answer.text)
    headers = [pair for pair in answer.headers if pair[0] not in {"Set-Cookie", "RateLimit"}]
    for each in whose.ids:
        text = text.replace(each, "ID")
        headers = [(name, value.replace(each, "ID")) for name, value in headers]
    headers = [pair for pair in headers if pair[0] != "Content-Length"]
    return answer.status_code, text, headers


def test_every_route_is_known_here(pages: Pages) -> None:
    assert routes_of(pages.app) == {(route.method, route.rule) for route in ROUTES}


def test_a_route_that_is_new_is_noticed(pages: Pages) -> None:
    pages.app.add_url_rule("/new/<job_id>", "new", lambda job_id: job_id)
    assert routes_of(pages.app) != {(route.method, route.rule) for route in ROUTES}


def test_every_route_of_somebodys_says_so() -> None:
    for route in ROUTES:
        mine = {"<job_id>", "<upload_id>", "<token_id>", "<webhook_id>"} & set(
            re.findall(r"<\w+>", route.rule)
        )
        assert route.private or not mine, route


@pytest.mark.parametrize("user", USERS)
def test_what_is_foreign_is_answered_like_what_never_was(scene: Scene, user: str) -> None:
    who, hers, none = scene.visitors[user], scene.hers, Whose()
    before = scene.kept()  # nothing is written of a token's use within five minutes of the last
    walked = 0
    for route in ROUTES:
        if not route.private:
            continue
        foreign = who.ask(route, hers)
        assert told(foreign, hers) == told(who.ask(route, none), none), route
        if user == "stranger":
            to_sign_in = foreign.status_code == 302 and "/sign-in" in foreign.location
            assert foreign.status_code == 401 or (route.method in READS and to_sign_in), route
        else:
            assert foreign.status_code == 404, route
            assert "NOT_FOUND" in foreign.text
        walked += 1
    assert walked >= 20
    assert scene.kept() == before


@pytest.mark.parametrize("user", USERS)
def test_no_list_of_others_names_it(scene: Scene, user: str) -> None:
    for route in ROUTES:
        if route.method in READS and not route.private and not route.operators:
            answer = scene.visitors[user].ask(route, Whose())
            assert not any(each in answer.text for each in scene.hers.ids), route


def test_its_owner_gets_it(scene: Scene) -> None:
    """Or the walks above would pass where nothing works."""
    for route in ROUTES:
        if route.method in READS and route.private:
            assert scene.ada.ask(route, scene.hers).status_code in (200, 303), route


def test_strangers_get_what_is_for_all_and_no_more(scene: Scene) -> None:
    for route in ROUTES:
        answer = scene.visitors["stranger"].ask(route, Whose())
        assert (answer.status_code in (302, 401)) != route.for_all or (
            route.for_all and "/sign-in?next" not in answer.headers.get("Location", "")
        ), route


def test_operators_pages_are_for_them_alone(scene: Scene) -> None:
    for route in ROUTES:
        if route.operators:
            for user in ("free", "premium"):
                answer = scene.visitors[user].ask(route, Whose())
                assert (answer.status_code, "OPERATORS_ONLY" in answer.text) == (403, True), route


def test_every_form_needs_its_token(scene: Scene) -> None:
    before = scene.kept()
    foreign = {"X-CSRFToken": scene.ada.browser.token, "Sec-Fetch-Site": "cross-site"}
    walked = 0
    for route in ROUTES:
        if route.method in READS or route.is_api or route.signed:
            continue
        for headers in ({}, {"X-CSRFToken": "x" * 80}, foreign):
            answer = ask(scene.ada.browser, route, scene.hers, headers)
            assert answer.status_code in (400, 403), route
            assert "FORM_EXPIRED" in answer.text or "FOREIGN_FORM" in answer.text, route
        walked += 1
    assert walked >= 10
    assert scene.kept() == before


def test_a_cookie_opens_nothing_of_the_api(scene: Scene) -> None:
    before = scene.kept()
    for route in ROUTES:
        if route.is_api:
            answer = ask(scene.ada.browser, route, scene.hers, {"X-CSRFToken": "x"})
            assert answer.status_code == 401, route
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert scene.kept() == before


def test_a_token_opens_nothing_of_the_pages(scene: Scene) -> None:
    for route in ROUTES:
        if not route.is_api and not route.for_all:
            headers = {"Authorization": f"Bearer {scene.ada.token}"}
            answer = ask(scene.pages.stranger(), route, scene.hers, headers)
            assert answer.status_code in (302, 400, 401), route


@pytest.mark.parametrize("user", ["ada", *USERS])
def test_get_changes_nothing(scene: Scene, user: str) -> None:
    who = scene.ada if user == "ada" else scene.visitors[user]
    reads = [route for route in ROUTES if route.method in READS]
    before = scene.kept()
    for route in reads:
        who.ask(route, scene.hers)
        assert scene.kept() == before, route


@pytest.mark.parametrize("user", ["ada", *USERS])
def test_every_answer_has_its_headers(scene: Scene, user: str) -> None:
    who = scene.ada if user == "ada" else scene.visitors[user]
    for route in ROUTES:
        for answer in (
            who.ask(route, scene.hers) if route.rule != "/sign-out" else None,
            who.ask(replace(route, method="PATCH"), scene.hers),
        ):
            if answer is None:
                continue
            for name in EVERYWHERE:
                assert answer.headers.get(name), (route, name)
            assert len(answer.headers.getlist("Content-Security-Policy")) == 1
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "Referrer-Policy" in answer.headers
            if not route.for_all:
                assert "no-store" in answer.headers["Cache-Control"], route


def test_an_unknown_field_is_refused(scene: Scene) -> None:
    """Mass assignment: nothing is taken that is not asked for."""
    before = scene.kept()
    for route in ROUTES:
        if route.is_api and route.json is not None:
            for name in ("owner_id", "plan", "role", "state", "account_id"):
                meddled = replace(route, json={**route.json, name: "premium"})
                answer = scene.ada.ask(meddled, scene.hers)
                assert answer.status_code == 422, route
                assert "premium" not in answer.text
    assert scene.kept() == before


def test_absent_is_no_id_of_anybody(scene: Scene) -> None:
    assert ABSENT not in scene.hers.ids
    assert Path(scene.pages.journey.work_path).exists()
