"""The signature of a webhook, as Stripe documents it (docs.stripe.com/webhooks/signature).

`Stripe-Signature: t=<seconds>,v1=<hex>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<body>`, one for
each secret while two are valid. Not by the SDK: that asks the system's clock, takes one secret,
accepts a moment in the future, and breaks on a body that is not UTF-8.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gas.domain.errors import InputError

TOLERANCE = timedelta(seconds=300)
MOST_SIGNATURES = 16
MOST_DIGITS = 12


def require_signature(body: bytes, header: str, *, secrets: Sequence[str], now: datetime) -> None:
    """InputError EVENT_FORGED or EVENT_STALE."""
    stamp, signatures = _parts(header)
    signed = stamp.encode() + b"." + body
    wanted = [hmac.digest(secret.encode(), signed, "sha256").hex().encode() for secret in secrets]
    # All are compared, and each in constant time: how long it takes tells nothing.
    matches = [hmac.compare_digest(one, given) for one in wanted for given in signatures]
    if not any(matches):
        raise _forged("The event is not signed with this service's secret.")
    if abs(datetime.fromtimestamp(int(stamp), UTC) - now) > TOLERANCE:
        raise InputError(
            "EVENT_STALE",
            "The event was signed too long ago, or in the future.",
            cure="Stripe sends it again; if it stays so, set the clock of this machine.",
        )


def _parts(header: str) -> tuple[str, list[bytes]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value.encode() for name, _, value in pairs if name == "v1"]
    stamp = stamps[0] if len(stamps) == 1 else ""
    digits = stamp.isascii() and stamp.isdigit() and len(stamp) <= MOST_DIGITS
    if not digits or not 0 < len(signatures) <= MOST_SIGNATURES:
        raise _forged("The event carries no signature that can be read.")
    return stamp, signatures


def _forged(message: str) -> InputError:
    return InputError(
        "EVENT_FORGED",
        message,
        cure="Give GAS_STRIPE_WEBHOOK_SECRETS the signing secret of this webhook endpoint.",
    )
