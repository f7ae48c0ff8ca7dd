"""A journey on which somebody pays: the strict fake of Stripe, our backend, and the settling."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from adapters.stripe.books import Thing
from adapters.stripe.fake import FakeStripe, fake_stripe
from adapters.stripe.rig import billing_of
from gas.adapters.stripe.billing import StripeBilling
from gas.domain.account import Account
from gas.domain.audit import SYSTEM
from gas.domain.billing import Payer, Terms
from gas.domain.plan import Plan
from gas.journey.notify import notify
from gas.journey.pay import check_out, manage
from gas.journey.settle import Bursary, ask_due, hear, settle
from gas.journey.subscribe import change_plan
from gas.ports.queues import Delivery
from rig import Journey, open_journey

SITE = "http://localhost"
BEGAN, ENDED = "you are on the premium plan now", "you are on the free plan now"
FAILED = "a payment failed"


@dataclass
class Shop:
    journey: Journey
    fake: FakeStripe
    billing: StripeBilling
    told: list[Payer] = field(default_factory=list)

    @property
    def bursary(self) -> Bursary:
        store, clock = self.journey.store, self.journey.clock
        change = partial(
            change_plan,
            actor=SYSTEM,
            accounts=store.accounts,
            queues=store.queues,
            audit=store.audit,
            together=store.together,
            clock=clock,
        )
        return Bursary(
            billing=self.billing,
            payers=store.payers,
            accounts=store.accounts,
            change_plan=change,
            together=store.together,
            mail=self.journey.postbox,
            site_url=SITE,
            clock=clock,
        )

    @property
    def account(self) -> Account:
        found = self.journey.store.accounts.get(self.journey.account.id)
        assert found is not None
        return found

    @property
    def payer(self) -> Payer:
        found = self.journey.store.payers.get(self.journey.account.id)
        assert found is not None
        return found

    def plan(self) -> Plan:
        return self.account.plan

    @property
    def subjects(self) -> list[str]:
        return [mail.subject.removeprefix("GAS: ") for mail in self.journey.postbox.sent]

    def give(self, plan: Plan) -> None:
        """As an operator does."""
        account = self.account
        after = replace(account, plan=plan, version=account.version + 1)
        assert self.journey.store.accounts.change(after)

    def check_out(self) -> str:
        """The session whose page the person is led to."""
        store = self.journey.store
        page = check_out(
            self.account,
            billing=self.billing,
            payers=store.payers,
            queues=store.queues,
            clock=self.journey.clock,
            paid_url=f"{SITE}/account/plan/paid",
            back_url=f"{SITE}/account/plan",
        )
        return urlsplit(page).path.rpartition("/")[2]

    def manage(self) -> str:
        store = self.journey.store
        return manage(
            self.account,
            billing=self.billing,
            payers=store.payers,
            queues=store.queues,
            clock=self.journey.clock,
            return_url=SITE,
        )

    def subscribe(self) -> str:
        """Subscribed, paid and settled; the subscription's id."""
        subscription = self.fake.books.pay(self.check_out())
        self.hear_all()
        self.settle_all()
        return str(subscription["id"])

    def hear(self, event: Thing) -> bool:
        body = json.dumps(event).encode()
        store = self.journey.store
        return hear(
            self.billing.event(body, {"Stripe-Signature": self.fake.signature(body)}),
            payers=store.payers,
            queues=store.queues,
            together=store.together,
            clock=self.journey.clock,
        )

    def hear_all(self) -> int:
        return sum(self.hear(event) for event in list(self.fake.books.taken_events()))

    def receive(self) -> Delivery | None:
        return self.journey.receive("settle")

    def settle(self, delivery: Delivery) -> None:
        payer = settle(delivery, self.bursary)
        if payer:
            self.told.append(payer)
        self.notify_all()

    def notify_all(self) -> None:
        store = self.journey.store
        while delivery := self.journey.receive("notify"):
            notify(
                delivery,
                jobs=store.jobs,
                accounts=store.accounts,
                mail=self.journey.postbox,
                site_url=SITE,
                grace=lambda: timedelta(minutes=5),
                clock=self.journey.clock,
            )
            store.queues.delete(delivery.receipt)

    def settle_all(self) -> None:
        while delivery := self.receive():
            self.settle(delivery)
            self.journey.store.queues.delete(delivery.receipt)

    def settled(self) -> Plan:
        """The plan, once all that Stripe has told is settled."""
        self.hear_all()
        self.settle_all()
        return self.plan()

    def ask_due(self) -> int:
        store = self.journey.store
        return ask_due(
            billing=self.billing,
            payers=store.payers,
            queues=store.queues,
            together=store.together,
            clock=self.journey.clock,
        )


@contextmanager
def open_shop(folder: Path, terms: Terms = Terms()) -> Iterator[Shop]:  # noqa: B008 - frozen
    """Ada's journey, with nobody on premium, and nothing that Stripe complains of in the end."""
    with open_journey(folder) as journey, fake_stripe(journey.clock) as fake:
        yield Shop(journey, fake, billing_of(fake, terms=terms))
        assert fake.complaints == []
