"""The plan's page, the way to Stripe and back, and the webhook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from adapters.stripe.books import Thing
from adapters.stripe.fake import FakeStripe
from billing_rig import Shop, open_shop
from gas.domain.plan import Plan
from gas.web import create_app, gate
from gas.web.gate import MAX_HOOK_BYTES
from gas.web.headers import POLICY
from web_rig import Browser, Pages, services_of

HOOK = "/webhooks/stripe"
PLAN = "/account/plan"


@dataclass
class PaidPages:
    shop: Shop
    pages: Pages

    @property
    def fake(self) -> FakeStripe:
        return self.shop.fake

    def ada(self) -> Browser:
        browser = self.pages.ada()
        browser.get(PLAN)
        return browser

    def subscribed(self) -> Browser:
        browser = self.ada()
        browser.form(f"{PLAN}/subscribe")
        (session,) = self.fake.books.sessions
        self.fake.books.pay(session)
        self.send_all()
        self.shop.settle_all()
        return browser

    def send(self, event: Thing, **headers: str) -> TestResponse:
        body = json.dumps(event).encode()
        signed = {"Stripe-Signature": self.fake.signature(body), **headers}
        client = self.pages.app.test_client()
        return client.post(HOOK, data=body, content_type="application/json", headers=signed)

    def send_all(self) -> None:
        for event in list(self.fake.books.taken_events()):
            assert self.send(event).status_code == 204


@pytest.fixture
def paid(tmp_path: Path) -> Iterator[PaidPages]:
    with open_shop(tmp_path) as shop:
        services = replace(services_of(shop.journey, tmp_path), billing=shop.billing)
        yield PaidPages(shop, Pages(shop.journey, services, create_app(services)))


def test_without_billing_the_page_says_who_decides(pages: Pages) -> None:
    ada = pages.ada()
    page = ada.get(PLAN).text
    assert "The operator of this service decides" in page
    assert "<form" not in page.partition('id="subscription"')[2].partition("</section>")[0]
    for action in ("subscribe", "manage", "look"):
        assert ada.form(f"{PLAN}/{action}").status_code == 404
    assert pages.stranger().client.post(HOOK, data=b"{}").status_code == 404


def test_to_the_checkout_and_back_to_the_truth(paid: PaidPages) -> None:
    ada = paid.ada()
    page = ada.get(PLAN).text
    assert "Subscribe" in page
    assert "10 EUR a month" in page
    assert "Manage" not in page
    answer = ada.form(f"{PLAN}/subscribe")
    assert answer.status_code == 303
    (session,) = paid.fake.books.sessions.values()
    assert answer.location == session["url"]
    assert urlsplit(session["success_url"]).path == f"{PLAN}/paid"
    assert session["cancel_url"] == "http://localhost/account/plan"
    paid.fake.books.pay(session["id"])
    # Back before the word of it: nothing is granted, and nothing pretended.
    page = ada.get(f"{PLAN}/paid").text
    assert "Not confirmed yet" in page
    assert 'data-plan="free"' in page
    assert f'hx-get="{PLAN}/live"' in page
    assert "Subscribe" not in page
    live = ada.get(f"{PLAN}/live")
    etag = live.headers["ETag"]
    assert ada.get(f"{PLAN}/live", **{"If-None-Match": etag}).status_code == 304
    paid.send_all()
    paid.shop.settle_all()
    live = ada.get(f"{PLAN}/live", **{"If-None-Match": etag})
    assert live.status_code == 200
    assert 'data-plan="premium"' in live.text
    assert "hx-get" not in live.text
    page = ada.get(PLAN).text
    assert "paid until" in page
    assert "Manage at Stripe" in page
    assert "Subscribe" not in page


def test_whoever_types_the_address_of_the_way_back_gets_nothing(paid: PaidPages) -> None:
    ada = paid.ada()
    page = ada.get(f"{PLAN}/paid").text
    assert 'data-plan="free"' in page
    assert paid.shop.plan() is Plan.FREE


def test_each_state_is_told(paid: PaidPages) -> None:
    ada = paid.subscribed()
    books = paid.fake.books
    (subscription,) = books.subscriptions
    for change, values, said in (
        ("cancel_later", (), "It is cancelled, and ends"),
        ("resume", (), "goes on until you cancel"),
        ("turn", ("past_due",), "A payment failed"),
        ("turn", ("incomplete",), "first payment is not through"),
        ("end", (), "Subscribe"),
    ):
        getattr(books, change)(subscription, *values)
        paid.send_all()
        paid.shop.settle_all()
        assert said in ada.get(PLAN).text
    paid.shop.give(Plan.PREMIUM)
    assert "The operator has put you on it" in ada.get(PLAN).text


def test_paying_twice_is_told_to_the_person(paid: PaidPages) -> None:
    ada = paid.subscribed()
    paid.fake.books.subscribe(paid.shop.payer.customer_id)
    paid.send_all()
    paid.shop.settle_all()
    assert "You have 2 subscriptions" in ada.get(PLAN).text


def test_to_the_portal(paid: PaidPages) -> None:
    ada = paid.subscribed()
    answer = ada.form(f"{PLAN}/manage")
    assert answer.status_code == 303
    (portal,) = paid.fake.books.portals.values()
    assert answer.location == portal["url"]
    assert portal["customer"] == paid.shop.payer.customer_id
    assert portal["return_url"] == "http://localhost/account/plan"


def test_looking_again_asks_stripe_and_not_the_address(paid: PaidPages) -> None:
    ada = paid.ada()
    ada.form(f"{PLAN}/subscribe")
    (session,) = paid.fake.books.sessions
    paid.fake.books.pay(session)
    list(paid.fake.books.taken_events())  # lost
    assert ada.form(f"{PLAN}/look").status_code == 303
    paid.shop.settle_all()
    assert paid.shop.plan() is Plan.PREMIUM


def test_stripe_is_down_and_the_page_says_so(paid: PaidPages) -> None:
    ada = paid.ada()
    paid.fake.trouble = lambda asked: "drop"
    answer = ada.form(f"{PLAN}/subscribe")
    assert answer.status_code == 503
    assert "BILLING_UNAVAILABLE" in answer.text
    assert "nothing is paid twice" in answer.text
    assert ada.get(PLAN).status_code == 200  # that asks nobody


def test_only_pages_with_these_forms_may_lead_to_stripe(paid: PaidPages) -> None:
    ada = paid.ada()
    policy = ada.get(PLAN).headers["Content-Security-Policy"]
    assert f"form-action 'self' {paid.fake.url};" in policy
    assert policy.replace(f" {paid.fake.url}", "") == POLICY
    assert ada.get("/jobs").headers["Content-Security-Policy"] == POLICY


def test_one_person_cannot_see_or_manage_anothers(paid: PaidPages) -> None:
    paid.subscribed()
    eve = paid.pages.browser("eve@example.org")
    page = eve.get(PLAN).text
    assert "paid until" not in page
    assert paid.shop.payer.customer_id not in page
    assert eve.form(f"{PLAN}/manage").status_code == 409
    assert len(paid.fake.books.portals) == 0


def test_an_event_needs_no_session_and_gives_none(paid: PaidPages) -> None:
    ada = paid.ada()
    ada.form(f"{PLAN}/subscribe")
    (session,) = paid.fake.books.sessions
    paid.fake.books.pay(session)
    event = next(paid.fake.books.taken_events())
    answer = paid.send(event, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 204
    assert "Set-Cookie" not in answer.headers
    assert paid.send(event).status_code == 204  # again: taken, without effect
    assert paid.shop.receive() is not None
    assert paid.shop.receive() is None


def _states(paid: PaidPages) -> list[tuple[int, int]]:
    states = paid.pages.services.queue_desk.states()
    return [(state.visible, state.held) for state in states]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "EVENT_FORGED"),
        ({"Stripe-Signature": "t=1,v1=00"}, "EVENT_FORGED"),
        ({"X-CSRFToken": "x"}, "EVENT_FORGED"),
    ],
)
def test_a_forged_event_is_refused_without_effect(
    paid: PaidPages, headers: dict[str, str], code: str
) -> None:
    ada = paid.ada()  # somebody's session is no signature
    event = json.dumps({"id": "evt_1", "type": "invoice.paid", "data": {"object": {}}})
    before = _states(paid)
    answer = ada.client.post(HOOK, data=event, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert answer.json["code"] == code  # type: ignore[index]
    assert _states(paid) == before
    assert not paid.pages.services.payers.heard("evt_1")


def test_a_replayed_event_is_too_old(paid: PaidPages) -> None:
    ada = paid.ada()
    ada.form(f"{PLAN}/subscribe")
    (session,) = paid.fake.books.sessions
    paid.fake.books.pay(session)
    event = next(paid.fake.books.taken_events())
    body = json.dumps(event).encode()
    old = paid.fake.signature(body)
    paid.shop.journey.clock.forward(seconds=301)
    before = _states(paid)
    answer = paid.send(event, **{"Stripe-Signature": old})
    assert answer.status_code == 400
    assert answer.json["code"] == "EVENT_STALE"  # type: ignore[index]
    assert _states(paid) == before
    assert paid.send(event).status_code == 204  # Stripe signs anew with each try


def test_what_an_event_holds_are_no_forged_fields(paid: PaidPages) -> None:
    paid.ada().form(f"{PLAN}/subscribe")
    (session,) = paid.fake.books.sessions
    paid.fake.books.pay(session)
    event = next(paid.fake.books.taken_events())
    assert paid.send({**event, "plan": "x", "role": "operator"}).status_code == 204
    told = [entry.deed.action for entry in paid.pages.services.audit.page(limit=99)]
    assert "session.begun" in told
    assert "field.forged" not in told


def test_what_is_too_large_is_not_read(paid: PaidPages) -> None:
    client = paid.pages.app.test_client()
    answer = client.post(HOOK, data=b"x" * (MAX_HOOK_BYTES + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/webhooks/", "/webhooks/other", "/webhooks/stripe/x"])
def test_no_other_address_takes_events(paid: PaidPages, path: str) -> None:
    assert paid.pages.app.test_client().post(path, data=b"{}").status_code == 404


def test_nothing_secret_is_on_the_page(paid: PaidPages) -> None:
    page = paid.subscribed().get(PLAN).text
    for secret in ("sk_test", "whsec", "cus_", "sub_", "cs_test"):
        assert not re.search(secret, page)


def test_bodies_that_come_slowly_hold_few_threads(paid: PaidPages) -> None:
    """As for everybody who is not signed in; Stripe tries again."""
    taken = [gate._strangers.acquire(blocking=False) for _ in range(gate.STRANGERS_AT_ONCE)]
    try:
        assert paid.send({"id": "evt_1"}).status_code == 503
    finally:
        for _ in filter(None, taken):
            gate._strangers.release()
    assert paid.send({"id": "evt_1"}).status_code == 400
