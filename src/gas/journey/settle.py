"""Settle: `BillingChanged` in -> what the vendor says now is written down; the plan follows.

A message is a hint: whichever comes, however often and in whatever order, the vendor is asked, and
its present answer counts. Who looked before another has written looks again (`version`). Only a
plan that payment has given is taken away: an operator's grant is none of our business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from gas.domain.account import Account
from gas.domain.billing import (
    Payer,
    Subscription,
    asked,
    entitled,
    revoked,
    seen,
    told,
)
from gas.domain.errors import InputError, NotFound
from gas.domain.messages import BillingChanged, decode
from gas.domain.plan import Plan
from gas.ports.accounts import Accounts
from gas.ports.billing import Billing, BillingEvent, Payers
from gas.ports.clock import Clock
from gas.ports.mail import Mail, MailSender, letter
from gas.ports.queues import Delivery, Queues
from gas.ports.together import Together

BATCH = 100
EVENTS_KEPT = timedelta(days=30)
"""The vendor repeats an event for days, not weeks."""

ChangePlan = Callable[[str, Plan], object]
"""Puts the account of this id on this plan. Nothing happens if it is on it, or is gone."""


@dataclass(frozen=True, slots=True)
class Bursary:
    """What the settling needs."""

    billing: Billing
    payers: Payers
    accounts: Accounts
    change_plan: ChangePlan
    together: Together
    mail: MailSender
    site_url: str
    clock: Clock


def hear(
    event: BillingEvent, *, payers: Payers, queues: Queues, together: Together, clock: Clock
) -> bool:
    """Takes an event of the vendor; False if there is nothing to do about it."""
    if not event.customer_id:
        return False
    with together():
        if payers.heard(event.id):
            return False
        # In this order: where both are not one commit, a crash between repeats it, and loses
        # nothing.
        queues.publish(BillingChanged(event.customer_id, event.id))
        payers.note(event.id, clock())
    return True


def settle(delivery: Delivery, bursary: Bursary) -> Payer | None:
    """Unavailable while the vendor or the mail is; the message comes back then. None if it is
    nobody's customer."""
    message = decode(delivery.body)
    if not isinstance(message, BillingChanged):
        return None
    payer = bursary.payers.of_customer(message.customer_id)
    while payer and bursary.accounts.get(payer.account_id):
        after = _settled(payer, bursary)
        if after:
            _tell(after, bursary)
            return after
        # Lost to another worker, whose answer of the vendor's may be older than ours.
        payer = bursary.payers.get(payer.account_id)
    return None


def ask_due(
    *, billing: Billing, payers: Payers, queues: Queues, together: Together, clock: Clock
) -> int:
    """Has those looked at of whom nothing was heard for a day; says how many. For the sweep."""
    count = 0
    now = clock()
    for payer in payers.due(now, limit=BATCH):
        with together():
            if payers.change(asked(payer, billing.terms, now)):
                queues.publish(BillingChanged(payer.customer_id))
                count += 1
    return count


def forget_events(*, payers: Payers, clock: Clock) -> int:
    return payers.expire(clock() - EVENTS_KEPT)


def _settled(payer: Payer, bursary: Bursary) -> Payer | None:
    """None if somebody else wrote first; then nothing of this stands."""
    now, terms = bursary.clock(), bursary.billing.terms
    found = _ask(payer, bursary.billing)
    # After that, which takes a while: an operator may have given the plan meanwhile.
    account = bursary.accounts.get(payer.account_id)
    is_free = account is not None and account.plan is Plan.FREE
    after = seen(payer, found, terms=terms, now=now, is_free=is_free)
    with suppress(_Lost), bursary.together():
        _write(after, bursary)
        if entitled(after, terms, now):
            bursary.change_plan(after.account_id, Plan.PREMIUM)
        elif after.granted:
            # Plan first: were it the other way round, a crash between would leave it standing.
            bursary.change_plan(after.account_id, Plan.FREE)
            after = revoked(after)
            _write(after, bursary)
        return after
    return None


class _Lost(Exception):
    """Undoes what was done together."""


def _write(payer: Payer, bursary: Bursary) -> None:
    if not bursary.payers.change(payer):
        raise _Lost


def _ask(payer: Payer, billing: Billing) -> Sequence[Subscription] | None:
    """None: the customer is deleted."""
    try:
        return billing.subscriptions(payer.customer_id) if payer.has_customer else None
    except NotFound:
        return None


def _tell(payer: Payer, bursary: Bursary) -> None:
    """Of a payment that failed. `notify` tells of plans."""
    account = bursary.accounts.get(payer.account_id)
    if not payer.untold or account is None:
        return
    with suppress(InputError):  # MAIL_REFUSED: that address never will take one
        bursary.mail.send(_mail(payer, account, bursary))
    current: Payer | None = payer
    while current and current.untold and current.failure_number == payer.failure_number:
        if bursary.payers.change(told(current)):
            return
        current = bursary.payers.get(payer.account_id)


def _mail(payer: Payer, account: Account, bursary: Bursary) -> Mail:
    name, url = bursary.billing.name, f"{bursary.site_url}/account/plan"
    last = (payer.overdue_since or bursary.clock()) + bursary.billing.terms.overdue
    lines = (
        f"A payment for the premium plan failed; {name} will try again.",
        f"You stay on the premium plan until {last:%d %B %Y}, unless {name} gives up before.",
        "To go on, see that your card works, or give another one.",
    )
    return letter(
        f"payment-{payer.account_id}.{payer.failure_number}",
        to=account.email,
        account_id=account.id,
        subject="a payment failed",
        paragraphs=lines,
        link=("See your plan", url),
        site_url=bursary.site_url,
    )
