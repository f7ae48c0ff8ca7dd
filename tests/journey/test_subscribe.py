"""Subscribe: a change of plan is one, however often it is asked for, and by however many."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gas.domain.account import Account, Role
from gas.domain.audit import SYSTEM, TERMINAL
from gas.domain.errors import InputError
from gas.domain.messages import PlanChanged, decode
from gas.domain.plan import Plan
from gas.journey.notify import notify
from gas.journey.promote import change_role
from gas.journey.subscribe import change_plan
from gas.ports.queues import Delivery
from rig import Journey


def change(journey: Journey, plan: Plan, account_id: str = "") -> Account | None:
    return change_plan(
        account_id or journey.account.id,
        plan,
        actor=SYSTEM,
        accounts=journey.store.accounts,
        queues=journey.store.queues,
        audit=journey.store.audit,
        together=journey.store.together,
        clock=journey.clock,
    )


def raise_role(journey: Journey, account_id: str, role: Role) -> Account | None:
    return change_role(
        account_id,
        role,
        actor=TERMINAL,
        accounts=journey.store.accounts,
        audit=journey.store.audit,
        together=journey.store.together,
    )


def published(journey: Journey) -> list[Delivery]:
    return list(journey.store.queues.receive("notify", holder="test", limit=9))


def tell(journey: Journey, delivery: Delivery) -> None:
    notify(
        delivery,
        jobs=journey.store.jobs,
        accounts=journey.store.accounts,
        mail=journey.postbox,
        site_url="http://gas.example",
        grace=lambda: timedelta(minutes=5),
        clock=journey.clock,
    )


def test_the_epoch_rises_once_for_a_real_change(journey: Journey) -> None:
    began = journey.clock()
    for _ in range(3):
        changed = change(journey, Plan.PREMIUM)
        assert changed is not None
        assert (changed.plan, changed.plan_epoch) == (Plan.PREMIUM, 2)
        assert changed.plan_since == began
        journey.clock.forward(seconds=1)
    assert changed == journey.store.accounts.get(journey.account.id)
    [message] = published(journey)
    assert decode(message.body) == PlanChanged(journey.account.id, 2)


def test_the_plan_one_is_on_is_no_news(journey: Journey) -> None:
    assert change(journey, Plan.FREE) == journey.account
    assert published(journey) == []


def test_nobody_has_no_plan(journey: Journey) -> None:
    assert change(journey, Plan.PREMIUM, "nobody") is None
    assert published(journey) == []


def test_a_rival_between_look_and_write(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another change of the account (here of its role) wins; ours is made anew, on top of it."""
    accounts = journey.store.accounts
    real = type(accounts).change

    def rival(self: object, wanted: Account) -> bool:
        monkeypatch.undo()
        assert raise_role(journey, wanted.id, Role.OPERATOR)
        return real(accounts, wanted)

    monkeypatch.setattr(type(accounts), "change", rival)
    changed = change(journey, Plan.PREMIUM)
    assert changed is not None
    assert (changed.plan, changed.role, changed.version) == (Plan.PREMIUM, Role.OPERATOR, 3)
    assert len(published(journey)) == 1


def test_plan_and_message_are_one(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(journey.store.queues), "publish", die)
    with pytest.raises(KeyboardInterrupt):
        change(journey, Plan.PREMIUM)
    assert journey.store.accounts.get(journey.account.id) == journey.account


def test_one_mail_for_the_plan_one_is_on_now(journey: Journey) -> None:
    for plan in (Plan.PREMIUM, Plan.FREE):
        change(journey, plan)
    messages = published(journey)
    for message in messages[::-1] + messages:  # doubled, and out of order
        tell(journey, message)
    assert {mail.message_id for mail in journey.postbox.sent} == {
        f"plan-{journey.account.id}.epoch-3@gas.example"
    }
    mail = journey.postbox.sent[0]
    assert (mail.to, mail.subject) == ("ada@example.org", "GAS: you are on the free plan now")
    assert "download what you want to keep" in mail.text


def test_an_address_that_takes_no_mail_ends_it(journey: Journey) -> None:
    def refuse() -> None:
        raise InputError("MAIL_REFUSED", "No such person.")

    journey.postbox.before = refuse
    change(journey, Plan.PREMIUM)
    [message] = published(journey)
    tell(journey, message)
    assert journey.postbox.sent == []


def test_a_role_changes_once(journey: Journey) -> None:
    for _ in range(2):
        changed = raise_role(journey, journey.account.id, Role.OPERATOR)
        assert changed == replace(journey.account, role=Role.OPERATOR, version=2)
    assert raise_role(journey, "nobody", Role.OPERATOR) is None
