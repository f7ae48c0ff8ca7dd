"""Stripe's errors as ours. What Stripe says may hold addresses and ids: only its code is passed on,
the rest stays with the cause."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from gas.domain.errors import GasError, InputError, NotFound, Unavailable

MISSING = "resource_missing"
IN_USE = 409
"""A request with the same idempotency key is under way, or Stripe holds a lock."""


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        raise trouble(error) from error


def trouble(error: stripe.StripeError) -> GasError:
    if isinstance(error, (stripe.AuthenticationError, stripe.PermissionError)):
        return Unavailable(
            "BILLING_REFUSED",
            f"Stripe refuses the key of this service ({type(error).__name__}).",
            cure="The operator has to mend GAS_STRIPE_KEY; `gas doctor` says what is wrong.",
        )
    refused = isinstance(error, (stripe.InvalidRequestError, stripe.IdempotencyError))
    if refused and error.http_status != IN_USE:
        return InputError(
            "BILLING_REJECTED",
            f"Stripe rejects a request of this service ({error.code or 'no code'}).",
            cure="The operator finds it in Stripe's log of requests; `gas doctor` may say more.",
        )
    return Unavailable(
        "BILLING_UNAVAILABLE",
        f"Stripe does not answer as it should ({type(error).__name__}).",
        cure="Try again in a minute; nothing was lost, and nothing is paid twice.",
    )


def is_missing(error: stripe.InvalidRequestError, parameter: str) -> bool:
    return error.code == MISSING and error.param == parameter


def customer_gone() -> NotFound:
    return NotFound(
        "CUSTOMER_GONE",
        "Stripe has deleted the customer of this account.",
        cure="Subscribe again: another customer is made.",
    )


def customer_unknown() -> InputError:
    return InputError(
        "CUSTOMER_UNKNOWN",
        "Stripe has never had a customer that this service knows.",
        cure="Is GAS_STRIPE_KEY of another Stripe account, or of its other mode?",
    )
