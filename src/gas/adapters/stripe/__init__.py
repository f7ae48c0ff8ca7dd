"""Backend `stripe`: subscriptions through Stripe's own pages.

Offers billing, `StripeBilling`. A person pays on Stripe Checkout and manages the subscription in
Stripe's customer portal, so that no card ever comes near us. What Stripe says in a webhook counts
only if it is signed, and only as a hint to ask. Every request that makes something carries an
idempotency key, so that a repetition makes nothing twice. The API version is fixed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from gas.domain.billing import Terms
from gas.ports.backend import Between, Context, Manifest
from gas.ports.billing import Billing

__all__ = ["MANIFEST", "StripeSettings"]


@dataclass(frozen=True, slots=True)
class StripeSettings:
    key: str = field(repr=False)
    """Secret or restricted key: `sk_test_...`, `rk_live_...`."""
    webhook_secrets: str = field(repr=False)
    """`whsec_...`; several, with spaces between, while one takes over from another."""
    price: str
    """What is sold, `price_...`: a recurring one."""
    offer: str = ""
    """What the page says of it: '10 EUR a month'."""
    pages: str = "https://checkout.stripe.com https://billing.stripe.com"
    """Where Stripe's pages are; others with a domain of your own there."""
    overdue_days: Annotated[int, Between(0, 365)] = 21
    """So long an overdue payment keeps the premium plan."""
    api: str = "https://api.stripe.com"
    """Where its API is."""
    timeout_seconds: Annotated[float, Between(1, 120)] = 20.0
    """For an answer of its API."""


def _billing(context: Context[StripeSettings]) -> Billing:
    from gas.adapters.stripe.billing import StripeBilling

    own = context.own
    return StripeBilling(
        own.key,
        secrets=own.webhook_secrets.split(),
        price=own.price,
        offer=own.offer,
        origins=own.pages.split(),
        terms=Terms(overdue=timedelta(days=own.overdue_days)),
        clock=context.clock,
        api=own.api,
        timeout_seconds=own.timeout_seconds,
    )


MANIFEST = Manifest(
    name="stripe",
    settings=StripeSettings,
    extra="stripe",
    preload=("gas.adapters.stripe.billing",),
    billing=_billing,
)
