"""One-time sign-in links. The token is 32 random bytes; only its SHA-256 is stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from gas.domain.account import Identity
from gas.domain.errors import Forbidden, InputError
from gas.domain.profile import is_address
from gas.ports.accounts import SignInLinks
from gas.ports.clock import Clock
from gas.ports.sign_in import Arrival, Departure, Grant

ISSUER = "links"
TOKEN_BYTES = 32


class LinkSignIn:
    """Implements `SignIn`. Who holds a link is who it names: fit for loopback, where the person
    at the terminal hands it out."""

    name = "a sign-in link"
    trusted_beyond_loopback = False
    departs = False

    def __init__(self, links: SignInLinks, clock: Clock) -> None:
        self._links = links
        self._clock = clock

    def begin(self, return_url: str) -> Departure:  # noqa: ARG002 - nowhere to return from
        return Departure(url=None, remember={})

    def finish(self, answer: Mapping[str, str], remembered: Mapping[str, str]) -> Arrival:  # noqa: ARG002
        token = answer.get("token", "")
        identity = self._links.take(_hash(token), self._clock()) if token else None
        if identity is None:
            raise Forbidden(
                "LINK_USED_OR_EXPIRED",
                "This sign-in link was used already, has expired, or is not whole.",
                cure="Ask for a new one: `gas user link EMAIL` prints it.",
            )
        return Arrival(identity)

    def renew(self, sealed: str) -> Grant:  # noqa: ARG002 - a link grants nothing but the session
        return Grant()

    def sign_out(self, sealed: str, return_url: str) -> None:  # noqa: ARG002
        return None


def issue_link(
    links: SignInLinks, identity: Identity, *, site_url: str, lifetime: timedelta, clock: Clock
) -> str:
    """A new link that signs `identity` in, once, within `lifetime`."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    links.add(_hash(token), identity, clock() + lifetime)
    return f"{site_url.rstrip('/')}/sign-in/link?token={token}"


def identity_of(email: str, name: str = "") -> Identity:
    """The person with this email address, whatever its case; InputError BAD_EMAIL."""
    address = email.strip()
    if not is_address(address):
        raise InputError(
            "BAD_EMAIL",
            "This is not an email address.",
            cure="Give it as name@example.org.",
        )
    return Identity(issuer=ISSUER, subject=address.casefold(), email=address, name=name)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
