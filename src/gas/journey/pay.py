"""Pay: a person -> the vendor's page where they subscribe, or manage what they have.

Nothing is granted here: what came of it is found out by `settle`. A customer is made once for an
account, and known before anything is paid: first it is written down who is about to pay, then the
vendor is asked with a key of that, then its answer is written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gas.domain.account import Account
from gas.domain.billing import LIVE, Payer, with_customer, without_customer
from gas.domain.errors import Conflict, NotFound
from gas.domain.messages import BillingChanged
from gas.domain.plan import Plan
from gas.ports.billing import Billing, Payers
from gas.ports.clock import Clock
from gas.ports.queues import Queues


def check_out(
    account: Account,
    *,
    billing: Billing,
    payers: Payers,
    queues: Queues,
    clock: Clock,
    paid_url: str,
    back_url: str,
) -> str:
    """The page to pay on. Conflict ALREADY_PREMIUM or ALREADY_SUBSCRIBED: nobody pays twice, or
    for what an operator has given them."""
    payer = payers.begin(Payer(account.id, account.email, clock()))
    if account.plan is Plan.PREMIUM and not payer.granted:
        raise Conflict(
            "ALREADY_PREMIUM",
            "The operator has put you on the premium plan; there is nothing to pay.",
            cure="Go on as before.",
        )
    payer = _with_customer(payer, billing=billing, payers=payers, clock=clock)
    with _watched(payer, payers=payers, queues=queues, clock=clock):
        _require_no_subscription(payer, billing=billing, queues=queues)
        return billing.checkout(payer, paid_url=paid_url, back_url=back_url)


def manage(
    account: Account,
    *,
    billing: Billing,
    payers: Payers,
    queues: Queues,
    clock: Clock,
    return_url: str,
) -> str:
    """The page to change the card, cancel and resume. Conflict NOT_SUBSCRIBED."""
    payer = payers.get(account.id)
    if payer is None or not payer.has_customer:
        raise Conflict(
            "NOT_SUBSCRIBED", "You have no subscription to manage.", cure="Subscribe first."
        )
    with _watched(payer, payers=payers, queues=queues, clock=clock):
        return billing.portal(payer.customer_id, return_url=return_url)


def look_again(account: Account, *, payers: Payers, queues: Queues) -> None:
    """Has the vendor asked, as if it had told us something."""
    payer = payers.get(account.id)
    if payer and payer.has_customer:
        queues.publish(BillingChanged(payer.customer_id))


def _with_customer(payer: Payer, *, billing: Billing, payers: Payers, clock: Clock) -> Payer:
    while not payer.has_customer:
        customer_id = billing.create_customer(payer)
        payers.change(with_customer(payer, customer_id, clock()))
        # Won or lost to another request of the same person: both have the same customer now.
        current = payers.get(payer.account_id)
        if current is None:  # the account was deleted meanwhile, and nobody knew of this one
            billing.forget(customer_id)
            raise _lost()
        payer = current
    return payer


@contextmanager
def _watched(payer: Payer, *, payers: Payers, queues: Queues, clock: Clock) -> Iterator[None]:
    """A customer that was deleted at the vendor's is settled first; the next one is another."""
    try:
        yield
    except NotFound as error:
        # Here, too, and not by `settle` alone: Stripe may still list what a deleted customer had.
        payers.change(without_customer(payer, clock()))
        queues.publish(BillingChanged(payer.customer_id))
        raise _lost() from error


def _require_no_subscription(payer: Payer, *, billing: Billing, queues: Queues) -> None:
    """Asks the vendor: what it said last may be on its way, or lost."""
    if any(one.standing in LIVE for one in billing.subscriptions(payer.customer_id)):
        queues.publish(BillingChanged(payer.customer_id))
        raise Conflict(
            "ALREADY_SUBSCRIBED",
            "You have a subscription already, and do not pay twice.",
            cure="Look at the page of your plan in a minute; manage the subscription there.",
        )


def _lost() -> Conflict:
    return Conflict(
        "SUBSCRIPTION_GONE",
        "The one who takes the payments does not know you any more.",
        cure="Look at the page of your plan in a minute, and subscribe again.",
    )
