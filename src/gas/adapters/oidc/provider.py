"""What the provider says of itself: its discovery document and its keys, both kept for an hour."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from gas.adapters.oidc.failures import set_up_wrong, unreachable
from gas.adapters.oidc.fetch import get_json
from gas.adapters.oidc.settings import is_safe
from gas.domain.errors import Unavailable
from gas.ports.clock import Clock

FRESH = timedelta(hours=1)
SILENT = timedelta(seconds=5)
"""After no answer nobody waits for the next try; a crowd would, one after the other."""
KEYS_AT_MOST_EVERY = timedelta(minutes=1)
"""Tokens with made-up key ids shall not make us knock at the provider's door."""
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    revocation_endpoint: str
    end_session_endpoint: str
    """The last three are empty where the provider has none."""
    offers_pkce: bool
    names_itself: bool
    """Whether its answers carry `iss` (RFC 9207)."""
    algorithms: tuple[str, ...]
    client_auths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Keys:
    keys: tuple[Key, ...]
    read_at: datetime


class Provider:
    """Threads share it."""

    def __init__(self, issuer: str, clock: Clock) -> None:
        self.issuer = issuer
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: tuple[Metadata, datetime] | None = None
        self._keys: _Keys | None = None
        self._silent_at: datetime | None = None

    def metadata(self) -> Metadata:
        """Unavailable if it was never read, and cannot be now."""
        with self._lock:
            known = self._metadata
            if known and self._clock() - known[1] < FRESH:
                return known[0]
            if known is None and self._silent_at and self._clock() - self._silent_at < SILENT:
                raise unreachable()
            try:
                found = metadata_of(get_json(self.issuer.rstrip("/") + DISCOVERY), self.issuer)
            except Unavailable:
                self._silent_at = self._clock()
                if known is None:
                    raise
                found = known[0]  # a provider rarely moves: the old one is asked till it is back
            self._metadata = (found, self._clock())
            return found

    def keys(self, key_id: str | None) -> Sequence[Key]:
        """Those with this id, or all if it is None. A key that is not known may be a new one."""
        where = self.metadata().jwks_uri
        with self._lock:
            known = self._keys
            if known is None or self._clock() - known.read_at >= FRESH:
                known = self._read_keys(where, known)
            found = _named(known.keys, key_id)
            if not found and self._clock() - known.read_at >= KEYS_AT_MOST_EVERY:
                found = _named(self._read_keys(where, known).keys, key_id)
            return found

    def _read_keys(self, where: str, known: _Keys | None) -> _Keys:
        try:
            keys = keys_of(get_json(where))
        except Unavailable:
            if known is None:
                raise
            keys = known.keys
        self._keys = _Keys(keys, self._clock())
        return self._keys


def _named(keys: Sequence[Key], key_id: str | None) -> list[Key]:
    return [key for key in keys if key_id is None or key.kid == key_id]


def keys_of(document: Mapping[str, Any]) -> tuple[Key, ...]:
    """For signatures. Kinds that are not known here are left out: a set may hold newer ones."""
    found = []
    entries = document.get("keys")
    for entry in entries if isinstance(entries, list) else ():
        try:
            if entry.get("use", "sig") == "sig" and entry.get("kty") in {"RSA", "EC", "OKP"}:
                found.append(import_key(entry))
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return tuple(found)


def metadata_of(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Unavailable if it is another issuer's, or leads to where somebody could listen."""
    if document.get("issuer") != issuer:  # OIDC discovery 4.3: exactly
        raise set_up_wrong("the issuer of the discovery document")
    return Metadata(
        authorization_endpoint=_address(document, "authorization_endpoint", needed=True),
        token_endpoint=_address(document, "token_endpoint", needed=True),
        jwks_uri=_address(document, "jwks_uri", needed=True),
        userinfo_endpoint=_address(document, "userinfo_endpoint"),
        revocation_endpoint=_address(document, "revocation_endpoint"),
        end_session_endpoint=_address(document, "end_session_endpoint"),
        offers_pkce="S256" in _texts(document, "code_challenge_methods_supported"),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        algorithms=_texts(document, "id_token_signing_alg_values_supported"),
        client_auths=_texts(document, "token_endpoint_auth_methods_supported"),
    )


def _address(document: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    found = document.get(name)
    if found is None and not needed:
        return ""
    if not isinstance(found, str):
        raise unreachable()
    if not is_safe(found):
        raise set_up_wrong(name)
    return found


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = document.get(name)
    return tuple(text for text in found if isinstance(text, str)) if isinstance(found, list) else ()
