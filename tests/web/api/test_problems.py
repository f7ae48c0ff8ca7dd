"""Errors as programs are told them: one shape for all, with nothing of what was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gas.domain.errors import StoreFull, Unavailable
from gas.web import create_app
from web.api.program import API, Program, program
from web_rig import Pages

KEYS = {
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "code",
    "place",
    "cure",
    "request_id",
    "fields",
}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/no/such", 404, "NOT_FOUND"),
        ("GET", "/jobs/x", 404, "NOT_FOUND"),
        ("GET", "/jobs/", 404, "NOT_FOUND"),
        ("PATCH", "/jobs", 405, "WRONG_METHOD"),
        ("POST", "/jobs", 415, "WRONG_CONTENT_TYPE"),
        ("PUT", f"/uploads/{'0' * 26}/parts/x", 404, "NOT_FOUND"),
    ],
)
def test_every_failure_has_one_shape(
    pages: Pages, method: str, path: str, status: int, code: str
) -> None:
    answer = program(pages).ask(method, path)
    told = answer.get_json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert answer.mimetype == "application/problem+json"
    assert told.keys() == KEYS
    assert told["instance"] == API + path
    assert told["detail"]
    if status == 405:
        assert {"GET", "POST"} <= set(answer.headers["Allow"].replace(" ", "").split(","))


@pytest.mark.parametrize("deep", ["[" * 30_000, '{"name":' * 7_000])
def test_brackets_within_brackets_are_the_senders_fault(pages: Pages, deep: str) -> None:
    answer = program(pages).ask("POST", "/uploads", data=deep, content_type="application/json")
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["code"] == "BAD_FIELD"


def test_a_body_that_does_not_fit_is_told_by_field_and_not_repeated(pages: Pages) -> None:
    sent: dict[str, object] = {"name": ["canary"], "size_bytes": "canary", "secret": "canary"}
    answer = program(pages).post("/uploads", sent)
    assert answer.status_code == 422
    told = answer.get_json()
    assert told["code"] == "BAD_FIELD"
    assert {field["place"] for field in told["fields"]} == {"name", "size_bytes", "secret"}
    assert "canary" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b"1"])
def test_a_body_that_is_no_object(pages: Pages, body: bytes) -> None:
    answer = program(pages).ask("POST", "/uploads", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "BAD_FIELD")


class Broken:
    """A store that fails as a test wants."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> object:
        def fail(*_: object, **__: object) -> object:
            raise self.error

        return fail


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Unavailable("STORE_BUSY", "Busy."), 503, "STORE_BUSY"),
        (StoreFull("STORE_FULL", "Full."), 507, "STORE_FULL"),
        (ZeroDivisionError("canary"), 500, "INTERNAL_ERROR"),
    ],
)
def test_what_breaks_here_is_told_with_its_number(
    pages: Pages, error: Exception, status: int, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = program(pages)
    broken = replace(pages.services, jobs=Broken(error))  # type: ignore[arg-type]
    answer = Program(create_app(broken).test_client(), ada.token).get("/jobs")
    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (status, code)
    assert told["request_id"]
    assert told["request_id"] in capsys.readouterr().out
    assert "canary" not in answer.text
    assert ("Retry-After" in answer.headers) == (status != 500)
