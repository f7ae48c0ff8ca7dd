"""Jobs of a program: from file to results, once, and page by page."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from gas.domain.errors import Reason
from gas.domain.job import JobState, failed
from gas.domain.tokens import Scope
from rig import VCF
from web.api.program import API, Program, program
from web_rig import URL, Pages


def run(pages: Pages) -> None:
    delivery = pages.journey.receive()
    assert delivery is not None
    pages.journey.annotate(delivery)
    pages.services.queues.delete(delivery.receipt)


def test_from_file_to_results(pages: Pages) -> None:
    ada = program(pages)
    made = ada.submit(ada.upload(), options=["ann"])
    assert made.status_code == 201
    job = made.get_json()
    assert made.headers["Location"] == f"{API}/jobs/{job['id']}"
    assert (job["state"], job["position"], job["options"]) == ("PENDING", 1, ["ann"])
    assert job["input"]["size_bytes"] == len(VCF)
    assert job["created_at"] == "2026-01-02T03:04:05.000Z"
    assert job["started_at"] is job["finished_at"] is job["reason"] is None
    assert job["links"] == {
        "self": f"{URL}{API}/jobs/{job['id']}",
        "page": f"{URL}/jobs/{job['id']}",
    }
    assert ada.get(f"/jobs/{job['id']}/log").status_code == 404
    run(pages)
    done = ada.get(f"/jobs/{job['id']}").get_json()
    assert (done["state"], done["position"], done["attempt"]) == ("COMPLETED", None, 1)
    assert done["progress"] == {"stage": "done", "fraction": 1.0}
    assert done["counts"] == [{"name": "Total", "value": 1}]
    events = ada.get(f"/jobs/{job['id']}/events").get_json()["events"]
    assert [event["kind"] for event in events] == ["submitted", "started", "completed"]
    log = ada.get(f"/jobs/{job['id']}/log")
    assert (log.mimetype, log.text) == ("text/plain", "began\n")
    files = ada.get(f"/jobs/{job['id']}/results").get_json()["files"]
    assert [file["kind"] for file in files] == ["annotated", "log", "input"]
    link = ada.post(f"/jobs/{job['id']}/links", {"name": files[0]["name"]}).get_json()
    assert link["expires_at"] == "2026-01-02T03:09:05.000Z"
    got = pages.stranger().get(link["url"].removeprefix(URL))
    assert got.data == VCF[::-1]
    absent = ada.post(f"/jobs/{job['id']}/links", {"name": "no.vcf"})
    assert (absent.status_code, absent.get_json()["code"]) == (404, "NOT_FOUND")


def test_nothing_is_sent_again_while_nothing_changes(pages: Pages) -> None:
    ada = program(pages)
    path = f"/jobs/{ada.submit(ada.upload()).get_json()['id']}"
    etag = ada.get(path).headers["ETag"]
    same = ada.get(path, **{"If-None-Match": etag})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", etag)
    run(pages)
    assert ada.get(path, **{"If-None-Match": etag}).status_code == 200


def test_a_key_is_one_job(pages: Pages) -> None:
    ada = program(pages)
    upload_id = ada.upload()
    first = ada.submit(upload_id, "run-1")
    again = ada.submit(upload_id, "run-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert again.headers["Location"] == first.headers["Location"]
    other = ada.submit(upload_id, "run-1", options=["ann"])
    assert (other.status_code, other.get_json()["code"]) == (422, "KEY_REUSED")
    assert len(ada.get("/jobs").get_json()["jobs"]) == 1


def test_a_key_outlives_the_programs_memory(pages: Pages) -> None:
    """It uploads the same file once more, and gets the same job; another file is refused."""
    ada = program(pages)
    first = ada.submit(ada.upload(), "k").get_json()
    again = ada.submit(ada.upload(), "k")
    assert (again.status_code, again.get_json()["id"]) == (200, first["id"])
    other = ada.submit(ada.upload(VCF.replace(b"\t7\t", b"\t8\t")), "k")
    assert (other.status_code, other.get_json()["code"]) == (422, "KEY_REUSED")
    assert len(ada.get("/jobs").get_json()["jobs"]) == 1
    pages.services.request_keys.expire(pages.journey.clock())
    assert ada.submit(ada.upload(), "k").status_code == 201


def test_a_key_of_what_was_refused_is_free_again(pages: Pages) -> None:
    ada = program(pages)
    refused = ada.submit(ada.upload(b"this is no VCF\n"), "k")
    assert refused.status_code == 400
    assert ada.submit(ada.upload(), "k").status_code == 201


def test_a_key_waits_for_its_upload(pages: Pages) -> None:
    ada = program(pages)
    first = ada.upload()
    assert ada.submit(first, "k", reference="absent").status_code == 400
    other = ada.submit(ada.upload(), "k")
    assert (other.status_code, other.get_json()["code"]) == (409, "KEY_IN_USE")
    assert ada.submit(first, "k").status_code == 201


def test_of_many_requests_at_once_one_makes_the_job(pages: Pages) -> None:
    ada = program(pages)
    upload_id = ada.upload()

    def submit(_: int) -> tuple[int, str]:
        answer = Program(pages.app.test_client(), ada.token).submit(upload_id, "k")
        return answer.status_code, answer.get_json()["id"]

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(submit, range(16)))
    assert len({job_id for _, job_id in answers}) == 1
    assert {status for status, _ in answers} <= {200, 201}
    assert len(ada.get("/jobs").get_json()["jobs"]) == 1


def test_a_crash_between_key_and_job_is_made_good_by_asking_again(pages: Pages) -> None:
    ada = program(pages)
    upload_id = ada.upload()
    key_hash = hashlib.sha256(b"k").hexdigest()
    now, owner = pages.journey.clock(), pages.journey.account.id
    pages.services.request_keys.claim(owner, key_hash, upload_id, now)
    assert ada.submit(upload_id, "k").status_code == 201


def test_a_key_is_its_accounts_own(pages: Pages) -> None:
    pages.browser("eve@example.org")
    ada, eve = program(pages), program(pages, pages.account("eve@example.org"))
    assert ada.submit(ada.upload(), "k").status_code == 201
    assert eve.submit(eve.upload(), "k").status_code == 201


def test_without_a_key_an_upload_is_one_job(pages: Pages) -> None:
    ada = program(pages)
    upload_id = ada.upload()
    first, again = ada.submit(upload_id), ada.submit(upload_id)
    assert (first.status_code, again.status_code) == (201, 200)
    other = ada.submit(upload_id, options=["ann"])
    assert (other.status_code, other.get_json()["code"]) == (409, "UPLOAD_USED")


def test_a_deleted_job_frees_its_key(pages: Pages) -> None:
    ada = program(pages)
    first = ada.submit(ada.upload(), "k").get_json()
    assert ada.ask("DELETE", f"/jobs/{first['id']}").status_code == 409
    assert ada.post(f"/jobs/{first['id']}/cancel").get_json()["state"] == "CANCELLED"
    assert ada.ask("DELETE", f"/jobs/{first['id']}").status_code == 204
    assert ada.get(f"/jobs/{first['id']}").status_code == 404
    assert ada.submit(ada.upload(), "k").status_code == 201


def test_run_again_once_per_key(pages: Pages) -> None:
    ada = program(pages)
    path = f"/jobs/{ada.submit(ada.upload()).get_json()['id']}/again"
    first, again = (
        ada.post(path, {"options": ["ann"]}, **{"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["id"] == again.get_json()["id"]
    assert first.get_json()["options"] == ["ann"]
    other = ada.post(path, {"options": []}, **{"Idempotency-Key": "k"})
    assert (other.status_code, other.get_json()["code"]) == (422, "KEY_REUSED")
    assert ada.post(path, {}).get_json()["options"] == []
    assert len(ada.get("/jobs").get_json()["jobs"]) == 3


def test_pages_by_cursor_and_by_state(pages: Pages) -> None:
    ada = program(pages)
    ids = []
    for _ in range(5):
        ids.append(ada.submit(ada.upload()).get_json()["id"])
        pages.journey.clock.forward(seconds=1)
    for job_id in ids[:3]:
        ada.post(f"/jobs/{job_id}/cancel")
    found, cursor = [], ""
    while True:
        page = ada.get(f"/jobs?limit=2{cursor}").get_json()
        found += [job["id"] for job in page["jobs"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == ids[::-1]
    cancelled = ada.get("/jobs?limit=2&state=CANCELLED").get_json()
    assert [job["id"] for job in cancelled["jobs"]] == [ids[2], ids[1]]
    rest = ada.get(f"/jobs?limit=2&state=CANCELLED&cursor={cancelled['next']}").get_json()
    assert [job["id"] for job in rest["jobs"]] == [ids[0]]
    assert rest["next"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=1", "state=x", "q=1"])
def test_a_question_that_does_not_fit(pages: Pages, query: str) -> None:
    answer = program(pages).get(f"/jobs?{query}")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "BAD_FIELD")
    assert answer.get_json()["fields"][0]["place"] == query.partition("=")[0]


def test_a_failed_job_says_why(pages: Pages) -> None:
    ada = program(pages, None, Scope.JOBS_READ, Scope.JOBS_WRITE)
    job_id = ada.submit(ada.upload()).get_json()["id"]
    reason = Reason("BAD_POS", "It is no number.", "line 12", "Mend it.")
    change = failed(pages.journey.job(job_id), reason, pages.journey.clock())
    assert pages.services.jobs.change(change)
    assert ada.get(f"/jobs/{job_id}").get_json()["reason"] == {
        "code": "BAD_POS",
        "message": "It is no number.",
        "place": "line 12",
        "cure": "Mend it.",
    }
    assert pages.journey.job(job_id).state is JobState.FAILED
