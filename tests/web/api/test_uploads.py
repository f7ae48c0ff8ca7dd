"""Uploads of a program: resumed, given up, and no larger than allowed."""

from __future__ import annotations

import threading
import tracemalloc
from dataclasses import replace
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from gas.domain.plan import Plan
from gas.domain.tokens import new_token
from gas.web import gate
from rig import VCF
from web.api.program import API, program
from web_rig import Pages

OCTETS = "application/octet-stream"


def test_what_is_here_is_told_and_given_up(pages: Pages) -> None:
    ada = program(pages)
    begun = ada.post("/uploads", {"name": "a.vcf", "size_bytes": len(VCF)})
    assert begun.status_code == 201
    path = f"/uploads/{begun.get_json()['id']}"
    assert ada.get(path).get_json()["parts"] == []
    assert ada.ask("PUT", f"{path}/parts/1", data=VCF, content_type=OCTETS).status_code == 204
    assert ada.get(path).get_json()["parts"] == [1]
    assert [each["id"] for each in ada.get("/uploads").get_json()["uploads"]] == [path[9:]]
    assert ada.ask("DELETE", path).status_code == 204
    assert ada.get(path).status_code == 404


def test_a_finished_upload_is_not_given_up(pages: Pages) -> None:
    ada = program(pages)
    upload_id = ada.upload()
    ada.submit(upload_id)
    answer = ada.ask("DELETE", f"/uploads/{upload_id}")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "UPLOAD_FINISHED")


def test_larger_than_the_plan_is_refused_at_once(pages: Pages) -> None:
    allowed = pages.services.limits.free_input_bytes
    answer = program(pages).post("/uploads", {"name": "a.vcf", "size_bytes": allowed + 1})
    assert (answer.status_code, answer.get_json()["code"]) == (413, "INPUT_TOO_LARGE")


def test_a_part_of_another_kind_or_size(pages: Pages) -> None:
    ada = program(pages)
    upload = ada.post("/uploads", {"name": "a.vcf", "size_bytes": len(VCF)}).get_json()
    path = f"/uploads/{upload['id']}/parts/1"
    as_form = ada.ask("PUT", path, data={"a": (BytesIO(VCF), "a")})
    assert (as_form.status_code, as_form.get_json()["code"]) == (415, "WRONG_CONTENT_TYPE")
    longer = ada.ask("PUT", path, data=VCF + b"x", content_type=OCTETS)
    assert (longer.status_code, longer.get_json()["code"]) == (400, "UPLOAD_PART_WRONG")
    huge = ada.ask(
        "PUT",
        path,
        data=b"x" * (pages.services.limits.part_bytes + 1),
        content_type=OCTETS,
    )
    assert huge.status_code in (400, 413)
    assert ada.get(f"/uploads/{upload['id']}").get_json()["parts"] == []


def test_a_long_body_is_not_read(pages: Pages) -> None:
    answer = program(pages).post("/uploads", {"name": "x" * 70_000, "size_bytes": 1})
    assert (answer.status_code, answer.get_json()["code"]) == (413, "TOO_LARGE")


class Watched:
    """A body that comes in as it is asked for."""

    def __init__(self, size_bytes: int) -> None:
        self.left = size_bytes

    def read(self, size: int = -1) -> bytes:
        wanted = self.left if size < 0 else min(size, self.left)
        self.left -= wanted
        return b"x" * wanted

    def readinto(self, buffer: bytearray) -> int:
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def readable(self) -> bool:
        return True


def put(pages: Pages, token: str, upload_id: str, body: Watched, size_bytes: int) -> TestResponse:
    return pages.app.test_client().put(
        f"{API}/uploads/{upload_id}/parts/1",
        content_type=OCTETS,
        content_length=size_bytes,
        headers={"Authorization": f"Bearer {token}"},
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(size_bytes)},
    )


def test_a_part_goes_through_in_small_blocks(pages: Pages) -> None:
    pages.services.accounts.change(
        replace(pages.journey.account, plan=Plan.PREMIUM, version=pages.journey.account.version + 1)
    )
    ada, size_bytes = program(pages), pages.services.limits.part_bytes
    upload = ada.post("/uploads", {"name": "a.vcf", "size_bytes": 2 * size_bytes}).get_json()
    body = Watched(size_bytes)
    tracemalloc.start()
    answer = put(pages, ada.token, upload["id"], body, size_bytes)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 204, answer.text
    assert body.left == 0
    assert peak_bytes < size_bytes / 2


def test_of_strangers_few_are_heard_out(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose token is over while it sends shall hear that, and not of a broken line."""
    seats = threading.BoundedSemaphore(1)
    monkeypatch.setattr(gate, "_strangers", seats)
    for _ in range(3):  # the seat is given back
        body = Watched(1 << 20)
        assert put(pages, new_token(), "0" * 26, body, 1 << 20).status_code == 401
        assert body.left == 0
    assert seats.acquire(blocking=False)
    body = Watched(1 << 20)
    assert put(pages, new_token(), "0" * 26, body, 1 << 20).status_code == 401
    assert body.left == 1 << 20


def test_no_more_than_a_part_is_heard_out(pages: Pages) -> None:
    size_bytes = pages.services.limits.part_bytes + 1
    body = Watched(size_bytes)
    assert put(pages, new_token(), "0" * 26, body, size_bytes).status_code == 401
    assert body.left == size_bytes
