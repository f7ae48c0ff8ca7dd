"""What Stripe says of subscriptions and prices, in our words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import stripe

from gas.domain.billing import Standing, Subscription
from gas.domain.errors import InputError, Unavailable

# https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
standing_by_status = {
    "trialing": Standing.PAID,
    "active": Standing.PAID,
    "past_due": Standing.OVERDUE,
    "incomplete": Standing.BEGUN,
    "incomplete_expired": Standing.ENDED,
    "unpaid": Standing.ENDED,
    "canceled": Standing.ENDED,
    "paused": Standing.ENDED,
}
KEY = re.compile(r"(sk|rk)_(test|live)_\w+")
SECRET = re.compile(r"whsec_\w+")


def subscription_of(found: stripe.Subscription) -> Subscription:
    standing = standing_by_status.get(found.status)
    if standing is None:
        # Neither granted nor taken away on a word that nobody here knows.
        raise Unavailable(
            "BILLING_UNAVAILABLE",
            "Stripe says of a subscription what this service does not know.",
            cure="Update GAS.",
        )
    # An attribute, not a method: Stripe's objects are no dicts. Each item has its own period.
    ends = [item.current_period_end for item in found["items"].data]
    paid_until = _moment(min(ends)) if ends else None
    ends_at = _moment(found.cancel_at) if found.cancel_at else None
    if found.cancel_at_period_end:
        ends_at = ends_at or paid_until
    return Subscription(found.id, standing, paid_until, ends_at)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def require_shapes(key: str, secrets: Sequence[str]) -> None:
    """Keys and secrets look like such; InputError BILLING_MISCONFIGURED."""
    if not KEY.fullmatch(key):
        raise misconfigured("GAS_STRIPE_KEY is no secret key", "It begins with sk_ or rk_.")
    if not secrets or not all(map(SECRET.fullmatch, secrets)):
        raise misconfigured("GAS_STRIPE_WEBHOOK_SECRETS has no secret", "It begins with whsec_.")


def no_price(price: str) -> InputError:
    return misconfigured(
        f"GAS_STRIPE_PRICE names {price}, which Stripe does not have",
        "Is it of the other mode, test or live, than the key?",
    )


def described(price: stripe.Price, *, live: bool) -> str:
    if not price.active:
        raise misconfigured(f"The price {price.id} is archived", "Choose one that is active.")
    if price.type != "recurring" or price.recurring is None:
        raise misconfigured(f"The price {price.id} is paid once", "Choose a recurring one.")
    mode = "live" if live else "test mode"
    return f"Stripe, {mode}, {price.id}: {price.currency.upper()} every {price.recurring.interval}"


def misconfigured(what: str, cure: str) -> InputError:
    return InputError("BILLING_MISCONFIGURED", f"{what}.", cure=cure)
