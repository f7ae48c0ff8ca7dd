"""Pay: nobody pays twice, whatever Stripe answers, and whoever it has forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.stripe.fake import Asked
from billing_rig import BEGAN, ENDED, Shop
from gas.domain.billing import Payer
from gas.domain.errors import Conflict, InputError, Unavailable
from gas.domain.plan import Plan
from gas.journey.forget import remove_payer


@pytest.mark.parametrize("trouble", ["500", "lost"])
def test_stripe_is_down_at_each_call_and_nothing_is_lost(shop: Shop, trouble: str) -> None:
    def down_once() -> None:
        left = [trouble]

        def once(asked: Asked) -> str | None:
            return left.pop() if left else None

        shop.fake.trouble = once

    down_once()
    with pytest.raises(Unavailable):
        shop.check_out()  # the customer
    down_once()
    with pytest.raises(Unavailable):
        shop.check_out()  # what there is already
    calls = iter([None, trouble])
    shop.fake.trouble = lambda asked: next(calls, None)
    with pytest.raises(Unavailable):
        shop.check_out()  # the session
    shop.fake.books.pay(shop.check_out())
    shop.hear_all()
    delivery = shop.receive()
    assert delivery is not None
    down_once()
    with pytest.raises(Unavailable):
        shop.settle(delivery)
    shop.settle(delivery)
    assert shop.plan() is Plan.PREMIUM
    down_once()
    with pytest.raises(Unavailable):
        shop.manage()
    assert shop.manage()
    assert len(shop.fake.books.customers) == len(shop.fake.books.sessions) == 1


def test_a_customer_that_was_deleted_ends_it(shop: Shop) -> None:
    shop.subscribe()
    customer = shop.payer.customer_id
    shop.fake.books.delete_customer(customer)
    assert shop.settled() is Plan.FREE
    assert shop.subjects == [BEGAN, ENDED]
    assert shop.subscribe()
    assert shop.plan() is Plan.PREMIUM
    assert shop.payer.customer_id != customer


@pytest.mark.parametrize("listed", [False, True])
def test_a_customer_that_was_deleted_unnoticed(shop: Shop, listed: bool) -> None:
    shop.fake.books.lists_the_deleted = listed
    shop.subscribe()
    shop.fake.books.delete_customer(shop.payer.customer_id)
    list(shop.fake.books.taken_events())
    with pytest.raises(Conflict, match="SUBSCRIPTION_GONE"):
        shop.manage()
    assert shop.settled() is Plan.FREE
    assert shop.subscribe()
    assert shop.plan() is Plan.PREMIUM
    assert len(shop.fake.books.customers) == 2


def test_a_key_of_another_account_takes_nothing_from_anybody(shop: Shop) -> None:
    shop.subscribe()
    shop.fake.books.customers.clear()
    shop.journey.clock.forward(days=2)
    shop.ask_due()
    delivery = shop.receive()
    assert delivery is not None
    with pytest.raises(InputError, match="CUSTOMER_UNKNOWN"):
        shop.settle(delivery)
    assert shop.plan() is Plan.PREMIUM


def test_nobody_pays_twice(shop: Shop) -> None:
    first = shop.check_out()
    assert shop.check_out() == first
    shop.fake.books.pay(first)
    # Before any word of it has come:
    with pytest.raises(Conflict, match="ALREADY_SUBSCRIBED"):
        shop.check_out()
    shop.settle_all()
    assert shop.plan() is Plan.PREMIUM
    with pytest.raises(Conflict, match="ALREADY_SUBSCRIBED"):
        shop.check_out()


def test_two_subscriptions_are_told_and_one_is_enough(shop: Shop) -> None:
    first = shop.subscribe()
    shop.fake.books.subscribe(shop.payer.customer_id)
    assert shop.settled() is Plan.PREMIUM
    assert shop.told[-1].live_count == 2
    shop.fake.books.end(first)
    assert shop.settled() is Plan.PREMIUM
    assert shop.told[-1].live_count == 1
    assert shop.subjects == [BEGAN]


def test_two_checkouts_at_once_are_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second runs whole, while the first waits for its customer."""
    real = shop.billing.create_customer
    sessions: list[str] = []

    def slowly(payer: Payer) -> str:
        made = real(payer)
        monkeypatch.setattr(shop.billing, "create_customer", real)
        sessions.append(shop.check_out())
        return made

    monkeypatch.setattr(shop.billing, "create_customer", slowly)
    sessions.append(shop.check_out())
    assert len(set(sessions)) == 1
    assert len(shop.fake.books.customers) == 1


def test_an_account_that_goes_meanwhile_leaves_no_customer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shop.billing.create_customer

    def slowly(payer: Payer) -> str:
        made = real(payer)
        assert shop.journey.store.payers.remove(payer)  # as who forgets the account does
        return made

    monkeypatch.setattr(shop.billing, "create_customer", slowly)
    with pytest.raises(Conflict, match="SUBSCRIPTION_GONE"):
        shop.check_out()
    assert all(each["deleted"] for each in shop.fake.books.customers.values())


def test_a_customer_made_while_the_payer_is_removed_is_forgotten_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who forgets the account has looked, and found none yet."""
    payers, account = shop.journey.store.payers, shop.account
    payers.begin(Payer(account.id, account.email, shop.journey.clock()))
    real = payers.get

    def and_then_it_is_made(account_id: str) -> Payer | None:
        found = real(account_id)
        monkeypatch.setattr(payers, "get", real)
        shop.check_out()
        return found

    monkeypatch.setattr(payers, "get", and_then_it_is_made)
    remove_payer(account, billing=shop.billing, payers=payers)
    assert payers.get(account.id) is None
    assert [each["deleted"] for each in shop.fake.books.customers.values()] == [True]


def test_an_email_that_changes_between_two_tries_makes_no_second_customer(shop: Shop) -> None:
    shop.fake.trouble = lambda asked: "lost"
    with pytest.raises(Unavailable):
        shop.check_out()
    shop.fake.trouble = lambda asked: None
    account = shop.account
    moved = replace(account, email="new@example.org", version=account.version + 1)
    assert shop.journey.store.accounts.change(moved)
    shop.check_out()
    assert len(shop.fake.books.customers) == 1


def test_whoever_has_no_subscription_has_none_to_manage(shop: Shop) -> None:
    with pytest.raises(Conflict, match="NOT_SUBSCRIBED"):
        shop.manage()
