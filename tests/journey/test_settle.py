"""From the checkout to the plan: paid, overdue, cancelled, resumed, given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from billing_rig import BEGAN, ENDED, FAILED, Shop
from gas.domain.billing import Standing, Subscription
from gas.domain.errors import Conflict, InputError, Unavailable
from gas.domain.plan import Plan
from gas.journey.settle import forget_events


def ends_at(shop: Shop) -> datetime | None:
    assert shop.payer.subscription is not None
    return shop.payer.subscription.ends_at


def test_subscribed_by_the_word_of_stripe_and_not_before(shop: Shop) -> None:
    session = shop.check_out()
    assert shop.plan() is Plan.FREE
    shop.fake.books.pay(session)
    assert shop.plan() is Plan.FREE
    assert shop.hear_all() == 3
    assert shop.plan() is Plan.FREE
    shop.settle_all()
    assert shop.plan() is Plan.PREMIUM
    assert shop.account.plan_epoch == 2
    assert shop.subjects == [BEGAN]
    (mail,) = shop.journey.postbox.sent
    assert mail.to == "ada@example.org"


def test_what_an_operator_gives_while_stripe_is_asked_stays_theirs(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = str(shop.fake.books.pay(shop.check_out())["id"])
    real = shop.billing.subscriptions

    def slowly(customer_id: str) -> Sequence[Subscription]:
        found = real(customer_id)
        monkeypatch.setattr(shop.billing, "subscriptions", real)
        shop.give(Plan.PREMIUM)
        return found

    monkeypatch.setattr(shop.billing, "subscriptions", slowly)
    assert shop.settled() is Plan.PREMIUM
    shop.fake.books.end(subscription)
    assert shop.settled() is Plan.PREMIUM


def test_a_card_that_is_declined_changes_nothing(shop: Shop) -> None:
    session = shop.check_out()
    shop.fake.books.sessions[session]["status"] = "expired"
    assert shop.settled() is Plan.FREE
    assert shop.subjects == []


def test_money_that_comes_later_or_never(shop: Shop) -> None:
    subscription = shop.fake.books.pay(shop.check_out(), later=True)["id"]
    assert shop.settled() is Plan.FREE
    assert shop.payer.standing is Standing.BEGUN
    shop.fake.books.turn(subscription, "incomplete_expired")
    assert shop.settled() is Plan.FREE
    second = shop.fake.books.pay(shop.check_out(), later=True)["id"]
    shop.fake.books.turn(second, "active")
    assert shop.settled() is Plan.PREMIUM
    assert shop.subjects == [BEGAN]


def test_cancelled_at_the_end_resumed_and_ended(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.fake.books.cancel_later(subscription)
    assert shop.settled() is Plan.PREMIUM
    assert ends_at(shop) is not None
    shop.fake.books.resume(subscription)
    assert shop.settled() is Plan.PREMIUM
    assert ends_at(shop) is None
    shop.fake.books.end(subscription)
    assert shop.settled() is Plan.FREE
    assert shop.subjects == [BEGAN, ENDED]
    # And again: another checkout, another subscription, the same customer.
    assert shop.subscribe() != subscription
    assert shop.plan() is Plan.PREMIUM
    assert len(shop.fake.books.customers) == 1


def test_past_due_then_paid(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.fake.books.turn(subscription, "past_due")
    assert shop.settled() is Plan.PREMIUM
    assert shop.subjects == [BEGAN, FAILED]
    mail = shop.journey.postbox.sent[1]
    assert mail.to == "ada@example.org"
    assert mail.message_id == f"payment-{shop.account.id}.1@localhost"
    assert "23 January 2026" in mail.text
    assert "http://localhost/account/plan" in mail.text
    shop.fake.books.turn(subscription, "active")
    assert shop.settled() is Plan.PREMIUM
    assert shop.payer.overdue_since is None
    assert shop.subjects == [BEGAN, FAILED]


def test_past_due_for_too_long(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.fake.books.turn(subscription, "past_due")
    shop.settled()
    for _ in range(20):
        shop.journey.clock.forward(hours=26)
        shop.ask_due()
        shop.settle_all()
    assert shop.plan() is Plan.FREE
    assert shop.subjects == [BEGAN, FAILED, ENDED]
    shop.fake.books.turn(subscription, "active")
    assert shop.settled() is Plan.PREMIUM


@pytest.mark.parametrize("status", ["unpaid", "paused"])
def test_given_up_by_stripe(shop: Shop, status: str) -> None:
    subscription = shop.subscribe()
    shop.fake.books.turn(subscription, "past_due")
    shop.settled()
    shop.fake.books.turn(subscription, status)
    assert shop.settled() is Plan.FREE
    assert shop.subjects[-1] == ENDED


def test_a_grant_of_the_operators_is_left_alone(shop: Shop) -> None:
    shop.check_out()  # a customer, who never paid
    shop.give(Plan.PREMIUM)
    shop.journey.clock.forward(days=2)
    assert shop.ask_due() == 1
    assert shop.settled() is Plan.PREMIUM
    assert shop.subjects == []
    with pytest.raises(Conflict, match="ALREADY_PREMIUM"):
        shop.check_out()


def test_a_grant_that_came_before_the_money_outlives_it(shop: Shop) -> None:
    session = shop.check_out()
    shop.give(Plan.PREMIUM)
    subscription = shop.fake.books.pay(session)["id"]
    assert shop.settled() is Plan.PREMIUM
    shop.fake.books.end(subscription)
    assert shop.settled() is Plan.PREMIUM
    assert shop.subjects == []


def test_whoever_pays_is_put_back_on_premium_by_the_daily_look(shop: Shop) -> None:
    shop.subscribe()
    shop.give(Plan.FREE)
    shop.journey.clock.forward(days=2)
    shop.ask_due()
    assert shop.settled() is Plan.PREMIUM


def test_the_daily_look_finds_what_no_event_told(shop: Shop) -> None:
    subscription = shop.subscribe()
    assert shop.ask_due() == 0
    shop.fake.books.end(subscription)
    list(shop.fake.books.taken_events())  # all of them are lost
    shop.journey.clock.forward(hours=27)
    assert shop.ask_due() == 1
    assert shop.ask_due() == 0
    shop.settle_all()
    assert shop.plan() is Plan.FREE
    assert shop.ask_due() == 0


def test_who_has_begun_to_pay_is_looked_at_soon(shop: Shop) -> None:
    shop.fake.books.pay(shop.check_out())
    list(shop.fake.books.taken_events())
    shop.journey.clock.forward(hours=1)
    assert shop.ask_due() == 1
    shop.settle_all()
    assert shop.plan() is Plan.PREMIUM


def test_an_event_counts_once(shop: Shop) -> None:
    shop.fake.books.pay(shop.check_out())
    event = next(shop.fake.books.taken_events())
    assert shop.hear(event)
    assert not shop.hear(event)
    assert shop.receive() is not None
    assert shop.receive() is None
    shop.journey.clock.forward(days=31)
    assert forget_events(payers=shop.journey.store.payers, clock=shop.journey.clock) == 1


def test_a_mail_that_cannot_go_now_holds_nothing_up_but_itself(shop: Shop) -> None:
    subscription = shop.subscribe()

    def refuse() -> None:
        raise Unavailable("MAIL_UNAVAILABLE", "No answer.")

    shop.journey.postbox.before = refuse
    shop.fake.books.turn(subscription, "past_due")
    shop.hear_all()
    delivery = shop.receive()
    assert delivery is not None
    with pytest.raises(Unavailable):
        shop.settle(delivery)
    assert shop.payer.standing is Standing.OVERDUE
    shop.journey.postbox.before = lambda: None
    shop.settle(delivery)
    shop.settle(delivery)
    assert shop.subjects == [BEGAN, FAILED]


def test_nobody_is_told_of_a_failure_that_was_mended_before(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.fake.books.turn(subscription, "past_due")
    shop.fake.books.turn(subscription, "active")
    assert shop.settled() is Plan.PREMIUM
    assert shop.subjects == [BEGAN]


def test_a_mail_that_never_will_go_is_done_with(shop: Shop) -> None:
    subscription = shop.subscribe()

    def refuse() -> None:
        raise InputError("MAIL_REFUSED", "No such person.")

    shop.journey.postbox.before = refuse
    shop.fake.books.turn(subscription, "past_due")
    shop.settled()
    assert not shop.payer.untold


def test_others_customers_are_nobodys_here(shop: Shop) -> None:
    customer = shop.fake.books.make_customer("x@example.org", {})["id"]
    shop.fake.books.subscribe(customer)
    assert shop.hear_all() == 2
    shop.settle_all()
    assert shop.told == []


def test_after_the_account_is_gone_nothing_is_done(shop: Shop) -> None:
    shop.subscribe()
    shop.fake.books.end(shop.payer.subscription.id)  # type: ignore[union-attr]
    shop.hear_all()
    assert shop.journey.store.payers.remove(shop.payer)
    shop.settle_all()
    assert shop.plan() is Plan.PREMIUM
    assert shop.subjects == [BEGAN]
