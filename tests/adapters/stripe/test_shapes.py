"""The guard of the fake can fail: what Stripe's shapes refuse, it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe
from stripe.params.checkout import SessionCreateParams

from adapters.stripe.books import Books
from adapters.stripe.fake import form_of
from adapters.stripe.shapes import BadShape, require_answer, require_params

FORM = (
    "mode=subscription&line_items[0][price]=price_1&line_items[0][quantity]=1"
    "&subscription_data[metadata][a]=b&allow_promotion_codes=true"
)


def test_a_form_is_decoded_and_fits() -> None:
    form = form_of(FORM)
    assert form["line_items"] == [{"price": "price_1", "quantity": "1"}]
    require_params(SessionCreateParams, form)


@pytest.mark.parametrize(
    ("form", "parameter"),
    [
        ("modes=subscription", "modes"),
        ("mode=subscriptions", "mode"),
        ("line_items[price]=x", "line_items"),
        ("line_items[0][prices]=x", "line_items[0][prices]"),
        ("line_items[0][quantity]=many", "line_items[0][quantity]"),
        ("subscription_data[metadata]=x", "subscription_data[metadata]"),
        ("allow_promotion_codes=yes", "allow_promotion_codes"),
        ("custom_fields[0][key]=x", "custom_fields[0][label]"),
        ("api_key=x", "api_key"),
    ],
)
def test_what_stripe_does_not_know_is_named(form: str, parameter: str) -> None:
    with pytest.raises(BadShape) as raised:
        require_params(SessionCreateParams, form_of(form))
    assert raised.value.parameter.startswith(parameter.rpartition("[")[0] or parameter)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "activ"},
        {"status": 1},
        {"cancel_at_period_end": 1},
        {"created": True},
        {"novelty": 1},
        {"items": []},
        {"automatic_tax": {}},
    ],
)
def test_an_answer_that_stripe_would_not_give(change: dict[str, Any]) -> None:
    books = Books(lambda: datetime(2026, 1, 1, tzinfo=UTC), "http://x")
    subscription = books.subscribe("cus_1")
    require_answer(stripe.Subscription, subscription)
    with pytest.raises(BadShape):
        require_answer(stripe.Subscription, subscription | change)
    for name in ("items", "status", "customer", "billing_mode"):
        lacking = {key: value for key, value in subscription.items() if key != name}
        with pytest.raises(BadShape, match=f"{name}: is missing"):
            require_answer(stripe.Subscription, lacking)
