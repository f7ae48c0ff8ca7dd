"""Who pays: what the vendor says of a customer's subscriptions, judged, and what is kept of it.

The vendor is the authority. A `Payer` remembers what was seen last, whether it was payment that
put the account on the premium plan, and what the person has been told. Functions here make the
payer as it shall be; a store applies it by comparing `version`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Standing(StrEnum):
    """Of a subscription, the best one first."""

    PAID = "paid"  # paid, or on trial
    OVERDUE = "overdue"  # a payment failed; the vendor tries again
    BEGUN = "begun"  # the first payment is still under way
    ENDED = "ended"  # cancelled, paused, or given up by the vendor


LIVE = frozenset({Standing.PAID, Standing.OVERDUE})
RANKS = {standing: rank for rank, standing in enumerate(Standing)}
SOON = timedelta(hours=1)
"""Who has begun to pay is looked at after so long, should the vendor's word of it be lost."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Subscription:
    """As the vendor has it now."""

    id: str
    standing: Standing
    paid_until: datetime | None = None
    ends_at: datetime | None = None
    """It is cancelled, and ends then."""


@dataclass(frozen=True, slots=True)
class Payer:
    """An account, as one that pays or did."""

    account_id: str
    email: str
    """When it was first about to pay; the vendor's customer is made with it."""
    created_at: datetime
    customer_id: str = ""
    """What the vendor calls this account; empty while it has no customer for it."""
    customer_gone: bool = False
    """The vendor has deleted it. Its name stays, so that what comes late finds whom it is about."""
    customer_number: int = 1
    """Rises when the vendor has deleted the customer, so that the next one is another."""
    checkout_number: int = 1
    """Rises with every change of the subscriptions: what is begun then is another checkout."""
    subscription: Subscription | None = None
    """The best of them."""
    live_count: int = 0
    """Of subscriptions that are paid or overdue; above 1 the person pays twice."""
    overdue_since: datetime | None = None
    granted: bool = False
    """Payment has put the account on the premium plan, and nothing has taken that back."""
    failure_number: int = 0
    """Of the payments that failed, of which the person is told."""
    told_number: int = 0
    """Of the failure that they were told of last, or need not be told of any more."""
    checked_at: datetime | None = None
    check_due_at: datetime | None = None
    """When the vendor is asked even if it says nothing."""
    version: int = 1

    @property
    def standing(self) -> Standing | None:
        return self.subscription.standing if self.subscription else None

    @property
    def has_customer(self) -> bool:
        return bool(self.customer_id) and not self.customer_gone

    @property
    def untold(self) -> bool:
        return self.told_number < self.failure_number


@dataclass(frozen=True, slots=True)
class Terms:
    """How long payment is waited for, and how often the vendor is asked."""

    overdue: timedelta = timedelta(days=21)
    """So long an overdue payment keeps the premium plan, unless the vendor gives up before."""
    check: timedelta = timedelta(hours=24)
    """About so often the vendor is asked even if it says nothing."""


def best(subscriptions: Iterable[Subscription]) -> Subscription | None:
    """The one that is worth most to the person; of equals, the one that is paid for longest."""
    ordered = sorted(
        subscriptions,
        key=lambda one: (RANKS[one.standing], LONG_AGO - (one.paid_until or LONG_AGO), one.id),
    )
    return ordered[0] if ordered else None


def entitled(payer: Payer, terms: Terms, now: datetime) -> bool:
    """Whether what was seen last is worth the premium plan."""
    if payer.standing is Standing.OVERDUE:
        return payer.overdue_since is None or now < payer.overdue_since + terms.overdue
    return payer.standing is Standing.PAID


def with_customer(payer: Payer, customer_id: str, now: datetime) -> Payer:
    due = now + SOON
    return _next(replace(payer, customer_id=customer_id, customer_gone=False, check_due_at=due))


def without_customer(payer: Payer, now: datetime) -> Payer:
    """The vendor has deleted it; what came of that is still to be settled."""
    number = payer.customer_number + 1
    return _next(replace(payer, customer_gone=True, customer_number=number, check_due_at=now))


def seen(
    payer: Payer,
    found: Sequence[Subscription] | None,
    *,
    terms: Terms,
    now: datetime,
    is_free: bool,
) -> Payer:
    """With what the vendor says now; None: it has deleted the customer, and what was paid for
    ended with that. `granted` turns true here if that puts an account that `is_free` on the premium
    plan; an operator's grant is none of payment's. See `revoked` for the reverse."""
    lost = found is None and payer.has_customer
    subscription = best(found or ())
    overdue = subscription is not None and subscription.standing is Standing.OVERDUE
    changed = _fingerprint(subscription) != _fingerprint(payer.subscription)
    after = replace(
        payer,
        customer_gone=payer.customer_gone or lost,
        customer_number=payer.customer_number + lost,
        subscription=subscription,
        live_count=sum(one.standing in LIVE for one in found or ()),
        overdue_since=(payer.overdue_since or now) if overdue else None,
        checkout_number=payer.checkout_number + changed,
        checked_at=now,
    )
    worth = entitled(after, terms, now)
    after = replace(
        after,
        granted=payer.granted or (worth and is_free),
        check_due_at=_check_due(after, terms, now) if after.has_customer else None,
    )
    return _next(_to_tell(payer, after, worth=worth))


def _to_tell(before: Payer, after: Payer, *, worth: bool) -> Payer:
    """A payment that failed is told, unless it was mended or given up before. Of a change of the
    plan itself `notify` tells."""
    if after.standing is not Standing.OVERDUE or not (worth and after.granted):
        return replace(after, told_number=after.failure_number)
    fails = before.standing is not Standing.OVERDUE
    return replace(after, failure_number=after.failure_number + fails)


def revoked(payer: Payer) -> Payer:
    """The account is back on the free plan."""
    return _next(replace(payer, granted=False))


def told(payer: Payer) -> Payer:
    return _next(replace(payer, told_number=payer.failure_number))


def asked(payer: Payer, terms: Terms, now: datetime) -> Payer:
    """The vendor is about to be asked; should that be lost, it is asked again in a day."""
    return _next(replace(payer, check_due_at=now + _spread(payer, terms)))


def _check_due(payer: Payer, terms: Terms, now: datetime) -> datetime:
    """Daily; at once when an overdue payment is waited for no longer."""
    due = now + _spread(payer, terms)
    if payer.overdue_since and now < payer.overdue_since + terms.overdue < due:
        return payer.overdue_since + terms.overdue
    return due


def _spread(payer: Payer, terms: Terms) -> timedelta:
    """About a day, longer for some than for others: a crowd that came at once is soon spread."""
    share = zlib.crc32(payer.account_id.encode()) / 2**32
    return terms.check * (0.9 + 0.2 * share)


def _fingerprint(subscription: Subscription | None) -> tuple[str, bool] | None:
    """What makes another checkout of it: which one it is, and whether it has ended."""
    if subscription is None:
        return None
    return subscription.id, subscription.standing is Standing.ENDED


def _next(payer: Payer) -> Payer:
    return replace(payer, version=payer.version + 1)
