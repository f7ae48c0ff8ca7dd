"""Sign in with an OpenID Connect provider: the authorization code flow (OIDC core 3.1)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from gas.adapters.oidc import exchange, failures
from gas.adapters.oidc.exchange import Tokens, open_client
from gas.adapters.oidc.id_token import Expected, verify
from gas.adapters.oidc.person import identity_of, tells_enough
from gas.adapters.oidc.provider import Metadata, Provider
from gas.adapters.oidc.seal import Kept, Seal
from gas.adapters.oidc.settings import (
    ASYMMETRIC,
    OidcSettings,
    Pkce,
    algorithms_of,
    extra_of,
    issuer_of,
    known_by_preset,
    name_of,
)
from gas.domain.errors import Forbidden, Unavailable
from gas.ports.clock import Clock
from gas.ports.sign_in import Arrival, Departure, Grant

RANDOM_BYTES = 32
RS256 = ("RS256",)  # every provider has it (OIDC core 15.1); for one that lists nothing


class OidcSignIn:
    """Implements `SignIn`. Safe for several threads and processes: what a way back needs is
    remembered by the browser's own cookie, and nothing here."""

    trusted_beyond_loopback = True
    departs = True

    def __init__(self, own: OidcSettings, *, secret_key: bytes, clock: Clock) -> None:
        self.name = name_of(own)
        self._own = own
        self._known = known_by_preset[own.preset]
        self._algorithms = algorithms_of(own)
        self._extra = extra_of(own)
        self._clock = clock
        self._seal = Seal(secret_key)
        self._provider = Provider(issuer_of(own), clock)

    def begin(self, return_url: str) -> Departure:
        metadata = self._provider.metadata()
        remember = {
            "state": secrets.token_urlsafe(RANDOM_BYTES),
            "nonce": secrets.token_urlsafe(RANDOM_BYTES),
            "verifier": secrets.token_urlsafe(RANDOM_BYTES) if self._pkce(metadata) else "",
            "return_url": return_url,
        }
        with open_client(self._own, metadata, pkce=self._pkce(metadata)) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=remember["state"],
                code_verifier=remember["verifier"] or None,
                nonce=remember["nonce"],
                redirect_uri=return_url,
                **self._extra,
            )
        return Departure(url, remember)

    def finish(self, answer: Mapping[str, str], remembered: Mapping[str, str]) -> Arrival:
        if not remembered.get("state"):
            raise failures.not_begun()
        metadata = self._provider.metadata()
        self._require_own(answer, remembered, metadata)
        with open_client(self._own, metadata, pkce=False) as client:
            tokens = exchange.fetch(
                client,
                metadata,
                code=answer["code"],
                return_url=remembered["return_url"],
                verifier=remembered["verifier"],
            )
        claims = self._claims(tokens, metadata, nonce=remembered["nonce"])
        if metadata.userinfo_endpoint and not tells_enough(claims):
            # What is signed goes before what is not.
            told = exchange.person(metadata, tokens.access_token, claims["sub"])
            claims = {**told, **claims}
        identity = identity_of(claims, self._provider.issuer)
        return Arrival(identity, self._grant(Kept(identity.subject, tokens)))

    def renew(self, sealed: str) -> Grant:
        kept = self._seal.open(sealed)
        if not kept.tokens.refresh_token:
            return Grant(sealed)
        metadata = self._provider.metadata()
        try:
            with open_client(self._own, metadata, pkce=False) as client:
                new = exchange.refresh(client, metadata, kept.tokens.refresh_token)
            if new.id_token:
                self._require_same(kept, self._claims(new, metadata, nonce=None))
        except Forbidden as error:
            raise failures.no_longer_welcome() from error
        tokens = Tokens(
            new.access_token,
            # A provider that does not rotate it sends none; the old one goes on (RFC 6749 6).
            new.refresh_token or kept.tokens.refresh_token,
            new.id_token or kept.tokens.id_token,
        )
        return self._grant(Kept(kept.subject, tokens))

    def sign_out(self, sealed: str, return_url: str) -> str | None:
        try:
            kept = self._seal.open(sealed) if sealed else None
            metadata = self._provider.metadata()
        except (Forbidden, Unavailable):
            return self._logout_page(return_url)
        address = metadata.revocation_endpoint
        if not address and self._known.revocation_path:
            address = self._at(self._known.revocation_path)
        if kept and address:
            with open_client(self._own, metadata, pkce=False) as client:
                exchange.revoke(client, address, kept.tokens)
        if not metadata.end_session_endpoint:
            return self._logout_page(return_url)
        told = {"client_id": self._own.client_id, "post_logout_redirect_uri": return_url}
        if kept and kept.tokens.id_token:
            told["id_token_hint"] = kept.tokens.id_token
        return _with(metadata.end_session_endpoint, told)

    def _pkce(self, metadata: Metadata) -> bool:
        if self._own.pkce is Pkce.AUTO:
            return metadata.offers_pkce
        return self._own.pkce is Pkce.ALWAYS

    def _require_own(
        self, answer: Mapping[str, str], remembered: Mapping[str, str], metadata: Metadata
    ) -> None:
        """State first: what is not in answer to us is not listened to. Then who answers (RFC 9207),
        so that no code goes to a provider that did not make it."""
        state = answer.get("state", "").encode(errors="surrogatepass")
        if not hmac.compare_digest(state, remembered["state"].encode()):
            raise failures.foreign_answer("its state")
        issuer = answer.get("iss")
        if issuer != self._provider.issuer and (issuer is not None or metadata.names_itself):
            raise failures.foreign_answer("its issuer")
        if "error" in answer:
            raise failures.of_answer(answer["error"])
        if not answer.get("code"):
            raise failures.foreign_answer("its code")

    def _claims(
        self, tokens: Tokens, metadata: Metadata, *, nonce: str | None
    ) -> Mapping[str, Any]:
        if not tokens.id_token:
            raise failures.bad_token("it is missing")
        listed = tuple(name for name in metadata.algorithms if name in ASYMMETRIC)
        expected = Expected(
            issuer=self._provider.issuer,
            client_id=self._own.client_id,
            client_secret=self._own.client_secret,
            algorithms=self._algorithms or listed or RS256,
            nonce=nonce,
            access_token=tokens.access_token,
            now=self._clock(),
        )
        return verify(tokens.id_token, expected, self._provider.keys)

    def _require_same(self, kept: Kept, claims: Mapping[str, Any]) -> None:
        if claims["sub"] != kept.subject:  # OIDC core 12.2
            raise failures.no_longer_welcome()

    def _grant(self, kept: Kept) -> Grant:
        hours = self._own.renew_hours if kept.tokens.refresh_token else 0
        return Grant(self._seal.close(kept), timedelta(hours=hours) if hours else None)

    def _logout_page(self, return_url: str) -> str | None:
        """Its address needs no discovery. It asks the person, and does not come back by itself."""
        if not self._known.logout_path:
            return None
        told = {
            "client_id": self._own.client_id,
            "redirect_uri": return_url,
            "redirect_name": "GAS",
        }
        return _with(self._at(self._known.logout_path), told)

    def _at(self, path: str) -> str:
        return self._provider.issuer.rstrip("/") + path


def _with(url: str, parameters: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(parameters)}"
