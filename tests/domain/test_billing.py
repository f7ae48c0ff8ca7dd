"""Who pays, judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gas.domain import billing
from gas.domain.billing import (
    Payer,
    Standing,
    Subscription,
    Terms,
    asked,
    best,
    entitled,
    revoked,
    told,
    with_customer,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = Terms(overdue=3 * DAY)
NEW = Payer("ada", "ada@example.org", NOW)
ADA = with_customer(NEW, "cus_1", NOW)


def seen(
    payer: Payer, found: list[Subscription] | None, terms: Terms, now: datetime, free: bool = True
) -> Payer:
    return billing.seen(payer, found, terms=terms, now=now, is_free=free)


standings = st.sampled_from(list(Standing))
subscriptions = st.builds(
    Subscription, st.uuids().map(str), standings, st.none() | st.just(NOW) | st.just(NOW + DAY)
)


def sub(standing: Standing, name: str = "sub_1") -> Subscription:
    return Subscription(name, standing, NOW + 30 * DAY)


@pytest.mark.parametrize(
    ("standing", "granted"),
    [
        (Standing.PAID, True),
        (Standing.OVERDUE, True),
        (Standing.BEGUN, False),
        (Standing.ENDED, False),
    ],
)
def test_what_is_granted(standing: Standing, granted: bool) -> None:
    after = seen(ADA, [sub(standing)], TERMS, NOW)
    assert entitled(after, TERMS, NOW) is after.granted is granted
    assert not after.untold or standing is Standing.OVERDUE
    assert after.version == ADA.version + 1


def test_an_overdue_payment_is_waited_for_and_no_longer() -> None:
    after = seen(ADA, [sub(Standing.PAID)], TERMS, NOW)
    after = seen(after, [sub(Standing.OVERDUE)], TERMS, NOW)
    assert after.untold
    again = seen(after, [sub(Standing.OVERDUE)], TERMS, NOW + 2 * DAY)
    assert again.failure_number == after.failure_number == 1
    assert again.overdue_since == NOW
    # It is looked at when the waiting is over, not a day after.
    assert again.check_due_at is not None
    late = seen(again, [sub(Standing.OVERDUE)], TERMS, NOW + 2.5 * DAY)
    assert late.check_due_at == NOW + 3 * DAY
    over = seen(late, [sub(Standing.OVERDUE)], TERMS, NOW + 3 * DAY)
    assert not entitled(over, TERMS, NOW + 3 * DAY)
    assert over.granted  # until the plan is taken away
    assert not over.untold  # of the plan itself another tells
    paid = seen(revoked(over), [sub(Standing.PAID)], TERMS, NOW + 4 * DAY)
    assert paid.granted
    assert paid.overdue_since is None


def test_nobody_is_told_of_what_was_mended_before() -> None:
    after = told(seen(ADA, [sub(Standing.PAID)], TERMS, NOW))
    late = seen(after, [sub(Standing.OVERDUE)], TERMS, NOW)
    assert late.untold
    assert not seen(late, [sub(Standing.PAID)], TERMS, NOW).untold


def test_a_deleted_customer_ends_it_and_the_next_is_another() -> None:
    paid = seen(ADA, [sub(Standing.PAID)], TERMS, NOW)
    gone = seen(paid, None, TERMS, NOW)
    assert (gone.customer_gone, gone.customer_number, gone.check_due_at) == (True, 2, None)
    assert gone.granted  # until the plan is taken away
    assert seen(gone, None, TERMS, NOW).customer_number == 2
    new = with_customer(gone, "cus_2", NOW)
    assert new.has_customer


def test_two_that_are_paid_are_counted() -> None:
    after = seen(ADA, [sub(Standing.PAID), sub(Standing.PAID, "sub_2")], TERMS, NOW)
    assert after.live_count == 2
    after = seen(after, [sub(Standing.ENDED), sub(Standing.PAID, "sub_2")], TERMS, NOW)
    assert (after.live_count, after.granted) == (1, True)


def test_another_checkout_begins_when_a_subscription_comes_or_ends() -> None:
    one = seen(ADA, [sub(Standing.PAID)], TERMS, NOW)
    assert one.checkout_number == 2
    assert seen(one, [sub(Standing.OVERDUE)], TERMS, NOW).checkout_number == 2
    assert seen(one, [sub(Standing.ENDED)], TERMS, NOW).checkout_number == 3


@given(st.lists(subscriptions, max_size=5))
def test_the_best_does_not_depend_on_the_order(found: list[Subscription]) -> None:
    chosen = best(found)
    assert chosen == best(found[::-1])
    ranks = list(Standing)
    assert chosen is None or all(
        ranks.index(chosen.standing) <= ranks.index(one.standing) for one in found
    )
    assert (chosen is None) == (not found)


@given(st.text(min_size=1))
def test_checks_are_spread_about_a_day(name: str) -> None:
    due = asked(replace(ADA, account_id=name), TERMS, NOW).check_due_at
    assert due is not None
    assert 0.9 * DAY <= due - NOW <= 1.1 * DAY


def test_an_operators_grant_is_none_of_payments() -> None:
    after = seen(ADA, [sub(Standing.PAID)], TERMS, NOW, free=False)
    assert entitled(after, TERMS, NOW)
    assert not after.granted
    assert not seen(after, [sub(Standing.OVERDUE)], TERMS, NOW, free=False).untold
    # Taken back by the operator while it is paid for: now it is payment that gives it.
    assert seen(after, [sub(Standing.PAID)], TERMS, NOW, free=True).granted
