"""For receivers of webhooks: believes what is signed, and nothing else (Standard Webhooks)."""

from __future__ import annotations

import binascii
import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from gas.client.errors import ClientError

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"


def verify_webhook(
    secret: str, *, headers: Mapping[str, str], body: bytes, now: float | None = None
) -> dict[str, Any]:
    """The event in `body`, as it was received. ClientError BAD_SIGNATURE if it is not signed with
    `secret` (`whsec_...`), or older than five minutes. Keep `webhook-id`: an event may come twice.
    """
    given = {name.lower(): value for name, value in headers.items()}
    stamp = given.get("webhook-timestamp", "")
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
        age = (time.time() if now is None else now) - int(stamp)
    except (binascii.Error, ValueError) as error:
        raise _forged() from error
    content = f"{given.get('webhook-id', '')}.{stamp}.".encode() + body
    wanted = "v1," + b64encode(hmac.digest(key, content, "sha256")).decode()
    signatures = given.get("webhook-signature", "").split()
    signed = any(hmac.compare_digest(wanted.encode(), one.encode()) for one in signatures)
    if not key or not signed or abs(age) > TOLERANCE_SECONDS:
        raise _forged()
    event: dict[str, Any] = json.loads(body)
    return event


def _forged() -> ClientError:
    return ClientError(
        "BAD_SIGNATURE",
        "The webhook is not signed with this secret, or too old.",
        cure="Do nothing of what it says, and answer 400.",
    )
