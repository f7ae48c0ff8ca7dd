"""Where a URL of a user leads, read strictly: what is odd is refused, never mended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from gas.adapters.https.addresses import is_address, is_loopback
from gas.ports.webhooks import bad_url

MAX_URL = 2000
PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~%]+")
"""What a URL is written with: no space, control character, quote, backslash or angle bracket."""
NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Target:
    secure: bool
    host: str
    port: int
    path: str
    """With the query."""

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            host
            if self.port == DEFAULT_PORTS["https" if self.secure else "http"]
            else (f"{host}:{self.port}")
        )


def target_of(url: str, *, ports: frozenset[int], loopback: bool) -> Target:
    """InputError HOOK_URL. With `loopback`, addresses of this machine are allowed on any port, and
    by http."""
    if len(url) > MAX_URL or not PLAIN.fullmatch(url):
        raise bad_url("it is empty, too long, or holds characters that do not belong in one")
    try:
        parts = urlsplit(url)
        port = DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
        host = (parts.hostname or "").removesuffix(".")
    except ValueError as error:
        raise bad_url("it is none") from error
    here = loopback and (host == "localhost" or is_loopback(host))
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise bad_url("it is not https")
    if "@" in parts.netloc or parts.fragment or not _is_host(host):
        raise bad_url("it has no plain host, or a name, a password or a fragment")
    if port not in ports and not here:
        raise bad_url(f"port {port} is none of those allowed here")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port, path)


def _is_host(host: str) -> bool:
    if is_address(host):
        return "%" not in host  # no zone
    return len(host) <= 253 and NAME.fullmatch(host) is not None
