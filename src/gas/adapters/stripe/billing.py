"""Subscriptions by Stripe. Implements `Billing`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import stripe

from gas.adapters.stripe import events, findings
from gas.adapters.stripe.signature import require_signature
from gas.adapters.stripe.troubles import (
    customer_gone,
    customer_unknown,
    is_missing,
    translated,
    trouble,
)
from gas.domain.billing import Payer, Standing, Subscription, Terms
from gas.domain.errors import InputError, NotFound
from gas.ports.billing import BillingEvent
from gas.ports.clock import Clock

if TYPE_CHECKING:
    from stripe.params import CustomerCreateParams
    from stripe.params.checkout import SessionCreateParams

API_VERSION = "2026-10-28.endive"
"""Of Stripe's API: its answers have the shape that we read, whatever the account's default is."""
CONNECT_SECONDS = 5.0
RETRIES = 1
"""Of the SDK, after half a second: mostly a connection that had been idle for too long."""
CHECKOUT_SECONDS = 12 * 3600
"""So long a checkout that was begun is the same one. Stripe's end after 24 hours."""
PORTAL_SECONDS = 60
PAGE = 100


class StripeBilling:
    name = "Stripe"
    webhook = "stripe"

    def __init__(
        self,
        key: str,
        *,
        secrets: Sequence[str],
        price: str,
        origins: Sequence[str],
        terms: Terms,
        clock: Clock,
        api: str,
        offer: str = "",
        timeout_seconds: float = 20.0,
        retries: int = RETRIES,
    ) -> None:
        stripe.enable_telemetry = False  # how long requests took is nobody's business
        self.offer = offer
        self.origins: Sequence[str] = tuple(origins)
        self.terms = terms
        self._key = key
        self._secrets = tuple(secrets)
        self._price = price
        self._clock = clock
        self._api = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses={"api": api},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, timeout_seconds)),
        ).v1

    def create_customer(self, payer: Payer) -> str:
        bare: CustomerCreateParams = {"metadata": {"gas_account": payer.account_id}}
        body: CustomerCreateParams = {**bare, "email": payer.email} if payer.email else bare
        key = f"gas-{payer.account_id}-customer-{payer.customer_number}"
        with translated():
            try:
                made = self._api.customers.create(body, {"idempotency_key": key})
            except stripe.InvalidRequestError as error:
                if error.param != "email":
                    raise
                # An address that Stripe does not take (operator@localhost): it asks for one then.
                made = self._api.customers.create(bare, {"idempotency_key": f"{key}-bare"})
        return made.id

    def checkout(self, payer: Payer, *, paid_url: str, back_url: str) -> str:
        body: SessionCreateParams = {
            "mode": "subscription",
            "customer": payer.customer_id,
            "client_reference_id": payer.account_id,
            "line_items": [{"price": self._price, "quantity": 1}],
            "subscription_data": {"metadata": {"gas_account": payer.account_id}},
            "success_url": paid_url,
            "cancel_url": back_url,
        }
        # With the body in it: after a change of the settings it is another checkout, not an error.
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]
        turn = self._turn(CHECKOUT_SECONDS)
        key = f"gas-{payer.account_id}-checkout-{payer.checkout_number}-{turn}-{digest}"
        with self._customers(payer.customer_id):
            made = self._api.checkout.sessions.create(body, {"idempotency_key": key})
        return self._own_page(made.url or "")

    def portal(self, customer_id: str, *, return_url: str) -> str:
        key = f"gas-{customer_id}-portal-{self._turn(PORTAL_SECONDS)}"
        with self._customers(customer_id):
            made = self._api.billing_portal.sessions.create(
                {"customer": customer_id, "return_url": return_url}, {"idempotency_key": key}
            )
        return self._own_page(made.url)

    def event(self, body: bytes, headers: Mapping[str, str]) -> BillingEvent:
        signature = headers.get("Stripe-Signature", "")
        require_signature(body, signature, secrets=self._secrets, now=self._clock())
        return events.read(body)

    def subscriptions(self, customer_id: str) -> Sequence[Subscription]:
        with self._customers(customer_id):
            found = self._api.subscriptions.list(
                {"customer": customer_id, "status": "all", "limit": PAGE}
            )
            return [findings.subscription_of(one) for one in found.auto_paging_iter()]

    def forget(self, customer_id: str) -> None:
        try:
            for one in self.subscriptions(customer_id):
                if one.standing is not Standing.ENDED:
                    self._cancel(one.id)
            with self._customers(customer_id):
                self._api.customers.delete(customer_id)
        except NotFound:
            return  # deleted already

    def check(self) -> str:
        findings.require_shapes(self._key, self._secrets)
        with translated():
            try:
                price = self._api.prices.retrieve(self._price)
            except stripe.InvalidRequestError as error:
                if is_missing(error, "price"):
                    raise findings.no_price(self._price) from error
                raise
        return findings.described(price, live="_live_" in self._key)

    def _cancel(self, subscription_id: str) -> None:
        with translated():
            try:
                self._api.subscriptions.cancel(subscription_id)
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":  # it has ended meanwhile
                    raise

    @contextmanager
    def _customers(self, customer_id: str) -> Iterator[None]:
        """Translates errors; says apart a customer that is deleted and one that never was."""
        try:
            yield
        except stripe.InvalidRequestError as error:
            if is_missing(error, "customer") or is_missing(error, "id"):
                raise self._missing(customer_id) from error
            raise trouble(error) from error
        except stripe.StripeError as error:
            raise trouble(error) from error

    def _missing(self, customer_id: str) -> NotFound | InputError:
        # A key of another account knows none of our customers. To take that for deletions would
        # put everybody on the free plan. Of a deleted one Stripe remembers that it was.
        with translated():
            try:
                found = self._api.customers.retrieve(customer_id)
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":
                    raise
                return customer_unknown()
        return customer_gone() if getattr(found, "deleted", False) else customer_unknown()

    def _own_page(self, url: str) -> str:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" not in self.origins:
            raise InputError(
                "BILLING_PAGE_UNKNOWN",
                "Stripe's page is at an address that this service does not lead to.",
                cure="The operator adds it to GAS_STRIPE_PAGES.",
            )
        return url

    def _turn(self, seconds: int) -> int:
        return int(self._clock().timestamp()) // seconds
