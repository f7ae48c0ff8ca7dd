"""Fields that are not to be set change nothing; who sent them is written down, by names only."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import gas.web
from gas.domain.audit import AuditOutcome, Deed
from gas.domain.rates import Rates
from gas.web.api.models import Given
from gas.web.forged import FIELDS, NO_FORMS, TAKEN, field_of
from gas.web.gate import MAX_FORM_BYTES
from web.api.program import Program, program
from web.routes import ROUTES, Whose
from web.test_walks import visitor
from web_rig import Browser, Pages

CANARY = "canary-4711"


def forged(pages: Pages) -> list[Deed]:
    """Oldest first."""
    entries = pages.services.audit.page(limit=1000)
    return [each.deed for each in entries if each.deed.action == "field.forged"][::-1]


def test_a_form_with_a_role_is_one_line_with_names_and_no_value(pages: Pages) -> None:
    answer = pages.ada().form("/account/profile", name="Ada", role=CANARY, plan=CANARY, x=CANARY)
    assert answer.status_code == 303
    (told,) = forged(pages)
    assert told.actor == pages.journey.account.id
    assert told.detail == "POST /account/profile: plan 1, role 1"
    assert (told.kind, told.thing, told.outcome) == ("address", "", AuditOutcome.REFUSED)
    assert CANARY not in str(pages.services.audit.page(limit=1000))
    assert pages.services.audit.verify().broken_at is None


def test_a_program_that_sends_them_is_refused_and_written_down(pages: Pages) -> None:
    body: dict[str, Any] = {"name": "a.vcf", "size_bytes": 7, "owner_id": CANARY, "state": CANARY}
    answer = program(pages).post("/uploads", body)
    assert answer.status_code == 422
    (told,) = forged(pages)
    assert (told.actor, told.detail) == (
        pages.journey.account.id,
        "POST /api/v1/uploads: owner_id 1, state 1",
    )


def test_within_other_objects_and_where_no_body_is_taken(pages: Pages) -> None:
    asking = program(pages)
    job = pages.journey.submit(pages.journey.upload())
    nested: dict[str, Any] = {"options": [{"deep": {"isAdmin": CANARY}}]}
    assert asking.post(f"/jobs/{job.id}/again", nested).status_code == 422
    assert asking.post(f"/jobs/{job.id}/cancel", {"state": CANARY}).status_code == 200
    assert [told.detail for told in forged(pages)] == [
        "POST /api/v1/jobs/<job_id>/again: is_admin 1",
        "POST /api/v1/jobs/<job_id>/cancel: state 1",
    ]
    assert job.id not in str(forged(pages))


def test_a_stranger_who_signs_in_is_a_visitor(pages: Pages) -> None:
    stranger = pages.stranger()
    stranger.get("/sign-in/link?token=nothing")
    stranger.form("/sign-in/link", token=CANARY, role="operator")
    (told,) = forged(pages)
    assert (told.actor, told.detail) == ("visitor", "POST /sign-in/link: role 1")


def test_a_flood_is_counted_and_names_of_the_senders_own_are_none(pages: Pages) -> None:
    ada = pages.ada()
    for number in range(25):
        many = {f"{CANARY}-{number}-{each}": "x" for each in range(80)}
        ada.form("/account/profile", role="operator", **many)
    ada.form("/account/sessions/end-others", owner="x")
    assert [told.detail for told in forged(pages)] == [
        "POST /account/profile: role 1",
        "POST /account/profile: role 10",
        "POST /account/sessions/end-others: owner 1",
    ]
    assert CANARY not in str(pages.services.audit.page(limit=1000))


def test_all_of_them_at_once_is_one_line(pages: Pages) -> None:
    pages.ada().form("/account/profile", **dict.fromkeys(FIELDS, "x"))
    (told,) = forged(pages)
    assert told.detail == f"POST /account/profile: {', '.join(f'{it} 1' for it in FIELDS)}"


def test_one_that_was_sent_often_hides_no_other(pages: Pages) -> None:
    ada = pages.ada()
    for _ in range(9):
        ada.form("/account/profile", state="x")
    ada.form("/account/profile", state="x", role="operator")
    ada.form("/account/profile", state="x", role="operator", plan="premium")
    assert [told.detail for told in forged(pages)] == [
        "POST /account/profile: state 1",
        "POST /account/profile: role 1, state 10",
        "POST /account/profile: plan 1",
    ]


def test_names_of_files_and_of_the_address_count_too(pages: Pages) -> None:
    ada = pages.ada()
    sent = {"csrf_token": ada.token, "role": (io.BytesIO(CANARY.encode()), f"{CANARY}.txt")}
    assert ada.client.post("/account/profile", data=sent).status_code == 303
    ada.form(f"/account/profile?plan={CANARY}", name="Ada")
    program(pages).post(f"/tokens?owner={CANARY}", {"name": "x", "scopes": ["jobs:read"]})
    assert [told.detail for told in forged(pages)] == [
        "POST /account/profile: role 1",
        "POST /account/profile: plan 1",
        "POST /api/v1/tokens: owner 1",
    ]
    assert CANARY not in str(pages.services.audit.page(limit=1000))


def test_what_only_reads_is_not_looked_at(pages: Pages) -> None:
    ada, asking = pages.ada(), program(pages)
    for client, url in ((ada.client, "/account"), (ada.client, "/jobs")):
        assert client.get(f"{url}?role=x", json={"role": "operator"}).status_code == 200
    assert asking.ask("GET", "/jobs", json={"role": "operator"}).status_code == 200
    assert forged(pages) == []


def test_a_body_that_is_too_large_or_of_unknown_length_makes_no_difference(pages: Pages) -> None:
    """Where none is taken, none is read: as if nobody looked."""
    asking = program(pages)
    large = json.dumps({"role": "x" * MAX_FORM_BYTES}).encode()
    unknown: dict[str, Any] = {
        "data": b'{"role": "x"}',
        "headers": {"Transfer-Encoding": "chunked"},
        "environ_overrides": {"wsgi.input_terminated": True},  # as servers do that read chunks
    }
    for sent in ({"data": large}, unknown):
        job = pages.journey.submit(pages.journey.upload())
        url = f"/jobs/{job.id}/cancel"
        answer = asking.ask("POST", url, content_type="application/json", **sent)
        assert answer.status_code == 200, answer.text
    assert forged(pages) == []
    again = asking.ask("POST", "/tokens", data=large, content_type="application/json")
    assert again.status_code == 413, "which takes one"


def test_a_form_is_looked_at_by_pages_only(pages: Pages) -> None:
    """No operation takes one: docs/privacy.md says so."""
    asking = program(pages)
    job = pages.journey.submit(pages.journey.upload())
    assert asking.ask("POST", f"/jobs/{job.id}/cancel", data={"role": "x"}).status_code == 200
    assert forged(pages) == []


def test_what_the_gate_does_not_let_in_is_not_looked_at(pages: Pages) -> None:
    ada = pages.ada()
    ada.client.post("/account/profile", data={"role": "operator", "csrf_token": "wrong"})
    Program(pages.app.test_client(), "gas_wrong").post("/uploads", {"role": "operator"})
    pages.stranger().client.post("/nowhere", data={"role": "operator"})
    few = replace(pages.services, rates=replace(Rates(), changes_per_minute=1))
    limited = Browser(gas.web.create_app(few).test_client())
    limited.client.set_cookie("gas_session", ada.client.get_cookie("gas_session").value)  # type: ignore[union-attr]
    limited.get("/account")
    statuses = [limited.form("/account/profile", plan="premium").status_code for _ in range(3)]
    assert statuses == [303, 429, 429]
    assert [told.detail for told in forged(pages)] == ["POST /account/profile: plan 1"]


def test_operators_may_set_plans_and_roles_and_nothing_else(pages: Pages) -> None:
    root, ada = pages.operator(), pages.journey.account
    root.form(f"/operator/accounts/{ada.id}", plan="premium", role="user", confirmed="yes")
    assert forged(pages) == []
    root.form(f"/operator/accounts/{ada.id}", plan="free", owner="x", confirmed="yes")
    assert [told.detail for told in forged(pages)] == [
        "POST /operator/accounts/<account_id>: owner 1"
    ]


def test_who_uses_the_service_as_it_is_meant_leaves_no_line(pages: Pages) -> None:
    who = visitor(pages, pages.operator(), pages.account("root@example.org"))
    job = pages.completed_job()
    for route in ROUTES:
        if route.url not in {"/sign-out", "/account/privacy/delete"}:
            who.ask(route, Whose(job=job.id))
    assert forged(pages) == []


def test_no_operation_takes_one_of_them() -> None:
    taken = {name for model in Given.__subclasses__() for name in model.model_fields}
    assert {"upload_id", "reference", "scopes", "url", "options"} <= taken
    assert {name for name in taken if field_of(name)} == set()


def test_no_form_of_the_pages_takes_one_of_them_but_that_of_operators() -> None:
    folder = Path(gas.web.__file__).parent / "templates"
    taken = {
        (path.name, name)
        for path in folder.rglob("*.html")
        for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL)
        for name in re.findall(r'name="([^"]+)"', form)
    }
    assert len(taken) > 20
    assert {it for it in taken if field_of(it[1])} == {
        ("one_account.html", "plan"),
        ("one_account.html", "role"),
    }


def test_the_lists_name_what_there_is(pages: Pages) -> None:
    endpoints = {rule.endpoint for rule in pages.app.url_map.iter_rules()}
    assert {*TAKEN, *NO_FORMS} <= endpoints
    assert list(FIELDS) == sorted(FIELDS)
    assert all(names <= set(FIELDS) for names in TAKEN.values())


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("role", "role"),
        ("Role", "role"),
        ("isAdmin", "is_admin"),
        ("is-admin", "is_admin"),
        ("account[role]", "role"),
        ("account.owner_id", "owner_id"),
        ("role[]", "role"),
        ("user[role][]", "role"),
        ("role[0]", "role"),
        ("role[0][17]", "role"),
        ("accounts.3.plan.0", "plan"),
        (" role ", "role"),
        ("user[ role ]", "role"),
        ("roles", ""),
        ("controle", ""),
        ("", ""),
        ("[", ""),
        ("[]", ""),
        ("7", ""),
        ("role[name]", ""),
    ],
)
def test_a_name_is_known_however_it_is_written(name: str, field: str) -> None:
    assert field_of(name) == field
