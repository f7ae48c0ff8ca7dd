"""Who did what is written down, by one hook; nothing sensitive is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.domain.audit import AuditOutcome, Deed, mark
from gas.domain.errors import Unavailable
from gas.domain.job import Change
from gas.web.audited import ACTIONS, Tally
from web.api.program import program
from web_rig import Pages

READS = {"GET", "HEAD", "OPTIONS"}


def deeds(pages: Pages) -> list[Deed]:
    """Oldest first."""
    return [entry.deed for entry in pages.services.audit.page(limit=1000)][::-1]


def actions(pages: Pages) -> list[str]:
    return [each.action for each in deeds(pages)]


def test_every_endpoint_that_changes_something_is_in_the_table(pages: Pages) -> None:
    changing = {
        rule.endpoint for rule in pages.app.url_map.iter_rules() if (rule.methods or set()) - READS
    }
    assert changing - ACTIONS.keys() == set()
    endpoints = {rule.endpoint for rule in pages.app.url_map.iter_rules()}
    assert ACTIONS.keys() - endpoints == set(), "an endpoint was renamed"
    operators = {endpoint for endpoint in endpoints if endpoint.startswith("operators.")}
    assert operators - ACTIONS.keys() == set()


def test_a_visit_from_sign_in_to_sign_out(pages: Pages) -> None:
    job = pages.completed_job()
    ada = pages.ada()
    ada.get(f"/jobs/{job.id}")
    ada.get(f"/jobs/{job.id}/files/a.annot.vcf.gz")
    ada.form(f"/jobs/{job.id}/again")
    ada.form(f"/jobs/{job.id}/delete")
    ada.form("/sign-out")
    assert actions(pages) == [
        "session.begun",
        "link.made",
        "job.created",
        "job.deleted",
        "session.ended",
    ]
    mine = pages.journey.account.id
    assert {each.actor for each in deeds(pages)} == {mine}
    assert deeds(pages)[1].thing == mark("job", job.id)
    assert {each.outcome for each in deeds(pages)} == {AuditOutcome.DONE}
    assert pages.services.audit.verify().broken_at is None


def test_a_job_is_named_as_it_was_made(pages: Pages) -> None:
    ada = pages.ada()
    made = ada.json("/jobs", upload_id=pages.journey.upload(), reference="demo").json
    assert made is not None
    assert deeds(pages)[-1].thing == mark("job", made["id"])
    again = ada.form(f"/jobs/{made['id']}/again").location.rpartition("/")[2]
    assert deeds(pages)[-1].thing == mark("job", again)


def test_reading_ones_own_pages_leaves_nothing(pages: Pages) -> None:
    ada = pages.ada()
    before = len(deeds(pages))
    for url in ("/jobs", "/jobs/table", "/jobs/new", "/", "/account/privacy", "/jobs/" + "0" * 26):
        ada.get(url)
    assert len(deeds(pages)) == before


def test_a_foreign_job_is_a_refusal_and_floods_are_counted(pages: Pages) -> None:
    job = pages.completed_job()
    eve = pages.browser("eve@example.org")
    for _ in range(25):
        eve.get(f"/jobs/{job.id}")
    refused = [each for each in deeds(pages) if each.action == "access.refused"]
    assert [each.detail.rpartition(" ")[2] for each in refused] == ["1", "10"]
    assert {each.thing for each in refused} == {mark("job", job.id)}
    assert {each.actor for each in refused} == {pages.account("eve@example.org").id}


def test_what_is_for_operators_only_is_a_refusal(pages: Pages) -> None:
    pages.browser("eve@example.org").get("/operator/queues")
    assert deeds(pages)[-1].action == "access.refused"
    assert deeds(pages)[-1].detail == "OPERATORS_ONLY 1"


def test_a_sign_in_that_fails(pages: Pages) -> None:
    stranger = pages.stranger()
    stranger.get("/sign-in/link?token=nothing")
    stranger.form("/sign-in/link", token="nothing")
    (told,) = deeds(pages)
    assert (told.actor, told.action, told.outcome) == (
        "visitor",
        "session.refused",
        AuditOutcome.REFUSED,
    )
    assert told.detail == "LINK_USED_OR_EXPIRED 1"


def test_what_operators_look_at(pages: Pages) -> None:
    root = pages.operator()
    root.get("/operator/queues")
    page = root.get("/operator/audit").text
    assert [(each.thing, each.detail) for each in deeds(pages)[-2:]] == [
        ("", "queues"),
        ("", "audit"),
    ]
    assert "session.begun" in page
    assert "operator.looked" in page
    only = root.get("/operator/audit?action=session.").text
    assert "session.begun" in only
    assert "operator.looked</td>" not in only
    assert "No entry fits" in root.get("/operator/audit?account=nobody").text


def test_the_page_of_the_log_is_turned(pages: Pages) -> None:
    root = pages.operator()
    for _ in range(60):
        root.get("/operator/queues")
    first = root.get("/operator/audit").text
    assert "Older →" in first
    older = root.get("/operator/audit?before=5").text
    assert "← Newest" in older
    assert "Older →" not in older
    assert ">5<" not in older
    for odd in ("x", "0", "-1", str(10**30)):
        assert root.get(f"/operator/audit?before={odd}").status_code == 200


def test_a_log_that_cannot_be_written_stops_nobody(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = pages.completed_job()
    ada = pages.ada()

    def broken(_told: Deed) -> None:
        raise Unavailable("STORE_UNAVAILABLE", "It does not answer.")

    monkeypatch.setattr(pages.services.audit, "add", broken)
    assert ada.form(f"/jobs/{job.id}/delete").status_code == 303
    assert pages.services.jobs.get(job.id) is None


def test_a_break_is_a_failure(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    job = pages.completed_job()
    ada = pages.ada()

    def broken(_change: Change) -> bool:
        raise Unavailable("STORE_UNAVAILABLE", "The disk fails.")

    monkeypatch.setattr(pages.services.jobs, "change", broken)
    assert ada.form(f"/jobs/{job.id}/delete").status_code == 503
    assert (deeds(pages)[-1].outcome, deeds(pages)[-1].detail) == (
        AuditOutcome.FAILED,
        "STORE_UNAVAILABLE",
    )


def test_a_job_that_could_not_be_made_is_a_failure_and_its_answer_stays(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = pages.ada()
    upload = pages.journey.upload()

    def broken(_change: Change) -> bool:
        raise Unavailable("STORE_UNAVAILABLE", "The disk fails.")

    monkeypatch.setattr(pages.services.jobs, "create", broken)
    answer = ada.json("/jobs", upload_id=upload, reference="demo")
    assert (answer.status_code, answer.json and answer.json["code"]) == (503, "STORE_UNAVAILABLE")
    failed = deeds(pages)[-1]
    assert (failed.action, failed.outcome) == ("job.created", AuditOutcome.FAILED)
    assert failed.thing == mark("job", "")


def test_counts_begin_anew_after_an_hour(pages: Pages) -> None:
    tally, now = Tally(), pages.journey.clock()
    assert [tally.count(("me", "x"), now) for _ in range(3)] == [1, 2, 3]
    assert tally.count(("you", "x"), now) == 1
    assert tally.count(("me", "x"), now + timedelta(hours=1)) == 1


def test_a_job_asked_for_again_is_written_down_once(pages: Pages) -> None:
    ada = program(pages)
    upload = ada.upload()
    statuses = [ada.submit(upload, "a-key").status_code for _ in range(3)]
    assert statuses == [201, 200, 200]
    assert actions(pages) == ["job.created"]


def test_tokens_and_webhooks_are_named_as_they_are_made_and_revoked(pages: Pages) -> None:
    """So that it is seen which one was made by whom, by the pages and by the API."""
    ada, browser = program(pages), pages.ada()
    new: dict[str, object] = {"url": "https://lab.example.org/", "events": ["job.failed"]}
    browser.form("/account/tokens", name="x", scope="jobs:read", days="7")
    ada.post("/tokens", {"name": "y", "scopes": ["jobs:read"]})
    browser.client.post("/account/webhooks", data=new | {"csrf_token": browser.token})
    ada.post("/webhooks", new)
    mine = pages.journey.account.id
    tokens = [each.id for each in pages.services.api_tokens.of_account(mine) if each.name in "xy"]
    hooks = [each.id for each in pages.services.webhooks.owned_by(mine)]
    made = {(each.action, each.thing) for each in deeds(pages) if each.action.endswith(".made")}
    assert made == {
        *(("token.made", mark("token", each)) for each in tokens),
        *(("webhook.made", mark("webhook", each)) for each in hooks),
    }
    assert len(made) == 4
