"""How a person proves who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gas.domain.account import Identity


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser to sign in, and what to remember until it is back."""

    url: str | None
    """None: there is nowhere to go; the page explains how a link is had."""
    remember: Mapping[str, str]


class SignIn(Protocol):
    name: str
    """What the button says: 'Globus', 'a sign-in link'."""

    trusted_beyond_loopback: bool
    """Whether the service may listen on other addresses than loopback with it."""

    def begin(self, return_url: str) -> Departure: ...

    def finish(self, answer: Mapping[str, str], remembered: Mapping[str, str]) -> Identity:
        """Who it is; Forbidden with a code if the answer is forged, used up or too late."""
