"""Uploads: sent in parts, resumed, refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gas.domain.errors import StoreFull
from gas.domain.plan import Limits
from gas.web import create_app
from rig import VCF
from web_rig import Browser, Pages, open_pages


@pytest.fixture
def small_parts(tmp_path: Path) -> Iterator[Pages]:
    home = tmp_path / "small"
    home.mkdir()
    with open_pages(home) as pages:
        pages.journey.limits = Limits(part_bytes=100)
        services = replace(pages.services, limits=pages.journey.limits)
        yield Pages(pages.journey, services, create_app(services))


def begin(browser: Browser, content: bytes, name: str = "a.vcf") -> dict[str, object]:
    answer = browser.json("/uploads", name=name, size_bytes=len(content))
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.get_json()
    return found


def test_parts_in_any_order_broken_off_and_resumed(small_parts: Pages) -> None:
    content = VCF + b"1\t8\t.\tA\tC\t.\t.\t.\n" * 20
    ada = small_parts.ada()
    upload = begin(ada, content)
    url = f"/uploads/{upload['id']}"
    assert upload["part_bytes"] == 100
    parts = {
        n: content[(n - 1) * 100 : n * 100] for n in range(1, int(str(upload["part_count"])) + 1)
    }
    for number in (3, 1):
        assert ada.put(f"{url}/parts/{number}", parts[number]).status_code == 204
    early = ada.json("/jobs", upload_id=upload["id"], reference="demo")
    assert (early.status_code, early.get_json()["code"]) == (400, "UPLOAD_INCOMPLETE")
    seen = ada.get(url).get_json()
    assert seen["parts"] == [1, 3]
    for number in set(parts) - set(seen["parts"]):
        assert ada.put(f"{url}/parts/{number}", parts[number]).status_code == 204
    answers = [ada.json("/jobs", upload_id=upload["id"], reference="demo") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json() == answers[1].get_json()
    job = small_parts.journey.job(answers[0].get_json()["id"])
    with small_parts.services.files.open(job.input.key) as stored:
        assert stored.read() == content


def test_too_large_for_the_plan_before_any_byte(pages: Pages) -> None:
    answer = pages.ada().json("/uploads", name="a.vcf", size_bytes=150_001)
    assert answer.status_code == 413
    assert answer.get_json()["code"] == "INPUT_TOO_LARGE"
    assert "premium" in answer.get_json()["cure"]


def test_more_than_a_part_is_refused_unread(pages: Pages) -> None:
    ada = pages.ada()
    upload = begin(ada, VCF)
    answer = ada.client.put(
        f"/uploads/{upload['id']}/parts/1",
        data=b"x",
        headers={
            "X-CSRFToken": ada.token,
            "Content-Type": "application/octet-stream",
            "Content-Length": str(9 * 2**20),
        },
    )
    assert answer.status_code in (400, 413)
    assert ada.get(f"/uploads/{upload['id']}").get_json()["parts"] == []


@pytest.mark.parametrize(("number", "body"), [(0, VCF), (2, VCF), (1, VCF[:-1]), (1, VCF + b"x")])
def test_a_part_that_does_not_fit_counts_for_nothing(
    pages: Pages, number: int, body: bytes
) -> None:
    ada = pages.ada()
    upload = begin(ada, VCF)
    answer = ada.put(f"/uploads/{upload['id']}/parts/{number}", body)
    assert 400 <= answer.status_code < 500
    assert answer.get_json()["code"]
    assert ada.get(f"/uploads/{upload['id']}").get_json()["parts"] == []


def test_a_part_sent_as_a_form_is_refused(pages: Pages) -> None:
    ada = pages.ada()
    upload = begin(ada, VCF)
    for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""):
        answer = ada.put(f"/uploads/{upload['id']}/parts/1", VCF, **{"Content-Type": kind})
        assert answer.status_code == 415
        assert answer.get_json()["code"] == "WRONG_CONTENT_TYPE"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"name": 5, "size_bytes": 5}', b'{"name": "a", "size_bytes": true}'],
)
def test_bad_json_says_which_field(pages: Pages, body: bytes) -> None:
    ada = pages.ada()
    answer = ada.client.post(
        "/uploads",
        data=body,
        headers={"X-CSRFToken": ada.token, "Content-Type": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "BAD_FIELD"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\nb.vcf", "<b>.vcf", "\u202efcv.exe", "", ".", "a" * 300, "a\0"]
)
def test_odd_names_are_refused_with_a_cure(pages: Pages, name: str) -> None:
    answer = pages.ada().json("/uploads", name=name, size_bytes=5)
    assert answer.status_code == 400
    problem = answer.get_json()
    assert problem["code"] == "BAD_FILE_NAME"
    assert problem["cure"]
    assert set(problem) == {"code", "message", "place", "cure"}


def test_what_is_no_vcf_never_becomes_a_job(pages: Pages) -> None:
    ada = pages.ada()
    content = b"hello, this is a letter\n"
    upload = begin(ada, content)
    ada.put(f"/uploads/{upload['id']}/parts/1", content)
    answer = ada.json("/jobs", upload_id=upload["id"], reference="demo")
    assert answer.status_code == 400
    assert "No jobs yet" in ada.get("/jobs").text


def test_an_unknown_reference_is_named(pages: Pages) -> None:
    ada = pages.ada()
    upload = begin(ada, VCF)
    ada.put(f"/uploads/{upload['id']}/parts/1", VCF)
    answer = ada.json("/jobs", upload_id=upload["id"], reference="mars")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "UNKNOWN_REFERENCE")
    assert "demo" in answer.get_json()["cure"]


def test_a_cancelled_upload_is_gone_at_once_and_a_finished_one_stays(pages: Pages) -> None:
    ada = pages.ada()
    upload = begin(ada, VCF)
    assert ada.delete(f"/uploads/{upload['id']}").status_code == 204
    assert ada.get(f"/uploads/{upload['id']}").status_code == 404
    job = pages.completed_job()
    assert ada.delete(f"/uploads/{job.request_key}").status_code == 409
    with pages.services.files.open(job.input.key) as stored:
        assert stored.read() == VCF


def test_a_full_disk_is_507_and_reading_goes_on(pages: Pages) -> None:
    class Full:
        """The store as it is, without room for more."""

        def __getattr__(self, name: str) -> object:
            return getattr(pages.journey.files, name)

        def begin_upload(self, *_: object, **__: object) -> None:
            raise StoreFull("STORE_FULL", "There is no room.", cure="Try later.")

    services = replace(pages.services, files=Full())  # type: ignore[arg-type]
    full = Pages(pages.journey, services, create_app(services))
    job = full.completed_job()
    ada = full.ada()
    answer = ada.json("/uploads", name="a.vcf", size_bytes=5)
    assert (answer.status_code, answer.get_json()["code"]) == (507, "STORE_FULL")
    assert "Retry-After" in answer.headers
    assert ada.get(f"/jobs/{job.id}").status_code == 200


def test_contigs_of_a_reference_for_the_check_before_the_upload(pages: Pages) -> None:
    ada = pages.ada()
    assert ada.get("/references/demo").get_json()["contigs"] == {"1": 100}
    assert ada.get("/references/mars").status_code == 404


@pytest.mark.parametrize("options", [["mars"], "ann", [["ann"]], {"ann": True}, ["ann", 1]])
def test_options_that_there_are_not_are_refused(small_parts: Pages, options: object) -> None:
    ada = small_parts.ada()
    upload = begin(ada, VCF)
    answer = ada.json("/jobs", upload_id=upload["id"], reference="demo", options=options)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "BAD_FIELD")


def test_options_go_with_the_job_and_are_kept_when_it_is_run_again(small_parts: Pages) -> None:
    ada = small_parts.ada()
    upload = begin(ada, VCF)
    ada.put(f"/uploads/{upload['id']}/parts/1", VCF)
    answer = ada.json("/jobs", upload_id=upload["id"], reference="demo", options=["ann"])
    job_id = answer.get_json()["id"]
    assert small_parts.journey.job(job_id).options.chosen == ("ann",)
    ada.form(f"/jobs/{job_id}/cancel")
    assert "with ann" in ada.get(f"/jobs/{job_id}").text
    again = ada.form(f"/jobs/{job_id}/again", reference="demo")
    assert small_parts.journey.job(again.location.rpartition("/")[2]).options.chosen == ("ann",)
