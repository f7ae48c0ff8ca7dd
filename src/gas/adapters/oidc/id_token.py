"""The ID token, verified as OIDC core 3.1.3.7 asks: who signed it, for whom, when, why.

Every refusal names the check that failed, and nothing of the token.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, OctKey

from gas.adapters.oidc.failures import bad_token
from gas.adapters.oidc.settings import SYMMETRIC

LEEWAY_SECONDS = 60
MOST_LETTERS = 64_000
digest_by_bits = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
type_by_algorithm = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    issuer: str
    client_id: str
    client_secret: str
    algorithms: Sequence[str]
    nonce: str | None
    """None in the answer to a renewal, which has none."""
    access_token: str
    now: datetime


def verify(
    token: str, expected: Expected, keys: Callable[[str | None], Sequence[Key]]
) -> Mapping[str, Any]:
    """Its claims; `keys` are those with an id. Forbidden SIGN_IN_TOKEN."""
    header = _header(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in expected.algorithms:
        raise bad_token("the algorithm of the signature")
    claims = _signed(token, algorithm, _fitting(header, algorithm, expected, keys))
    _check_parties(claims, expected)
    _check_times(claims, expected.now.timestamp())
    _check_binding(claims, algorithm, expected)
    return claims


def _header(token: str) -> Mapping[str, Any]:
    try:
        first = token[:MOST_LETTERS].split(".")[0]
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, binascii.Error) as error:
        raise bad_token("its form") from error
    if not isinstance(header, dict) or len(token) > MOST_LETTERS:
        raise bad_token("its form")
    return header


def _fitting(
    header: Mapping[str, Any],
    algorithm: str,
    expected: Expected,
    keys: Callable[[str | None], Sequence[Key]],
) -> Sequence[Key]:
    """Never a key of the token's own (`jwk`, `jku`, `x5u`): whoever forges one brings it along."""
    if algorithm in SYMMETRIC:
        return [OctKey.import_key(expected.client_secret)] if expected.client_secret else []
    key_id = header.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise bad_token("the key")
    kind = type_by_algorithm[algorithm[:2]]
    return [key for key in keys(key_id) if key.key_type == kind]


def _signed(token: str, algorithm: str, keys: Sequence[Key]) -> Mapping[str, Any]:
    for key in keys:
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[algorithm]).payload
            claims = json.loads(payload)
        except (JoseError, ValueError):
            continue
        if isinstance(claims, dict):
            return claims
    raise bad_token("the signature" if keys else "the key")


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise bad_token("the issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in audiences:
        raise bad_token("the audience")
    party = claims.get("azp")
    if (len(audiences) > 1 or party is not None) and party != expected.client_id:
        raise bad_token("the authorized party")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise bad_token("the subject")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    if _number(claims, "exp") <= now - LEEWAY_SECONDS:
        raise bad_token("its end: it has expired")
    if _number(claims, "iat") > now + LEEWAY_SECONDS:
        raise bad_token("its beginning: it is from the future")
    if "nbf" in claims and _number(claims, "nbf") > now + LEEWAY_SECONDS:
        raise bad_token("its beginning: it is from the future")


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise bad_token("its times")
    return value


def _check_binding(claims: Mapping[str, Any], algorithm: str, expected: Expected) -> None:
    """To our question, and to the access token that came with it."""
    nonce = claims.get("nonce")
    if expected.nonce is not None and not (
        isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), expected.nonce.encode())
    ):
        raise bad_token("the nonce")
    if "at_hash" in claims and claims["at_hash"] != half_hash(expected.access_token, algorithm):
        raise bad_token("the access token")


def half_hash(text: str, algorithm: str) -> str:
    """OIDC core 3.1.3.6; Ed25519 hashes with SHA-512."""
    digest = digest_by_bits.get(algorithm[2:], hashlib.sha512)(text.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
