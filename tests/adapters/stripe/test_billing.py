"""Our backend against the strict fake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest
import requests
import stripe

from adapters.stripe.fake import KEY, Asked, FakeStripe
from adapters.stripe.rig import billing_of
from adapters.stripe.shapes import answer_hints
from gas.adapters.stripe.billing import API_VERSION, StripeBilling
from gas.adapters.stripe.findings import standing_by_status
from gas.domain.billing import Payer, Standing
from gas.domain.errors import GasError, InputError, NotFound, Unavailable
from rig import SetClock

BACK = {"paid_url": "https://gas.example/paid", "back_url": "https://gas.example/back"}


@pytest.fixture
def payer(clock: SetClock) -> Payer:
    return Payer("0" * 26, "ada@example.org", clock())


def with_customer(payer: Payer, billing: StripeBilling) -> Payer:
    return replace(payer, customer_id=billing.create_customer(payer))


def test_the_version_is_the_one_that_the_shapes_are_of() -> None:
    assert stripe.api_version == API_VERSION


def test_a_customer_is_made_once(fake: FakeStripe, billing: StripeBilling, payer: Payer) -> None:
    first, second = billing.create_customer(payer), billing.create_customer(payer)
    assert first == second
    assert fake.books.customers[first]["metadata"] == {"gas_account": payer.account_id}
    assert len(fake.books.customers) == 1
    assert fake.complaints == []


@pytest.mark.parametrize("email", ["operator@localhost", ""])
def test_an_address_that_stripe_does_not_take_is_left_out(
    fake: FakeStripe, billing: StripeBilling, clock: SetClock, email: str
) -> None:
    made = billing.create_customer(Payer("1" * 26, email, clock()))
    assert fake.books.customers[made]["email"] is None
    assert len(fake.asked) == (2 if email else 1)


def test_a_checkout_begun_again_is_the_same_for_some_hours(
    fake: FakeStripe, billing: StripeBilling, payer: Payer, clock: SetClock
) -> None:
    payer = with_customer(payer, billing)
    first = billing.checkout(payer, **BACK)
    assert billing.checkout(payer, **BACK) == first
    (session,) = fake.books.sessions.values()
    assert session["client_reference_id"] == payer.account_id
    assert session["customer"] == payer.customer_id
    assert session["mode"] == "subscription"
    clock.forward(hours=13)
    assert billing.checkout(payer, **BACK) != first
    # After a change of the settings it is another one, and no error.
    changed = {**BACK, "back_url": "https://gas.example/elsewhere"}
    billing.checkout(payer, **changed)
    assert fake.complaints == []
    assert max(len(asked.key) for asked in fake.asked) <= 255


def test_the_portal(fake: FakeStripe, billing: StripeBilling, payer: Payer) -> None:
    payer = with_customer(payer, billing)
    url = billing.portal(payer.customer_id, return_url="https://gas.example/")
    assert url == billing.portal(payer.customer_id, return_url="https://gas.example/")
    assert url.startswith(f"{fake.url}/p/session/")


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("active", Standing.PAID),
        ("trialing", Standing.PAID),
        ("past_due", Standing.OVERDUE),
        ("incomplete", Standing.BEGUN),
        ("canceled", Standing.ENDED),
        ("unpaid", Standing.ENDED),
        ("incomplete_expired", Standing.ENDED),
        ("paused", Standing.ENDED),
    ],
)
def test_what_a_status_is_worth(
    fake: FakeStripe, billing: StripeBilling, payer: Payer, status: str, standing: Standing
) -> None:
    customer = billing.create_customer(payer)
    fake.books.subscribe(customer, status)
    (found,) = billing.subscriptions(customer)
    assert found.standing is standing
    assert found.paid_until is not None
    assert (found.paid_until - fake.clock()).days in (29, 30)
    assert found.ends_at is None
    fake.books.cancel_later(found.id)
    (found,) = billing.subscriptions(customer)
    assert found.ends_at == found.paid_until


def test_every_status_that_stripe_has_is_known() -> None:
    words = get_args(get_args(answer_hints(stripe.Subscription)["status"])[0])
    assert standing_by_status.keys() == set(words)


def test_more_subscriptions_than_a_page_holds(
    fake: FakeStripe, billing: StripeBilling, payer: Payer
) -> None:
    customer = billing.create_customer(payer)
    made = [fake.books.subscribe(customer, "canceled")["id"] for _ in range(101)]
    assert [one.id for one in billing.subscriptions(customer)] == made[::-1]


def test_forgetting_ends_all_and_may_be_repeated(
    fake: FakeStripe, billing: StripeBilling, payer: Payer
) -> None:
    customer = billing.create_customer(payer)
    for status in ("active", "past_due", "canceled"):
        fake.books.subscribe(customer, status)
    billing.forget(customer)
    billing.forget(customer)
    assert {one["status"] for one in fake.books.subscriptions.values()} == {"canceled"}
    assert fake.books.customers[customer]["deleted"]
    assert fake.complaints == []


def test_a_deleted_customer_and_one_that_never_was_are_two_things(
    fake: FakeStripe, billing: StripeBilling, payer: Payer
) -> None:
    """A key of another account must not end everybody's subscription."""
    payer = with_customer(payer, billing)
    fake.books.delete_customer(payer.customer_id)
    for call in (
        lambda: billing.subscriptions(payer.customer_id),
        lambda: billing.checkout(payer, **BACK),
        lambda: billing.portal(payer.customer_id, return_url="https://gas.example/"),
    ):
        with pytest.raises(NotFound, match="CUSTOMER_GONE"):
            call()
    with pytest.raises(InputError, match="CUSTOMER_UNKNOWN"):
        billing.subscriptions("cus_of_another")
    with pytest.raises(InputError, match="CUSTOMER_UNKNOWN"):
        billing.forget("cus_of_another")


