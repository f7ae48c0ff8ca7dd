"""What people see of the life of results, and what they may download meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gas.domain.account import MailKind
from gas.domain.job import EventKind, FileKind, Job, ResultsState
from gas.domain.plan import Plan
from gas.web.formats import sentence_by_event, word_by_results_state
from results_rig import GRACE, put, put_on, set_grace
from web.api.program import program
from web_rig import Pages

ARCHIVED, RESTORING = ResultsState.ARCHIVED, ResultsState.RESTORING
AVAILABLE, DAMAGED = ResultsState.AVAILABLE, ResultsState.DAMAGED


def annotated(job: Job) -> str:
    (name,) = [file.name for file in job.results if file.kind is FileKind.ANNOTATED]
    return name


def test_every_event_and_state_has_its_words() -> None:
    assert set(sentence_by_event) == set(EventKind)
    assert set(word_by_results_state) == set(ResultsState)


def test_a_free_user_sees_until_when_and_downloads(pages: Pages) -> None:
    job = pages.completed_job()
    ada = pages.ada()
    page = ada.get(f"/jobs/{job.id}").text
    assert "Results available until" in page
    assert "2026-01-02 03:09 UTC" in page
    assert 'data-left="300"' in page
    assert "the operator" in page  # nobody takes payment here
    assert ada.get(f"/jobs/{job.id}/files/{annotated(job)}").status_code == 303


def test_after_the_grace_period_there_is_no_link_wherever_the_file_is(pages: Pages) -> None:
    job = pages.completed_job()
    ada = pages.ada()
    pages.journey.clock.forward(seconds=GRACE.total_seconds())
    answer = ada.get(f"/jobs/{job.id}/files/{annotated(job)}")
    assert answer.status_code == 403
    assert "RESULTS_ARCHIVED" in answer.text
    page = ada.get(f"/jobs/{job.id}").text
    assert "The results are archived" in page
    assert f"/files/{annotated(job)}" not in page
    assert 'data-refused="RESULTS_ARCHIVED"' in page
    for file in (job.input, job.log):
        assert file is not None
        assert ada.get(f"/jobs/{job.id}/files/{file.name}").status_code == 303
    with pages.services.files.open(job.results[0].key) as content:
        assert content.read()  # it is in the warm store all the same


def test_a_second_before_the_end_the_link_lives_a_second(pages: Pages) -> None:
    job = pages.completed_job()
    ada = program(pages)
    pages.journey.clock.forward(seconds=GRACE.total_seconds() - 1)
    link = ada.post(f"/jobs/{job.id}/links", {"name": annotated(job)}).get_json()
    assert link["expires_at"] == "2026-01-02T03:09:05.000Z"
    path = link["url"].removeprefix("http://localhost")
    visitor = pages.stranger()
    assert visitor.get(path).status_code == 200
    pages.journey.clock.forward(seconds=1)
    assert visitor.get(path).status_code == 403


def test_the_grace_period_is_what_the_queue_says_at_once(pages: Pages) -> None:
    job = pages.completed_job()
    ada = pages.ada()
    before = ada.get(f"/jobs/{job.id}/live")
    set_grace(pages, timedelta(hours=2))
    after = ada.get(f"/jobs/{job.id}/live", **{"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "2026-01-02 05:04 UTC" in after.text
    assert "to download for 2 hours" in ada.get("/").text
    assert "for 2 hours after the run" in ada.get("/account/plan").text
    pages.journey.clock.forward(minutes=6)
    assert ada.get(f"/jobs/{job.id}/files/{annotated(job)}").status_code == 303
    set_grace(pages, timedelta(minutes=1))
    assert ada.get(f"/jobs/{job.id}/files/{annotated(job)}").status_code == 403


def test_the_page_finds_out_by_itself(pages: Pages) -> None:
    """The ETag changes with the state, with nothing written to the job."""
    job = pages.completed_job()
    ada = pages.ada()
    live, table = f"/jobs/{job.id}/live", "/jobs/table"
    etags = {path: ada.get(path).headers["ETag"] for path in (live, table)}
    for path, etag in etags.items():
        assert ada.get(path, **{"If-None-Match": etag}).status_code == 304
    pages.journey.clock.forward(seconds=GRACE.total_seconds())
    for path, etag in etags.items():
        answer = ada.get(path, **{"If-None-Match": etag})
        assert answer.status_code == 200
        assert "Archived" in answer.text


@pytest.mark.parametrize(
    ("plan", "states", "shown", "code"),
    [
        (Plan.FREE, [ARCHIVED], "The results are archived", "RESULTS_ARCHIVED"),
        (Plan.PREMIUM, [ARCHIVED], "The results are coming back", "RESULTS_RESTORING"),
        (Plan.PREMIUM, [ARCHIVED, RESTORING], "usually takes 3 minutes", "RESULTS_RESTORING"),
        (Plan.PREMIUM, [ARCHIVED, RESTORING, AVAILABLE], "The results are back", ""),
        (Plan.PREMIUM, [], "Downloads", ""),
        (Plan.PREMIUM, [DAMAGED], "is lost or changed", "RESULTS_DAMAGED"),
        (Plan.FREE, [DAMAGED], "is lost or changed", "RESULTS_DAMAGED"),
    ],
)
def test_each_state_is_told_and_held_to(
    pages: Pages, plan: Plan, states: list[ResultsState], shown: str, code: str
) -> None:
    job = pages.completed_job()
    if plan is Plan.PREMIUM:
        put_on(pages.journey, plan)
    put(pages.journey, job.id, *states)
    ada = pages.ada()
    page = ada.get(f"/jobs/{job.id}").text
    assert shown in page
    answer = ada.get(f"/jobs/{job.id}/files/{annotated(job)}")
    assert answer.status_code == {"": 303, "RESULTS_ARCHIVED": 403}.get(code, 409)
    assert code in answer.text
    assert (f'href="/jobs/{job.id}/files/{annotated(job)}"' in page) == (not code)
    assert ("data-upgrade" in page) is False  # there is nobody to pay, and nobody is nagged
    asks_again = code != "" or plan is Plan.FREE
    assert ("hx-trigger" in page) == asks_again


def test_that_they_are_back_is_news_for_a_day(pages: Pages) -> None:
    job = pages.completed_job()
    put_on(pages.journey, Plan.PREMIUM)
    put(pages.journey, job.id, ARCHIVED, RESTORING, AVAILABLE)
    pages.journey.clock.forward(hours=23)
    before = pages.ada().get(f"/jobs/{job.id}/live")
    assert "The results are back" in before.text
    pages.journey.clock.forward(hours=1)
    after = pages.ada().get(f"/jobs/{job.id}/live", **{"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "The results are back" not in after.text


@pytest.mark.parametrize("states", [[ARCHIVED, AVAILABLE], [DAMAGED, AVAILABLE]])
def test_what_never_went_or_was_mended_is_not_back(
    pages: Pages, states: list[ResultsState]
) -> None:
    job = pages.completed_job()
    put_on(pages.journey, Plan.PREMIUM)
    put(pages.journey, job.id, ARCHIVED, RESTORING, AVAILABLE, *states)
    page = pages.ada().get(f"/jobs/{job.id}").text
    assert "Downloads" in page
    assert "The results are back" not in page


MAILED = "a mail tells you when all of yours are back"


@pytest.mark.parametrize(
    ("change", "promised"),
    [
        ({}, True),
        ({"email": ""}, False),
        ({"unwanted_mails": frozenset({MailKind.RESTORED})}, False),
        ({"restored_epoch": 2}, False),  # told already, of this plan
    ],
)
def test_a_mail_is_promised_to_who_will_get_it(
    pages: Pages, change: dict[str, Any], promised: bool
) -> None:
    job = pages.completed_job()
    put_on(pages.journey, Plan.PREMIUM)
    put(pages.journey, job.id, ARCHIVED, RESTORING)
    ada = pages.ada()
    known = pages.account("ada")
    changed = replace(known, **change, version=known.version + 1)
    assert pages.services.accounts.change(changed)
    page = ada.get(f"/jobs/{job.id}").text
    assert "The results are coming back" in page
    assert (MAILED in page) is promised


@pytest.mark.parametrize("kind", [None, *MailKind])
def test_of_the_end_of_a_job_too(pages: Pages, kind: MailKind | None) -> None:
    job = pages.journey.submit(pages.journey.upload())
    ada = pages.ada()
    unwanted = frozenset({kind}) if kind else frozenset()
    known = pages.account("ada")
    changed = replace(known, unwanted_mails=unwanted, version=known.version + 1)
    assert pages.services.accounts.change(changed)
    promised = "a mail tells you when it is done" in ada.get(f"/jobs/{job.id}").text
    assert promised is (kind in (None, MailKind.RESTORED))


def test_the_timeline_tells_it_in_plain_words(pages: Pages) -> None:
    job = pages.completed_job()
    put(pages.journey, job.id, ARCHIVED, RESTORING, AVAILABLE, DAMAGED)
    page = pages.ada().get(f"/jobs/{job.id}").text
    kinds = (EventKind.ARCHIVED, EventKind.RESTORING, EventKind.RESTORED, EventKind.DAMAGED)
    page = page[page.index("What happened") :]
    places = [page.index(sentence_by_event[kind]) for kind in kinds]
    assert places == sorted(places)


def test_the_list_shows_where_results_are(pages: Pages) -> None:
    job = pages.completed_job()
    ada = pages.ada()
    assert "download until" in ada.get("/jobs").text
    put(pages.journey, job.id, ARCHIVED)
    assert 'data-results="ARCHIVED"' in ada.get("/jobs").text
    put_on(pages.journey, Plan.PREMIUM)
    assert 'data-results="RESTORING"' in ada.get("/jobs").text
    put(pages.journey, job.id, AVAILABLE)
    page = ada.get("/jobs").text
    assert "data-results" not in page
    assert "hx-trigger" not in page


def test_the_api_tells_the_same(pages: Pages) -> None:
    job = pages.completed_job()
    ada = program(pages)
    shown = ada.get(f"/jobs/{job.id}")
    found = shown.get_json()
    assert (found["results_state"], found["available_until"]) == (
        "AVAILABLE",
        "2026-01-02T03:09:05.000Z",
    )
    pages.journey.clock.forward(seconds=GRACE.total_seconds())
    found = ada.get(f"/jobs/{job.id}").get_json()
    assert (found["results_state"], found["results_since"], found["available_until"]) == (
        "ARCHIVED",
        "2026-01-02T03:09:05.000Z",
        None,
    )
    files = ada.get(f"/jobs/{job.id}/results").get_json()["files"]
    refused = {file["kind"]: file["refused"] for file in files}
    assert refused == {"annotated": "RESULTS_ARCHIVED", "log": None, "input": None}
    answer = ada.post(f"/jobs/{job.id}/links", {"name": annotated(job)})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "RESULTS_ARCHIVED")
    put_on(pages.journey, Plan.PREMIUM)
    put(pages.journey, job.id, ARCHIVED, RESTORING)
    answer = ada.post(f"/jobs/{job.id}/links", {"name": annotated(job)})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "RESULTS_RESTORING")
    put(pages.journey, job.id, DAMAGED)
    answer = ada.post(f"/jobs/{job.id}/links", {"name": annotated(job)})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "RESULTS_DAMAGED")
    assert ada.get("/jobs?limit=1").get_json()["jobs"][0]["results_state"] == "DAMAGED"


def test_operators_see_totals(pages: Pages) -> None:
    first, second, third = (pages.completed_job() for _ in range(3))
    put(pages.journey, first.id, ARCHIVED)
    put(pages.journey, second.id, ARCHIVED, RESTORING)
    root = pages.operator()
    page = root.get("/operator/results").text
    each = f"{sum(file.size_bytes for file in third.results)} bytes"
    both = f"{2 * sum(file.size_bytes for file in third.results)} bytes"
    assert f'id="warm">{each}<' in page
    assert f'id="cold">{both}<' in page
    assert "5 minutes; change it with" in page
    assert "A restore takes longer" not in page
    pages.journey.clock.forward(hours=2)
    put(pages.journey, third.id, DAMAGED)
    page = pages.operator().get("/operator/results").text
    assert "A restore takes longer than 63 minutes" in page
    assert "1 job with a file that is lost or changed" in page
    assert pages.ada().get("/operator/results").status_code == 403
