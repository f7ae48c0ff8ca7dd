"""Webhooks: the signature on the raw body, and what is no event."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from adapters.stripe.fake import SECRET, FakeStripe
from adapters.stripe.rig import billing_of
from adapters.stripe.shapes import answer_hints
from gas.adapters.stripe.billing import StripeBilling
from gas.adapters.stripe.events import EVENTS
from gas.adapters.stripe.signature import require_signature
from gas.domain.errors import InputError
from rig import SetClock

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def event(kind: str = "invoice.paid", **fields: object) -> bytes:
    thing = {"id": "in_1", "object": "invoice", "customer": "cus_1", **fields}
    return json.dumps({"id": "evt_1", "type": kind, "data": {"object": thing}}).encode()


def sent(billing: StripeBilling, body: bytes, signature: str) -> tuple[str, str]:
    found = billing.event(body, {"Stripe-Signature": signature})
    return found.id, found.customer_id


def test_a_signed_event_is_about_its_customer(fake: FakeStripe, billing: StripeBilling) -> None:
    body = event()
    assert sent(billing, body, fake.signature(body)) == ("evt_1", "cus_1")
    body = event("customer.deleted", id="cus_2", object="customer")
    assert sent(billing, body, fake.signature(body)) == ("evt_1", "cus_2")
    body = event(customer={"id": "cus_3", "object": "customer"})
    assert sent(billing, body, fake.signature(body)) == ("evt_1", "cus_3")


@pytest.mark.parametrize("body", [event("charge.refunded"), event(customer=None)])
def test_what_is_nothing_to_us_is_taken_and_passed_over(
    fake: FakeStripe, billing: StripeBilling, body: bytes
) -> None:
    assert sent(billing, body, fake.signature(body)) == ("evt_1", "")


def test_stripe_knows_the_events_that_we_choose() -> None:
    assert set(EVENTS) <= set(get_args(answer_hints(stripe.Event)["type"]))


@pytest.mark.parametrize(
    "forge",
    [
        lambda signature: "",
        lambda signature: signature.replace("v1=", "v0="),
        lambda signature: signature[:-1] + ("0" if signature[-1] != "0" else "1"),
        lambda signature: signature.replace("t=", "t=1"),
        lambda signature: signature.partition(",")[2],
        lambda signature: f"t=1,{signature}",
        lambda signature: signature.partition(",")[0],
        lambda signature: "t=x,v1=" + "0" * 64,
        lambda signature: "t=1,v1=ünïcode",
        lambda signature: signature.partition(",")[0] + ",v1=" * 17,
        lambda signature: "t=" + "9" * 5000 + ",v1=" + "0" * 64,
    ],
)
def test_a_forged_signature_is_refused(
    fake: FakeStripe, billing: StripeBilling, forge: Callable[[str], str]
) -> None:
    body = event()
    with pytest.raises(InputError, match="EVENT_FORGED"):
        sent(billing, body, forge(fake.signature(body)))


def test_another_secret_and_another_body_are_refused(
    fake: FakeStripe, billing: StripeBilling
) -> None:
    body = event()
    with pytest.raises(InputError, match="EVENT_FORGED"):
        sent(billing, body, fake.signature(body, secret="whsec_other"))
    with pytest.raises(InputError, match="EVENT_FORGED"):
        sent(billing, body + b" ", fake.signature(body))


@pytest.mark.parametrize("seconds", [301, -301, 86400])
def test_a_stale_one_is_refused_and_one_from_the_future(
    fake: FakeStripe, billing: StripeBilling, clock: SetClock, seconds: float
) -> None:
    body = event()
    signature = fake.signature(body)
    clock.forward(seconds=seconds)
    with pytest.raises(InputError, match="EVENT_STALE"):
        sent(billing, body, signature)
    clock.forward(seconds=-1 if seconds > 0 else 1)
    if abs(seconds) == 301:
        assert sent(billing, body, signature)


def test_secrets_take_over_from_one_another(fake: FakeStripe) -> None:
    body = event()
    both = billing_of(fake, secrets=("whsec_new", SECRET))
    assert sent(both, body, fake.signature(body))
    new = fake.signature(body, secret="whsec_new")
    assert sent(both, body, new)
    # While Stripe rotates, it signs with both.
    assert sent(billing_of(fake), body, f"{new},{fake.signature(body).partition(',')[2]}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"null",
        b'{"id":1,"type":"x","data":{"object":{"object":"y"}}}',
        b'{"id":"evt","object":"v2.core.event","type":"v1.customer.created"}',
        b"[" * 100_000,
    ],
)
def test_what_is_signed_and_no_event(billing: StripeBilling, body: bytes) -> None:
    seconds = int(NOW.timestamp())
    digest = hmac.new(SECRET.encode(), b"%d.%s" % (seconds, body), "sha256").hexdigest()
    with pytest.raises(InputError, match="BAD_EVENT"):
        sent(billing, body, f"t={seconds},v1={digest}")


@given(body=st.binary(max_size=200), seconds=st.integers(-400, 400), spoil=st.booleans())
def test_it_agrees_with_the_definition(body: bytes, seconds: int, spoil: bool) -> None:
    at = int((NOW + timedelta(seconds=seconds)).timestamp())
    digest = hmac.new(b"s", str(at).encode() + b"." + body, "sha256").hexdigest()
    header = f"t={at},v1={digest[::-1] if spoil and digest != digest[::-1] else digest}"
    try:
        require_signature(body, header, secrets=["x", "s"], now=NOW)
    except InputError:
        assert spoil or abs(seconds) > 300
    else:
        assert not spoil
        assert abs(seconds) <= 300


@given(header=st.text(alphabet="tv10=,; 9aé", max_size=60))
def test_no_header_breaks_it(header: str) -> None:
    with pytest.raises(InputError, match="EVENT_"):
        require_signature(b"{}", header, secrets=["s"], now=NOW)
