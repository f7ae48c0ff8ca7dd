"""Backend `https`: posts to addresses that users give, and only to those on the public internet.

Offers hooks, `HttpsHooks`: the name is resolved first, every address that it has must be public,
and the connection goes to the very address that was looked at. TLS with the name, its certificate
checked. No redirect is followed, no proxy asked, and of the answer only the status is read, within
one deadline for all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from gas.ports.backend import Between, Context, Manifest
from gas.ports.webhooks import HookSender

__all__ = ["MANIFEST", "HttpsSettings"]


@dataclass(frozen=True, slots=True)
class HttpsSettings:
    ports: str = "443,8443"
    """Those that may be posted to, separated by commas."""
    seconds: Annotated[float, Between(0.1, 20)] = 7.0
    """For everything: to resolve, to connect, to send, to be answered. Less than a worker has to
    stop (8 s), so that a stop cuts nothing off."""
    loopback: bool = False
    """For tests and labs: addresses of this machine are allowed too, on any port, also by http."""
    ca_file: str = ""
    """Certificates of authorities to trust; the system's if empty."""


def _hooks(context: Context[HttpsSettings]) -> HookSender:
    from gas.adapters.https.sender import HttpsHooks

    return HttpsHooks(context.own)


MANIFEST = Manifest(
    name="https",
    settings=HttpsSettings,
    hooks=_hooks,
    preload=("gas.adapters.https.sender",),
)
