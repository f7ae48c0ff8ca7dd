"""What no request gets past, on every address there is."""

from __future__ import annotations

import re
from inspect import iscoroutinefunction

import pytest
from werkzeug.routing import Rule

from gas.web.access import safe_next
from gas.web.gate import OPEN, PUBLIC
from web_rig import Pages

WRITES = {"POST", "PUT", "DELETE", "PATCH"}
ABSENT = "0" * 26


def rules(pages: Pages) -> list[Rule]:
    return list(pages.app.url_map.iter_rules())


def filled(rule: Rule, **given: str) -> str:
    values = {"number": "1", "name": "a.vcf", "filename": "gas.css", "token": "x", **given}
    values.setdefault("job_id", ABSENT)
    values.setdefault("upload_id", ABSENT)
    values.setdefault("webhook_id", ABSENT)
    values.setdefault("account_id", ABSENT)
    values.setdefault("file_name", "x.eml")
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule.rule)


def without_tokens(page: str) -> str:
    return re.sub(r'(?:content|value)="[\w.-]{60,}"', "", page)


def test_strangers_are_sent_to_sign_in_and_back(pages: Pages) -> None:
    for rule in rules(pages):
        is_page = rule.endpoint not in OPEN | PUBLIC and not rule.endpoint.startswith("api_")
        if not is_page or "GET" not in (rule.methods or set()):
            continue
        answer = pages.stranger().get(filled(rule))
        if rule.endpoint.startswith("uploads."):
            assert answer.status_code == 401
            assert answer.json["code"] == "SIGN_IN_FIRST"  # type: ignore[index]
        else:
            assert answer.status_code == 302
            assert answer.location.startswith("/sign-in?next=/"), rule
    fragment = pages.stranger().get("/jobs/table", **{"HX-Request": "true"})
    assert fragment.status_code == 401
    assert fragment.headers["HX-Redirect"].startswith("/sign-in")


def test_no_page_has_script_or_style_of_its_own(pages: Pages) -> None:
    job = pages.completed_job()
    root = pages.operator()
    for rule in rules(pages):
        if "GET" in (rule.methods or set()) and rule.endpoint != "static":
            page = root.get(filled(rule, job_id=job.id)).text
            assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page), rule
            assert all(' src="' in tag for tag in re.findall(r"<script[^>]*>", page)), rule
    ada = pages.ada()
    assert not re.search(r"<style|\sstyle=", ada.get(f"/jobs/{job.id}").text)


def test_versioned_assets_are_kept_for_good_and_others_asked_for_again(pages: Pages) -> None:
    browser = pages.stranger()
    kept = re.search(r'href="(/static/gas\.css\?v=\w+)"', browser.get("/").text)
    assert kept
    assert "immutable" in browser.get(kept[1]).headers["Cache-Control"]
    assert "no-cache" in browser.get("/static/page.js").headers["Cache-Control"]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        " /jobs",
        "/jobs\\..",
    ],
)
def test_next_never_leads_elsewhere(pages: Pages, target: str) -> None:
    assert safe_next(target) is None
    browser = pages.stranger()
    link = pages.link("ada@example.org", "ada")
    browser.get(link)
    answer = browser.form("/sign-in/link", token=link.split("token=")[1], next=target)
    assert answer.location == "/jobs"


def test_next_leads_back(pages: Pages) -> None:
    assert safe_next("/jobs?before=x#y") == "/jobs?before=x#y"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "[", "1.2.3.4"])
def test_another_host_name_gets_nothing(pages: Pages, host: str) -> None:
    ada = pages.ada()
    answer = ada.client.get("/jobs", headers={"Host": host})
    assert answer.status_code == 400
    assert "WRONG_HOST" in answer.text


@pytest.mark.parametrize("host", ["localhost:99", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_loopback_by_any_of_its_names(pages: Pages, host: str) -> None:
    assert pages.stranger().client.get("/", headers={"Host": host}).status_code == 200


def test_pages_of_operators_are_for_them_alone(pages: Pages) -> None:
    ada, root = pages.ada(), pages.operator()
    for url in ("/operator/queues", "/operator/outbox", "/operator/outbox/x.eml"):
        answer = ada.get(url)
        assert answer.status_code == 403
        assert "OPERATORS_ONLY" in answer.text
    assert "annotate" in root.get("/operator/queues").text
    assert "Outbox" not in ada.get("/jobs").text


def test_no_view_and_no_hook_is_a_coroutine(pages: Pages) -> None:
    """`api.Application` would call it and not wait for it."""
    app = pages.app
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    called: list[object] = [*app.view_functions.values(), *app.teardown_appcontext_funcs]
    called += [each for by_name in hooks for several in by_name.values() for each in several]
    assert len(called) > 50
    assert [each for each in called if iscoroutinefunction(each)] == []
