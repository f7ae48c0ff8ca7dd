"""The books of a Stripe that is ours: what it keeps, and how its objects look.

Every object that leaves is held against the SDK's class of it (`shapes`). Whatever changes makes
the events that Stripe makes of it, in `events`; who delivers them is another matter.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import stripe

from adapters.stripe.shapes import require_answer

Thing = dict[str, Any]
VERSION = "2026-10-28.endive"
PRICE = "price_premium"
MONTH = timedelta(days=30)
TROUBLED = frozenset({"past_due", "unpaid", "incomplete"})


class Books:
    def __init__(self, clock: Callable[[], datetime], origin: str) -> None:
        self.clock = clock
        self.origin = origin
        self.customers: dict[str, Thing] = {}
        self.sessions: dict[str, Thing] = {}
        self.portals: dict[str, Thing] = {}
        self.subscriptions: dict[str, Thing] = {}
        self.prices = {
            PRICE: self._price(PRICE),
            "price_once": self._price("price_once", type="one_time", recurring=None),
            "price_archived": self._price("price_archived", active=False),
        }
        self.events: list[Thing] = []
        self.lists_the_deleted = False
        """Whether the subscriptions of a deleted customer are still listed."""
        self._numbers = itertools.count(1)

    # Made by requests

    def make_customer(self, email: str | None, metadata: dict[str, str]) -> Thing:
        customer = self._new("cus", "customer") | {
            "default_source": None,
            "email": email,
            "metadata": metadata,
            "tax_exempt": "none",
            "test_clock": None,
        }
        self.customers[customer["id"]] = checked(stripe.Customer, customer)
        return customer

    def delete_customer(self, customer_id: str) -> Thing:
        for subscription in self.of_customer(customer_id):
            if subscription["status"] != "canceled":
                self.end(subscription["id"])
        customer = self.customers[customer_id]
        self._tell("customer.deleted", customer)
        self.customers[customer_id] = {"id": customer_id, "object": "customer", "deleted": True}
        return self.customers[customer_id]

    def make_session(self, form: Thing) -> Thing:
        session = self._new("cs_test", "checkout.session") | {
            "automatic_tax": {"enabled": False, "liability": None, "status": None},
            "billing_address_collection": None,
            "cancel_url": form.get("cancel_url"),
            "client_reference_id": form.get("client_reference_id"),
            "custom_fields": [],
            "custom_text": {
                "after_submit": None,
                "shipping_address": None,
                "submit": None,
                "terms_of_service_acceptance": None,
            },
            "customer": form.get("customer"),
            "expires_at": self._seconds(timedelta(hours=24)),
            "metadata": {},
            "mode": form["mode"],
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "shipping_options": [],
            "status": "open",
            "subscription": None,
            "success_url": form["success_url"],
        }
        session["url"] = f"{self.origin}/c/pay/{session['id']}"
        self.sessions[session["id"]] = checked(stripe.checkout.Session, session)
        return session

    def make_portal(self, form: Thing) -> Thing:
        portal = self._new("bps", "billing_portal.session") | {
            "configuration": "bpc_1",
            "customer": form["customer"],
            "locale": None,
            "return_url": form.get("return_url"),
        }
        portal["url"] = f"{self.origin}/p/session/{portal['id']}"
        self.portals[portal["id"]] = checked(stripe.billing_portal.Session, portal)
        return portal

    # Done by people, and by time

    def pay(self, session_id: str, *, later: bool = False) -> Thing:
        """With a card; or by a way whose money comes later, or never."""
        session = self.sessions[session_id]
        assert session["status"] == "open", "it is paid, or over"
        subscription = self.subscribe(session["customer"], "incomplete" if later else "active")
        session |= {
            "status": "complete",
            "payment_status": "unpaid" if later else "paid",
            "subscription": subscription["id"],
            "url": None,
        }
        self._tell("checkout.session.completed", checked(stripe.checkout.Session, session))
        return subscription

    def subscribe(self, customer_id: str, status: str = "active") -> Thing:
        made = self._new("sub", "subscription")
        made |= {
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": made["created"],
            "billing_mode": {"type": "flexible", "flexible": None, "updated_at": None},
            "billing_schedules": [],
            "cancel_at": None,
            "cancel_at_period_end": False,
            "collection_method": "charge_automatically",
            "currency": "eur",
            "customer": customer_id,
            "discounts": [],
            "invoice_settings": {
                "account_tax_ids": None,
                "custom_fields": None,
                "description": None,
                "footer": None,
                "issuer": {"type": "self"},
            },
            "items": self._items(made["id"], made["created"]),
            "metadata": {},
            "start_date": made["created"],
            "status": status,
        }
        self.subscriptions[made["id"]] = checked(stripe.Subscription, made)
        self._tell("customer.subscription.created", made)
        if status == "active":
            self._tell("invoice.paid", self._invoice(made))
        return made

    def turn(self, subscription_id: str, status: str) -> Thing:
        """Gives it another status, as a charge that fails or goes through does."""
        was = self.subscriptions[subscription_id]["status"]
        changed = self._change(subscription_id, status=status)
        if status == "past_due":
            self._tell("invoice.payment_failed", self._invoice(changed))
        elif status == "active" and was in TROUBLED:
            self._tell("invoice.paid", self._invoice(changed))
        return changed

    def cancel_later(self, subscription_id: str) -> Thing:
        end = self.subscriptions[subscription_id]["items"]["data"][0]["current_period_end"]
        return self._change(subscription_id, cancel_at_period_end=True, cancel_at=end)

    def resume(self, subscription_id: str) -> Thing:
        return self._change(subscription_id, cancel_at_period_end=False, cancel_at=None)

    def end(self, subscription_id: str) -> Thing:
        subscription = self.subscriptions[subscription_id]
        subscription |= {"status": "canceled", "ended_at": self._seconds()}
        self._tell("customer.subscription.deleted", checked(stripe.Subscription, subscription))
        return subscription

    def of_customer(self, customer_id: str) -> list[Thing]:
        """Newest first, as Stripe lists them."""
        found = [one for one in self.subscriptions.values() if one["customer"] == customer_id]
        return found[::-1]

    def taken_events(self) -> Iterator[Thing]:
        """Those made since the last time."""
        while self.events:
            yield self.events.pop(0)

    def _change(self, subscription_id: str, **fields: object) -> Thing:
        subscription = self.subscriptions[subscription_id]
        subscription |= fields
        self._tell("customer.subscription.updated", checked(stripe.Subscription, subscription))
        return subscription

    def _tell(self, kind: str, thing: Thing) -> None:
        event = self._new("evt", "event") | {
            "api_version": VERSION,
            "data": {"object": dict(thing)},
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        require_answer(stripe.Event, event | {"data": {"object": {}}})
        self.events.append(event)

    def _new(self, prefix: str, kind: str) -> Thing:
        return {
            "id": f"{prefix}_{next(self._numbers):06}",
            "object": kind,
            "created": self._seconds(),
            "livemode": False,
        }

    def _seconds(self, from_now: timedelta = timedelta()) -> int:
        return int((self.clock() + from_now).timestamp())

    def _price(self, price_id: str, **given: object) -> Thing:
        recurring = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
        price: Thing = {
            "id": price_id,
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": self._seconds(),
            "currency": "eur",
            "livemode": False,
            "metadata": {},
            "product": "prod_premium",
            "recurring": {**recurring, "meter": None, "trial_period_days": None},
            "type": "recurring",
            "unit_amount": 1000,
        }
        return checked(stripe.Price, price | given)

    def _items(self, subscription_id: str, since: int) -> Thing:
        plan = {
            "id": PRICE,
            "object": "plan",
            "active": True,
            "billing_scheme": "per_unit",
            "created": since,
            "currency": "eur",
            "interval": "month",
            "interval_count": 1,
            "livemode": False,
            "usage_type": "licensed",
        }
        item = {
            "id": f"si_{subscription_id}",
            "object": "subscription_item",
            "created": since,
            "current_period_end": since + int(MONTH.total_seconds()),
            "current_period_start": since,
            "discounts": [],
            "metadata": {},
            "plan": checked(stripe.Plan, plan),
            "price": self.prices[PRICE],
            "quantity": 1,
            "subscription": subscription_id,
        }
        return listed([checked(stripe.SubscriptionItem, item)], "/v1/subscription_items")

    def _invoice(self, subscription: Thing) -> Thing:
        """As much of one as an event is read for."""
        return {"id": "in_1", "object": "invoice", "customer": subscription["customer"]}


def checked(shape: type, thing: Thing) -> Thing:
    require_answer(shape, thing)
    return thing


def listed(things: list[Thing], url: str, *, has_more: bool = False) -> Thing:
    return {"object": "list", "data": things, "has_more": has_more, "url": url}
