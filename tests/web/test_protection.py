"""What protects pages and programs beyond the gate: https, methods, odd bodies, a contact."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest

from gas.domain.tokens import Scope
from gas.web import create_app
from gas.web.headers import EVERYWHERE
from gas.web.turns import Turns
from web_rig import Browser, Pages


def with_site(pages: Pages, **given: object) -> Browser:
    site = replace(pages.services.site, **given)  # type: ignore[arg-type]
    return Browser(create_app(replace(pages.services, site=site)).test_client())


def test_whoever_came_by_https_comes_by_it_again(pages: Pages) -> None:
    secure = with_site(pages, secure_cookies=True)
    for url in ("/", "/jobs", "/no/such/page", "/static/page.js", "/healthz"):
        strict = secure.client.get(url, base_url="https://localhost", buffered=True).headers
        assert strict["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", url
    assert "Strict-Transport-Security" not in pages.stranger().get("/").headers


def test_nothing_is_embedded_and_nothing_embeds(pages: Pages) -> None:
    policy = pages.stranger().get("/").headers["Content-Security-Policy"].split("; ")
    assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert not [part for part in policy if "unsafe" in part or "*" in part or "http" in part]


@pytest.mark.parametrize(
    "url",
    [
        "/jobs/%00",
        "/operator/accounts/%00",
        "/api/v1/jobs/%00",
        "/api/v1/webhooks/%00/announcements",
    ],
)
def test_what_no_text_of_a_database_may_hold_gets_to_none(pages: Pages, url: str) -> None:
    """PostgreSQL breaks off over it, and would be taken for one that is away."""
    browser = pages.operator()
    token = pages.token(pages.account("root@example.org"), *Scope)
    answer = browser.get(url, Authorization=f"Bearer {token}")
    assert answer.status_code == 400
    assert "BAD_REQUEST" in answer.text


def test_what_operators_look_for_holds_no_nul(pages: Pages) -> None:
    root = pages.operator()
    assert "root@example.org" in root.get("/operator/accounts?email=root%00@").text
    assert "session.begun" in root.get("/operator/audit?action=session.%00begun").text


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PATCH"])
def test_methods_that_nobody_needs_are_refused_and_repeat_nothing(
    pages: Pages, method: str
) -> None:
    ada = pages.ada()
    for url in ("/", "/jobs", "/jobs/new", "/healthz"):
        answer = ada.client.open(url, method=method, headers={"X-Mark": "canary"})
        assert answer.status_code in (400, 405), (method, url)
        assert "canary" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/static/",
        "/static/../gate.py",
        "/static/%2e%2e/gate.py",
        "/static/..%2fgate.py",
        "/static//etc/passwd",
        "/static/upload",
        "/files/../secret",
    ],
)
def test_nothing_is_served_but_what_was_meant_to_be(pages: Pages, path: str) -> None:
    for browser in (pages.stranger(), pages.operator()):
        answer = browser.client.get(path, buffered=True, follow_redirects=True)
        assert answer.status_code in (403, 404), path
        assert "import" not in answer.text
        assert "root:" not in answer.text


def test_no_origin_is_let_in_by_cors(pages: Pages) -> None:
    ada = pages.ada()
    for method in ("GET", "OPTIONS"):
        for url in ("/", "/jobs", "/uploads"):
            asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
            answer = ada.client.open(url, method=method, headers=asked)
            assert not [name for name, _ in answer.headers if name.lower().startswith("access-c")]


def test_what_a_sender_says_of_a_proxy_leads_nowhere(pages: Pages) -> None:
    claimed = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "X-Original-URL": "/operator/queues",
        "X-Rewrite-URL": "/operator/queues",
        "X-HTTP-Method-Override": "DELETE",
        "Forwarded": "host=evil.example",
    }
    ada = pages.ada()
    plain, answer = ada.get("/jobs"), ada.get("/jobs", **claimed)
    assert answer.status_code == 200
    assert "evil" not in answer.text
    assert answer.text.count("href=") == plain.text.count("href=")
    assert pages.stranger().get("/jobs", **claimed).location.startswith("/sign-in?next=")


def test_text_says_what_its_bytes_mean(pages: Pages) -> None:
    ada = pages.ada()
    for url in ("/", "/jobs", "/no/such/page", "/static/page.js", "/static/gas.css"):
        assert "charset=utf-8" in ada.get(url).headers["Content-Type"], url
    assert ada.get("/healthz").headers["Content-Type"] == "application/json"


def test_brackets_without_end_are_a_bad_field(pages: Pages) -> None:
    ada = pages.ada()
    for body in ("[" * 60_000, '{"name":' * 7_000, "9" * 60_000, "\ud800", '{"name":NaN}'):
        answer = ada.client.post(
            "/uploads",
            data=body.encode(errors="surrogatepass"),
            content_type="application/json",
            headers={"X-CSRFToken": ada.token},
        )
        assert (answer.status_code, answer.get_json()["code"]) == (400, "BAD_FIELD")


def test_of_a_parameter_sent_twice_the_first_counts(pages: Pages) -> None:
    page = pages.stranger().get("/sign-in?next=/jobs&next=//evil.example").text
    assert "evil" not in page
    answer = pages.stranger().get("/jobs?before=x&before=y")
    assert answer.location == "/sign-in?next=/jobs?before%3Dx%26before%3Dy"


def test_the_contact_for_holes_is_named_where_there_is_one(pages: Pages) -> None:
    assert pages.stranger().get("/.well-known/security.txt").status_code == 404
    contact = "mailto:security@example.org"
    answer = with_site(pages, security_contact=contact).get("/.well-known/security.txt")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    said = dict(re.findall(r"^([\w-]+): (.+)$", answer.text, re.MULTILINE))
    assert said["Contact"] == contact
    assert said["Canonical"] == "http://localhost/.well-known/security.txt"
    now = pages.journey.clock()
    assert now < datetime.fromisoformat(said["Expires"]) <= now.replace(year=now.year + 1)


def test_a_refusal_before_any_page_is_protected_too() -> None:
    sent: list[tuple[str, str]] = []
    turns = Turns(lambda _environ, _respond: [], bodies_at_once=0)
    turns({"REQUEST_METHOD": "POST"}, lambda _status, headers: sent.extend(headers))
    assert EVERYWHERE.items() <= dict(sent).items()


@pytest.mark.parametrize(
    ("current", "back"),
    [
        ("http://localhost/jobs?before=x", "/sign-in?next=/jobs"),
        ("http://[bad", "/sign-in"),
        ("https://evil.example//evil.example", "/sign-in"),
        ("", "/sign-in"),
    ],
)
def test_a_fragment_leads_to_sign_in_and_back_to_its_page(
    pages: Pages, current: str, back: str
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": current}
    answer = pages.stranger().client.get("/jobs/table", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == back
