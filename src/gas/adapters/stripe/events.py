"""Events of Stripe: which of them matter, and whom they are about."""

from __future__ import annotations

import json

from gas.domain.errors import InputError
from gas.ports.billing import BillingEvent

EVENTS = (
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.updated",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
)
"""Those to choose for the webhook endpoint; others are taken and passed over."""
MOST_ID_LETTERS = 255


def read(body: bytes) -> BillingEvent:
    """Of a body whose signature was right. InputError BAD_EVENT."""
    try:
        event = json.loads(body)
        event_id, kind = event["id"], event["type"]
        thing = event["data"]["object"]
        customer = thing.get("id" if thing["object"] == "customer" else "customer")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _bad_event() from error
    if isinstance(customer, dict):
        customer = customer.get("id")
    if not (isinstance(event_id, str) and 0 < len(event_id) <= MOST_ID_LETTERS):
        raise _bad_event()
    if kind not in EVENTS or not isinstance(customer, str) or len(customer) > MOST_ID_LETTERS:
        return BillingEvent(event_id, "")
    return BillingEvent(event_id, customer)


def _bad_event() -> InputError:
    return InputError(
        "BAD_EVENT",
        "This is no event as Stripe sends them.",
        cure="Choose snapshot events for the endpoint, not thin ones (docs/backends/stripe.md).",
    )
