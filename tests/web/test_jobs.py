"""Jobs on the pages of their owner."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gas.domain.errors import InputError
from gas.domain.ids import new_id
from gas.domain.job import (
    Claim,
    FileKind,
    Job,
    JobFile,
    JobState,
    Progress,
    released,
    started,
    submitted,
)
from gas.ports.annotation import Progresses
from rig import VCF
from web_rig import Pages


def test_no_jobs_yet_says_what_to_do(pages: Pages) -> None:
    answer = pages.ada().get("/jobs")
    assert "No jobs yet" in answer.text
    assert 'href="/jobs/new"' in answer.text
    assert "hx-get" not in answer.text


def test_a_completed_job_shows_counts_files_and_checksums(pages: Pages) -> None:
    job = pages.completed_job()
    page = pages.ada().get(f"/jobs/{job.id}").text
    assert "Completed" in page
    assert "Total" in page
    for file in (*job.results, job.input):
        assert file.name in page
        assert file.sha256 in page
    assert "began" in page  # the log


def test_a_waiting_job_shows_its_position_and_asks_again(pages: Pages) -> None:
    pages.journey.submit(pages.journey.upload())
    pages.journey.clock.forward(seconds=1)
    second = pages.journey.submit(pages.journey.upload())
    page = pages.ada().get(f"/jobs/{second.id}").text
    assert "Position <strong>2</strong>" in page
    assert f'hx-get="/jobs/{second.id}/live"' in page


def test_a_failed_job_shows_code_place_and_cure(pages: Pages) -> None:
    def refuse(report: Progresses) -> None:
        raise InputError("WRONG_COLUMNS", "Too few.", place="line 3", cure="Add <tabs>.")

    pages.journey.engine.midway = refuse
    job = pages.completed_job()
    assert job.state is JobState.FAILED
    page = pages.ada().get(f"/jobs/{job.id}").text
    for text in ("WRONG_COLUMNS", "Too few.", "line 3", "Add &lt;tabs&gt;."):
        assert text in page


def test_a_long_timeline_shows_its_beginning_and_its_end(pages: Pages) -> None:
    job = pages.journey.submit(pages.journey.upload())
    now = pages.journey.clock()
    for _ in range(60):
        claim = Claim("w", "m", timedelta(seconds=30))
        for change in (
            started(pages.journey.job(job.id), claim, now),
            released(started(pages.journey.job(job.id), claim, now).job, "NO_ROOM", now),
        ):
            assert pages.services.jobs.change(change)
    page = pages.ada().get(f"/jobs/{job.id}").text
    assert "71 more like these" in page
    assert page.count("Given back; another annotator takes it up") == 9 + 15
    assert "Submitted" in page


def test_unchanged_fragments_answer_304_until_something_happens(pages: Pages) -> None:
    job = pages.journey.submit(pages.journey.upload())
    ada = pages.ada()
    for url in ("/jobs/table", f"/jobs/{job.id}/live"):
        first = ada.get(url)
        etag = first.headers["ETag"]
        again = ada.get(url, **{"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")
        assert etag.strip('"') in first.text
    old = ada.get("/jobs/table").headers["ETag"]
    ada.form(f"/jobs/{job.id}/cancel")
    changed = ada.get("/jobs/table", **{"If-None-Match": old})
    assert changed.status_code == 200
    assert "Cancelled" in changed.text
    assert "hx-trigger" not in changed.text


def test_the_page_of_jobs_names_its_table_while_it_asks_again(pages: Pages) -> None:
    job = pages.journey.submit(pages.journey.upload())
    ada, now = pages.ada(), pages.journey.clock()
    claim = Claim("w", "m", timedelta(seconds=30))
    assert pages.services.jobs.change(started(pages.journey.job(job.id), claim, now))
    name = ada.get("/jobs/table").headers["ETag"].strip('"')
    assert f'data-etag="{name}" hx-get="/jobs/table"' in ada.get("/jobs").text
    half = Progress("Consequences", 0.5)  # writes no new version
    assert pages.services.jobs.report(job.id, 1, half, now + timedelta(minutes=1))
    assert ada.get("/jobs/table", **{"If-None-Match": f'"{name}"'}).status_code == 200
    ada.form(f"/jobs/{job.id}/cancel")
    settled = ada.get("/jobs").text
    assert "Cancelled" in settled
    assert "data-etag" not in settled
    assert "hx-get" not in settled


def test_twenty_a_page_and_back(pages: Pages) -> None:
    for _ in range(45):
        pages.journey.clock.forward(seconds=1)
        pages.journey.submit(pages.journey.upload())
    ada = pages.ada()
    seen: list[str] = []
    url = "/jobs"
    for expected in (20, 20, 5):
        page = ada.get(url).text
        ids = _ids(page)
        assert len(ids) == expected
        seen += ids
        url = _link(page, "next")
    assert url == ""
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 45
    back = ada.get(_link(page, "prev")).text
    assert _ids(back) == seen[20:40]


def _ids(page: str) -> list[str]:
    return re.findall(r'<th scope="row" class="file"><a href="/jobs/(\w{26})"', page)


def _link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else ""


@pytest.mark.parametrize("cursor", ["x", "../../etc", "%00", "0" * 25])
def test_a_cursor_that_is_none_shows_the_newest(pages: Pages, cursor: str) -> None:
    job = pages.journey.submit(pages.journey.upload())
    assert job.id in pages.ada().get(f"/jobs?before={cursor}").text


def test_run_again_pressed_twice_is_one_job(pages: Pages) -> None:
    job = pages.completed_job()
    ada = pages.ada()
    key = "0" * 26
    answers = [
        ada.form(f"/jobs/{job.id}/again", reference="demo", request_key=key) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location != f"/jobs/{job.id}"
    assert len(pages.services.jobs.owned_by(job.owner_id, limit=9)) == 2


def test_a_running_job_is_not_deleted_and_the_page_says_why(pages: Pages) -> None:
    job = pages.journey.submit(pages.journey.upload())
    answer = pages.ada().form(f"/jobs/{job.id}/delete")
    assert answer.status_code == 409
    assert "JOB_NOT_FINISHED" in answer.text
    assert pages.journey.job(job.id).deleted_at is None


def test_delete_asks_first_and_then_the_job_is_gone(pages: Pages) -> None:
    job = pages.completed_job()
    ada = pages.ada()
    assert "cannot be undone" in ada.get(f"/jobs/{job.id}/delete").text
    assert ada.form(f"/jobs/{job.id}/delete").location == "/jobs"
    assert ada.get(f"/jobs/{job.id}").status_code == 404
    assert job.id not in ada.get("/jobs").text


def test_a_job_is_deleted_for_its_owner_though_the_cold_folder_is_away(
    pages: Pages, tmp_path: Path
) -> None:
    job, other = pages.completed_job(), pages.completed_job()
    cold, journey = pages.services.cold_storage, pages.journey
    cold.mark(job.results[0].key)
    cold.tend(lambda _event: None, limit=9)
    (tmp_path / "cold").rename(tmp_path / "elsewhere")
    ada = pages.ada()
    with capture_logs() as told:
        assert ada.form(f"/jobs/{job.id}/delete").location == "/jobs"
    assert [each["code"] for each in told if "code" in each] == ["COLD_STORE_MISSING"]
    assert ada.get(f"/jobs/{job.id}").status_code == 404
    assert not [key for key in journey.stored() if job.id in key]  # the log, which was warm
    assert journey.files.stat(job.input.key) is None
    assert [key for key in journey.stored() if other.id in key]
    assert [each.id for each in journey.store.jobs.deleted(limit=9)] == [job.id]


def test_download_leads_to_a_link_that_needs_no_cookie(pages: Pages) -> None:
    job = pages.completed_job()
    answer = pages.ada().get(f"/jobs/{job.id}/files/{job.results[0].name}")
    assert answer.status_code == 303
    assert answer.headers["Cache-Control"] == "no-store"
    content = pages.stranger().get(answer.location.removeprefix("http://localhost"))
    assert content.status_code == 200
    assert content.data == VCF[::-1]


def test_a_name_with_markup_or_reversed_text_stays_text(pages: Pages) -> None:
    name = "<img src=x onerror=alert(1)>\u202efcv.exe"
    file = JobFile(FileKind.INPUT, name, "inputs/x", 5, "0" * 64)
    ada_id = pages.journey.account.id
    moment = pages.journey.clock()
    job = Job(new_id(moment), ada_id, "key", file, "demo", moment)
    pages.services.jobs.create(submitted(job))
    ada = pages.ada()
    for url in ("/jobs", f"/jobs/{job.id}"):
        page = ada.get(url).text
        assert "<img src=x" not in page
        assert "<bdi>&lt;img" in page


def test_elapsed_time_of_a_running_job(pages: Pages) -> None:
    job = pages.journey.submit(pages.journey.upload())
    claim = Claim("w", "m", timedelta(minutes=1))
    assert pages.services.jobs.change(started(job, claim, pages.journey.clock()))
    pages.journey.clock.forward(seconds=5)
    page = pages.ada().get(f"/jobs/{job.id}").text
    assert "running for 5.0 s" in re.sub(r"\s+", " ", page)
    assert "<progress" in page
