"""Who takes the money, and what is kept of who pays. None by default: operators set plans then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gas.domain.billing import Payer, Subscription, Terms


@dataclass(frozen=True, slots=True)
class BillingEvent:
    """The vendor says that something has changed. A hint: what is true now is asked for."""

    id: str
    """The same at every delivery."""
    customer_id: str
    """Empty if it is about nothing that we look at."""


class Billing(Protocol):
    """Unavailable: try again later. NotFound CUSTOMER_GONE: the vendor has deleted the customer.
    InputError: no use in trying again without a change of the settings."""

    name: str
    """As people read it: 'Stripe'."""
    webhook: str
    """The last part of the address where its events come in: 'stripe'."""
    origins: Sequence[str]
    """Where its pages are: 'https://checkout.stripe.com'. `checkout` and `portal` lead to them."""
    offer: str
    """What it costs, in words; may be empty."""
    terms: Terms

    def create_customer(self, payer: Payer) -> str:
        """The id of the customer for this account. On repetition, and of two at once, the same
        one, as long as `customer_number` is."""

    def checkout(self, payer: Payer, *, paid_url: str, back_url: str) -> str:
        """The page where this customer subscribes and pays; it leads to one of the two
        afterwards. The same one on repetition, as long as `checkout_number` is, for some hours."""

    def portal(self, customer_id: str, *, return_url: str) -> str:
        """The page where the customer changes the card, cancels, resumes, and sees bills."""

    def event(self, body: bytes, headers: Mapping[str, str]) -> BillingEvent:
        """What was sent to us; Forbidden, Conflict or InputError if it is forged, stale or no
        event. Asks nobody."""

    def subscriptions(self, customer_id: str) -> Sequence[Subscription]:
        """All of them as they are now, ended ones too."""

    def forget(self, customer_id: str) -> None:
        """Ends its subscriptions at once and deletes it. Nothing happens if it is gone."""

    def check(self) -> str:
        """What is set up, in a line; InputError or Unavailable for what is not as it should be."""


class Payers(Protocol):
    """What is kept of who pays."""

    def get(self, account_id: str) -> Payer | None: ...

    def of_customer(self, customer_id: str) -> Payer | None: ...

    def begin(self, payer: Payer) -> Payer:
        """Records it, if there is none of this account; of two at once, one is recorded and both
        get it. AccountGone, and nothing written, if there is none, and the account is marked
        deleted, or gone; see `Sessions.add`."""

    def change(self, payer: Payer) -> bool:
        """Writes it if the store holds version `payer.version - 1`; else False. No two accounts
        have the same customer: the store breaks off then."""

    def due(self, now: datetime, *, limit: int) -> Sequence[Payer]:
        """Those with a customer whose `check_due_at` has come; the longest due first."""

    def remove(self, payer: Payer) -> bool:
        """Removes it if the store holds this version of it; else nothing happens, and False."""

    def heard(self, event_id: str) -> bool:
        """Whether this event was noted."""

    def note(self, event_id: str, at: datetime) -> None:
        """Notes an event. Nothing happens on repetition."""

    def expire(self, noted_before: datetime) -> int:
        """Forgets events noted before, and says how many."""
