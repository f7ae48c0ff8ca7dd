"""Failures as pages and as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gas.domain import errors
from gas.web import create_app
from web_rig import Browser, Pages

CASES = [
    (errors.InputError, 400),
    (errors.TooLarge, 413),
    (errors.Forbidden, 403),
    (errors.Conflict, 409),
    (errors.StoreFull, 507),
    (errors.Unavailable, 503),
    (errors.EngineFailed, 500),
]


class Broken:
    """Jobs that fail as told."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> object:
        raise self._error


def broken(pages: Pages, error: Exception) -> Browser:
    services = replace(pages.services, jobs=Broken(error))  # type: ignore[arg-type]
    app = create_app(services)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return Pages(pages.journey, services, app).ada()


@pytest.mark.parametrize(("kind", "status"), CASES)
def test_each_class_has_its_status_and_says_what_where_and_the_cure(
    pages: Pages, kind: type[errors.GasError], status: int
) -> None:
    error = kind("SOME_CODE", "What <happened>.", place="line 7", cure="Do this.")
    browser = broken(pages, error)
    page = browser.get("/jobs")
    assert page.status_code == status
    for text in ("SOME_CODE", "What &lt;happened&gt;.", "line 7", "Do this."):
        assert text in page.text
    problem = browser.get("/jobs", Accept="application/json").get_json()
    wanted = {"code": "SOME_CODE", "message": "What <happened>.", "place": "line 7"}
    assert problem.items() >= wanted.items()


def test_a_bug_shows_a_number_that_the_log_has_too(pages: Pages) -> None:
    browser = broken(pages, RuntimeError("secret of the house"))
    cookie = browser.client.get_cookie("gas_session")
    assert cookie
    with capture_logs() as logs:
        page = browser.get("/jobs")
    assert page.status_code == 500
    assert "secret of the house" not in page.text
    number = re.search(r'user-select-all">(\w{12})<', page.text)
    assert number
    assert [log["request_id"] for log in logs] == [number[1]]
    written = json.dumps(logs)
    assert "RuntimeError" in written
    assert cookie.value not in written


@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        ("GET", "/nothing", 404, "NOT_FOUND"),
        ("GET", "/jobs/../../etc", 404, "NOT_FOUND"),
        ("PUT", "/jobs", 405, "WRONG_METHOD"),
        ("GET", "/static/../../secret", 404, "NOT_FOUND"),
    ],
)
def test_styled_pages_of_the_router(
    pages: Pages, method: str, url: str, status: int, code: str
) -> None:
    answer = pages.ada().client.open(url, method=method)
    assert answer.status_code == status
    assert code in answer.text
    assert "<nav" in answer.text
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_a_form_that_is_too_large(pages: Pages) -> None:
    ada = pages.ada()
    answer = ada.form("/sign-out", filler="x" * 70_000)
    assert answer.status_code == 413
    assert ada.get("/jobs").status_code == 200


def test_health_is_for_any_host(pages: Pages) -> None:
    browser = pages.stranger()
    for url in ("/healthz", "/readyz"):
        assert browser.client.get(url, headers={"Host": "10.0.0.7"}).status_code == 200
    assert (
        broken(pages, errors.Unavailable("STORE_DOWN", "Down.")).get("/readyz").status_code == 503
    )
