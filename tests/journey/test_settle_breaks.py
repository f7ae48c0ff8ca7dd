"""Settle, killed at any point, overtaken, and fed with events in any order."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_rig import BEGAN, ENDED, Shop, open_shop
from gas.domain.plan import Plan
from gas.journey.settle import settle


class _KilledError(BaseException):
    pass


def _kill(*_: object, **__: object) -> None:
    raise _KilledError


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("where", ["publish", "note"])
def test_killed_between_the_record_and_the_message(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, joined: bool, where: str
) -> None:
    """One commit where the backend can; else in an order that loses nothing."""
    store = shop.journey.store
    if not joined:
        monkeypatch.setattr(store, "together", nullcontext)
    shop.fake.books.pay(shop.check_out())
    event = next(shop.fake.books.taken_events())
    with monkeypatch.context() as patch, pytest.raises(_KilledError):
        patch.setattr(store.queues if where == "publish" else store.payers, where, _kill)
        shop.hear(event)
    assert shop.hear(event)  # Stripe repeats what was not acknowledged
    assert not shop.hear(event)
    shop.settle_all()
    assert shop.plan() is Plan.PREMIUM


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("after_writes", [0, 1, 2, 3])
def test_killed_at_any_point_of_the_settling(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, *, joined: bool, ends: bool, after_writes: int
) -> None:
    store = shop.journey.store
    if not joined:
        monkeypatch.setattr(store, "together", nullcontext)
    if ends:
        shop.fake.books.end(shop.subscribe())
    else:
        shop.fake.books.pay(shop.check_out())
    shop.hear_all()
    delivery = shop.receive()
    assert delivery is not None
    writes = itertools.count()
    payers, accounts = store.payers.change, store.accounts.change

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def write(*words: object) -> object:
            if next(writes) >= after_writes:
                raise _KilledError
            return real(*words)

        return write

    with monkeypatch.context() as patch:
        patch.setattr(store.payers, "change", counted(payers))
        patch.setattr(store.accounts, "change", counted(accounts))
        with suppress(_KilledError):
            shop.settle(delivery)
    shop.settle(delivery)
    assert shop.plan() is (Plan.FREE if ends else Plan.PREMIUM)
    assert shop.payer.granted is not ends
    assert shop.subjects[-1] == (ENDED if ends else BEGAN)
    assert len({mail.message_id for mail in shop.journey.postbox.sent}) <= 3
    told = len(shop.subjects)
    shop.settle_all()
    assert len(shop.subjects) == told


def test_who_looked_before_another_wrote_looks_again(shop: Shop) -> None:
    """The answer of Stripe's that one worker holds is old when it comes to write."""
    subscription = shop.subscribe()
    shop.fake.books.cancel_later(subscription)
    shop.hear_all()
    delivery = shop.receive()
    assert delivery is not None
    real, bursary = shop.billing.subscriptions, shop.bursary
    overtaken: list[bool] = []

    def slowly(customer_id: str) -> object:
        found = real(customer_id)
        if not overtaken:
            overtaken.append(True)
            shop.fake.books.end(subscription)
            settle(delivery, bursary)  # another worker, all at once
            assert shop.plan() is Plan.FREE
        return found

    shop.billing.subscriptions = slowly  # type: ignore[method-assign,assignment]
    settle(delivery, bursary)
    assert shop.plan() is Plan.FREE
    assert shop.account.plan_epoch == 3


def test_what_comes_late_brings_nothing_back(shop: Shop) -> None:
    books = shop.fake.books
    subscription = books.pay(shop.check_out())
    *late, first = books.taken_events()
    shop.hear(first)
    shop.settle_all()
    assert shop.plan() is Plan.PREMIUM
    books.end(subscription["id"])
    assert late
    for event in (*books.taken_events(), *late):
        shop.hear(event)
        shop.settle_all()
        assert shop.plan() is Plan.FREE


ACTIONS = ("past_due", "active", "unpaid", "paused", "cancel_later", "resume", "end", "another")


@settings(max_examples=6)
@given(data=st.data())
def test_any_order_of_any_events_ends_the_same(data: st.DataObject) -> None:
    _any_order(data)


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=250)
@given(data=st.data())
def test_any_order_of_any_events_ends_the_same_at_length(data: st.DataObject) -> None:
    _any_order(data)


def _any_order(data: st.DataObject) -> None:
    """What happens at Stripe, and what comes of it when: late, twice, never, in any order."""
    with tempfile.TemporaryDirectory() as folder, open_shop(Path(folder)) as shop:
        books = shop.fake.books
        customer = books.pay(shop.check_out())["customer"]
        events = list(books.taken_events())
        for action in data.draw(st.lists(st.sampled_from(ACTIONS), max_size=5)):
            _happen(shop, customer, action)
            events += books.taken_events()
            for event in data.draw(st.lists(st.sampled_from(events), max_size=3)):
                shop.hear(event)
            if data.draw(st.booleans()):
                shop.settle_all()
        for event in data.draw(st.permutations(events)):
            shop.hear(event)
            shop.hear(event)
        shop.settle_all()
        statuses = {one["status"] for one in books.of_customer(customer)}
        worth = bool(statuses & {"active", "past_due"})
        assert shop.plan() is (Plan.PREMIUM if worth else Plan.FREE)
        assert shop.payer.granted is worth
        assert not shop.payer.untold
        ids = [mail.message_id for mail in shop.journey.postbox.sent]
        assert len(ids) == len(set(ids))
        assert shop.account.plan_epoch == 1 + sum(
            subject in (BEGAN, ENDED) for subject in shop.subjects
        )


def _happen(shop: Shop, customer: str, action: str) -> None:
    books = shop.fake.books
    newest = books.of_customer(customer)[0]["id"]
    if action == "another":
        books.subscribe(customer)
    elif action == "end":
        books.end(newest)
    elif books.subscriptions[newest]["status"] == "canceled":
        return
    elif action in ("cancel_later", "resume"):
        getattr(books, action)(newest)
    else:
        books.turn(newest, action)