@pytest.mark.parametrize("trouble", ["500", "429", "drop", "lost"])
def test_what_stripe_does_not_answer_is_tried_again_and_done_once(
    fake: FakeStripe, billing: StripeBilling, payer: Payer, trouble: str
) -> None:
    down = [True]
    fake.trouble = lambda asked: trouble if down[0] else None

    def twice(call: Callable[[], object]) -> None:
        down[0] = True
        with pytest.raises(Unavailable, match="BILLING_UNAVAILABLE"):
            call()
        down[0] = False
        call()

    twice(lambda: billing.create_customer(payer))
    payer = with_customer(payer, billing)
    twice(lambda: billing.checkout(payer, **BACK))
    twice(lambda: billing.portal(payer.customer_id, return_url="https://gas.example/"))
    fake.books.subscribe(payer.customer_id)
    twice(lambda: billing.subscriptions(payer.customer_id))
    twice(lambda: billing.forget(payer.customer_id))
    assert len(fake.books.customers) == len(fake.books.sessions) == len(fake.books.portals) == 1
    assert fake.books.customers[payer.customer_id]["deleted"]
    assert fake.complaints == []


def test_one_retry_hides_a_connection_that_had_been_idle(fake: FakeStripe, payer: Payer) -> None:
    troubles = iter(["drop"])
    fake.trouble = lambda asked: next(troubles, None)
    assert billing_of(fake, retries=1).create_customer(payer)


def test_nobody_listens(billing: StripeBilling, fake: FakeStripe, payer: Payer) -> None:
    lost = StripeBilling(
        KEY,
        secrets=("whsec_x",),
        price="price_x",
        origins=(),
        terms=billing.terms,
        clock=fake.clock,
        api="http://127.0.0.1:1",
        retries=0,
    )
    with pytest.raises(Unavailable, match="BILLING_UNAVAILABLE"):
        lost.create_customer(payer)


def test_a_wrong_key_is_told_and_never_shown(fake: FakeStripe, payer: Payer) -> None:
    with pytest.raises(Unavailable, match="BILLING_REFUSED") as raised:
        billing_of(fake, key="sk_test_canary").create_customer(payer)
    assert "canary" not in str(raised.value)


def test_what_stripe_rejects_is_no_outage(fake: FakeStripe, payer: Payer) -> None:
    billing = billing_of(fake, price="price_nowhere")
    payer = with_customer(payer, billing)
    with pytest.raises(InputError, match="BILLING_REJECTED"):
        billing.checkout(payer, **BACK)


def test_a_page_elsewhere_is_not_led_to(fake: FakeStripe, payer: Payer) -> None:
    billing = billing_of(fake)
    payer = with_customer(payer, billing)
    fake.books.origin = "https://evil.example"
    with pytest.raises(InputError, match="BILLING_PAGE_UNKNOWN"):
        billing.checkout(payer, **BACK)


def test_the_fake_is_strict(fake: FakeStripe) -> None:
    client = stripe.StripeClient(
        KEY, stripe_version=API_VERSION, base_addresses={"api": fake.url}, max_network_retries=0
    ).v1
    key: stripe.RequestOptions = {"idempotency_key": "one"}
    client.customers.create({"email": "a@example.org"}, key)
    with pytest.raises(stripe.IdempotencyError):
        client.customers.create({"email": "b@example.org"}, key)
    with pytest.raises(stripe.InvalidRequestError, match="unknown"):
        client.customers.create({"mail": "a"}, {"idempotency_key": "2"})  # type: ignore[arg-type]
    old = stripe.StripeClient(
        KEY, stripe_version="2020-08-27", base_addresses={"api": fake.url}, max_network_retries=0
    ).v1
    with pytest.raises(stripe.InvalidRequestError, match="version"):
        old.prices.retrieve("price_premium")
    assert len(fake.complaints) == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key": "pk_test_dummy"}, "no secret key"),
        ({"secrets": ("dummy",)}, "no secret"),
        ({"price": "price_nowhere"}, "does not have"),
        ({"price": "price_once"}, "paid once"),
        ({"price": "price_archived"}, "archived"),
    ],
)
def test_what_is_set_up_wrong_is_named(fake: FakeStripe, given: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        billing_of(fake, **given).check()  # type: ignore[arg-type]
    assert raised.value.reason.code == "BILLING_MISCONFIGURED"
    assert raised.value.reason.cure


def test_what_is_set_up_right_is_told(fake: FakeStripe, billing: StripeBilling) -> None:
    assert billing.check() == "Stripe, test mode, price_premium: EUR every month"
    fake.trouble = lambda asked: "drop"
    with pytest.raises(GasError, match="BILLING_UNAVAILABLE"):
        billing.check()


def test_each_request_has_its_timeout(
    fake: FakeStripe, billing: StripeBilling, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []
    real = requests.Session.request

    def watched(self: requests.Session, *words: object, **options: object) -> requests.Response:
        given.append(options["timeout"])
        return real(self, *words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(requests.Session, "request", watched)
    billing.check()
    assert given == [(5.0, 5.0)]
    assert [asked.method for asked in fake.asked] == ["GET"]
    assert isinstance(fake.asked[0], Asked)
