"""What a browser that left to sign in elsewhere brings back: a signed cookie, for some minutes.

It is bound to this browser, and read by nobody else; a page that leads a stranger to our way back
finds none there. Nothing is stored here for a sign-in that is never finished.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from gas.web.wired import services

LIFETIME = timedelta(minutes=10)
MOST_LETTERS = 4000
PURPOSE = b"gas.web departure 1"  # a key of its own: other uses of the secret sign other things


@dataclass(frozen=True, slots=True)
class Departed:
    remembered: Mapping[str, str] = field(default_factory=dict)
    """Empty if no sign-in was begun here, or too long ago."""
    next: str | None = None
    """Where the person wanted to go."""


def cookie_name() -> str:
    return "__Host-gas_departure" if services().site.secure_cookies else "gas_departure"


def remember(response: Response, departed: Departed) -> None:
    until = (services().clock() + LIFETIME).timestamp()
    content = json.dumps([until, dict(departed.remembered), departed.next]).encode()
    body = base64.urlsafe_b64encode(content).decode()
    if len(body) > MOST_LETTERS:  # no browser keeps more; a long `next` is what made it so
        return remember(response, Departed(departed.remembered))
    response.set_cookie(
        cookie_name(),
        f"{body}.{_signature(body)}",
        max_age=LIFETIME,
        secure=services().site.secure_cookies,
        httponly=True,
        samesite="Lax",  # the way back is a link from another site
        path="/",
    )
    return None


def recall() -> Departed:
    """What this browser remembers; nothing if it was changed, or is too old."""
    body, _, signature = request.cookies.get(cookie_name(), "").rpartition(".")
    if not hmac.compare_digest(signature.encode(errors="replace"), _signature(body).encode()):
        return Departed()
    try:
        until, remembered, target = json.loads(base64.urlsafe_b64decode(body))
    except (ValueError, binascii.Error):
        return Departed()
    if until <= services().clock().timestamp():
        return Departed()
    return Departed(remembered, target)


def forget(response: Response) -> None:
    response.delete_cookie(
        cookie_name(),
        secure=services().site.secure_cookies,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _signature(body: str) -> str:
    own_key = hmac.digest(services().site.secret_key, PURPOSE, hashlib.sha256)
    return hmac.digest(own_key, body.encode(errors="replace"), hashlib.sha256).hex()
