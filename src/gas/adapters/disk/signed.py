"""Signed links: who holds one may read one file, until it expires. Nothing is stored for them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from gas.domain.errors import Forbidden

PURPOSE = (
    b"gas.adapters.disk link 1"  # a key of its own: other uses of the secret sign other things
)


@dataclass(frozen=True, slots=True)
class Claims:
    key: str
    name: str
    expires_at: float
    """Seconds since the epoch."""


def sign(claims: Claims, secret_key: bytes) -> str:
    fields = [claims.key, claims.name, claims.expires_at]
    body = _to_text(json.dumps(fields, separators=(",", ":")).encode())
    return f"{body}.{_signature(body, secret_key)}"


def verify(token: str, secret_key: bytes, now: datetime) -> Claims:
    """Forbidden LINK_FORGED or LINK_EXPIRED."""
    body, _, signature = token.rpartition(".")
    expected = _signature(body, secret_key)
    if not hmac.compare_digest(signature.encode(errors="replace"), expected.encode()):
        raise _forged()
    try:
        claims = Claims(*json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (ValueError, TypeError, binascii.Error) as error:
        raise _forged() from error
    if claims.expires_at <= now.timestamp():
        raise Forbidden(
            "LINK_EXPIRED",
            "This download link has expired.",
            cure="Open the job's page and download from there.",
        )
    return claims


def _forged() -> Forbidden:
    return Forbidden(
        "LINK_FORGED",
        "This download link is not one of ours, or not whole.",
        cure="Open the job's page and download from there.",
    )


def _signature(body: str, secret_key: bytes) -> str:
    own_key = hmac.digest(secret_key, PURPOSE, hashlib.sha256)
    return _to_text(hmac.digest(own_key, body.encode(errors="replace"), hashlib.sha256))


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
