"""How a person proves who they are, and how it is asked later whether that still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from gas.domain.account import Identity


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser to sign in, and what to remember until it is back: the web keeps
    it for some minutes, for this browser alone, and lets nobody change it."""

    url: str | None
    """None: there is nowhere to go; the page explains how a link is had."""
    remember: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grant:
    """What is kept with the session of one who was let in."""

    sealed: str = ""
    """Encrypted: only the backend that made it can use it. Empty if there is nothing to keep."""
    renew_after: timedelta | None = None
    """When to ask again whether the person is still welcome; None: never."""


@dataclass(frozen=True, slots=True)
class Arrival:
    identity: Identity
    grant: Grant = Grant()


class SignIn(Protocol):
    name: str
    """What the button says: 'Globus', 'a sign-in link'."""

    trusted_beyond_loopback: bool
    """Whether the service may listen on other addresses than loopback with it."""

    departs: bool
    """Whether people sign in elsewhere and come back. If not, an operator hands out links."""

    def begin(self, return_url: str) -> Departure:
        """Unavailable if the place to go to does not answer."""

    def finish(self, answer: Mapping[str, str], remembered: Mapping[str, str]) -> Arrival:
        """Who it is; Forbidden with a code if the answer is forged, used up or too late, or if the
        person was not let in; Unavailable if that cannot be known now."""

    def renew(self, sealed: str) -> Grant:
        """Asks whether the person is still welcome, and gives what to keep from now on: what was
        sealed before may be used up. Forbidden if not; Unavailable if it cannot be known now. Not
        to be called twice at once with the same."""

    def sign_out(self, sealed: str, return_url: str) -> str | None:
        """Gives back what was granted, as far as that works; never fails. Where to send the browser
        to sign out there as well; None if there is no such place."""
