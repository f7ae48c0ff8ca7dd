"""ID tokens as a thief or a broken provider would make them, each with the check it fails."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import OctKey

from adapters.oidc.forger import CLIENT, KEY, NEW_KEY, OTHER_KEY, SECRET, Claims, signed
from gas.adapters.oidc.id_token import half_hash

Make = Callable[[Claims], str]


def unsigned(claims: Claims, algorithm: str = "none") -> str:
    header = {"alg": algorithm, "kid": "first"}
    parts = [json.dumps(part).encode() for part in (header, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def with_public_key_as_secret(claims: Claims) -> str:
    """The old trick: the provider's public key, which everybody has, taken for a shared secret."""
    secret = KEY.as_pem(private=False)
    return by_hand(
        {"alg": "HS256", "kid": "first"}, claims, lambda data: hmac.digest(secret, data, "sha256")
    )


def critical_and_unknown(claims: Claims) -> str:
    header = {"alg": "RS256", "kid": "first", "crit": ["x"], "x": "y"}
    key = KEY.private_key
    assert key
    return by_hand(header, claims, lambda data: key.sign(data, PKCS1v15(), SHA256()))


def by_hand(header: Claims, claims: Claims, sign: Callable[[bytes], bytes]) -> str:
    """What no library would make."""
    body = ".".join(coded(json.dumps(part).encode()) for part in (header, claims))
    return f"{body}.{coded(sign(body.encode()))}"


def coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def with_its_own_key(claims: Claims) -> str:
    own = OTHER_KEY.as_dict(private=False)
    return jwt.encode(
        {"alg": "RS256", "jwk": own, "kid": "mine"}, claims, OTHER_KEY, algorithms=["RS256"]
    )


def swapped(claims: Claims) -> str:
    """The signature of one token under the claims of another."""
    header, _, signature = signed(claims).split(".")
    other = signed({**claims, "sub": "root"}).split(".")[1]
    return f"{header}.{other}.{signature}"


def now() -> int:
    """When the token is made; the suite may have been read long before."""
    return int(time.time())


FORGED: dict[str, tuple[Make, str]] = {
    "no signature": (unsigned, "the algorithm"),
    "NONE in capitals": (lambda c: unsigned(c, "NONE"), "the algorithm"),
    "public key as secret": (with_public_key_as_secret, "the algorithm"),
    "our secret": (
        lambda c: signed(c, OctKey.import_key(SECRET), "HS256"),
        "the algorithm",
    ),
    "algorithm not listed": (lambda c: signed(c, algorithm="RS512"), "the algorithm"),
    "a key of its own": (with_its_own_key, "the key"),
    "wrong key, right id": (lambda c: signed(c, OTHER_KEY), "the signature"),
    "unknown key id": (lambda c: signed(c, NEW_KEY), "the key"),
    "swapped claims": (swapped, "the signature"),
    "signature cut off": (lambda c: signed(c).rpartition(".")[0] + ".", "the signature"),
    "two parts": (lambda c: signed(c).rpartition(".")[0], "the signature"),
    "no token at all": (lambda _: "", "it is missing"),
    "noise": (lambda _: "\udc80..".encode(errors="replace").decode(), "its form"),
    "no object": (lambda _: "W10.W10.", "its form"),
    "another issuer": (lambda c: signed({**c, "iss": "https://evil.example"}), "the issuer"),
    "issuer with a slash": (lambda c: signed({**c, "iss": c["iss"] + "/"}), "the issuer"),
    "for somebody else": (lambda c: signed({**c, "aud": "other"}), "the audience"),
    "for nobody": (lambda c: signed({k: v for k, v in c.items() if k != "aud"}), "the audience"),
    "for many, ours unnamed": (
        lambda c: signed({**c, "aud": [CLIENT, "other"]}),
        "the authorized party",
    ),
    "by another party": (lambda c: signed({**c, "azp": "other"}), "the authorized party"),
    "expired": (lambda c: signed({**c, "iat": now() - 900, "exp": now() - 120}), "its end"),
    "no end": (lambda c: signed({k: v for k, v in c.items() if k != "exp"}), "its times"),
    "endless": (lambda c: signed({**c, "exp": True}), "its times"),
    "from the future": (lambda c: signed({**c, "iat": now() + 900}), "its beginning"),
    "not yet": (lambda c: signed({**c, "nbf": now() + 900}), "its beginning"),
    "another nonce": (lambda c: signed({**c, "nonce": "other"}), "the nonce"),
    "no nonce": (lambda c: signed({k: v for k, v in c.items() if k != "nonce"}), "the nonce"),
    "a list as nonce": (lambda c: signed({**c, "nonce": [c["nonce"]]}), "the nonce"),
    "another access token": (
        lambda c: signed({**c, "at_hash": half_hash("other", "RS256")}),
        "the access token",
    ),
    "no subject": (lambda c: signed({**c, "sub": ""}), "the subject"),
    "a number as subject": (lambda c: signed({**c, "sub": 7}), "the subject"),
    "critical and unknown": (critical_and_unknown, "the signature"),
}


HONEST: dict[str, Make] = {
    "as it is": lambda c: signed(c),
    "for many, ours named": lambda c: signed({**c, "aud": [CLIENT, "x"], "azp": CLIENT}),
    "a minute too late": lambda c: signed({**c, "exp": now() - 30}),
    "with the access token's hash": lambda c: signed(
        {**c, "at_hash": half_hash("access", "RS256")}
    ),
}
