"""Asks servers over HTTPS: with limits of time, retries with jitter and a bound, and errors that
say what to do.

A server is known by a name, so that a mirror can stand in for it. Proxies are those of the
system (HTTPS_PROXY and NO_PROXY). urllib3 is imported when it is used: it opens a socket to learn
of IPv6.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from gas import __version__
from gas.domain.errors import GasError, InputError, NotFound, Unavailable
from gas.engines.bcftools.shelf.checksums import MD5, Checksum

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

Answer = TypeVar("Answer")
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be others a little later."""
NO_HEAD = frozenset({403, 405, 501})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
READ_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Patience:
    tries: int = 6
    """In a row, without a byte more."""
    first_seconds: float = 1.0
    """Between the first two; doubled each time, give or take half."""
    longest_seconds: float = 60.0
    connect_seconds: float = 20.0
    read_seconds: float = 60.0
    """Without a byte."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a server says of a file."""

    bytes: int
    """0 if it does not say."""
    etag: str
    modified: str
    md5: Checksum | None
    """Of Google's storage, which has no lists of sums."""


class PassingError(Exception):
    """Worth another try."""


class Web:
    def __init__(
        self,
        servers: Mapping[str, str],
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`servers`: base URL by name."""
        self.patience = patience or Patience()
        self._servers = servers
        self._sleep = sleep
        self._pools: dict[str, PoolManager] = {}

    def url(self, server: str, path: str) -> str:
        return f"{self._servers[server].rstrip('/')}/{path}"

    def look(self, url: str) -> Seen:
        """NotFound NOT_ON_SERVER, Unavailable."""

        def attempt() -> Seen:
            try:
                with self.open("HEAD", url) as response:
                    return seen(response)
            except _RefusedError as refused:
                if refused.status not in NO_HEAD:
                    raise
            with self.open("GET", url) as response:
                return seen(response)

        return self.retried(url, attempt)

    def text(self, url: str, most_bytes: int = 4 << 20) -> str:
        return self.start_of(url, most_bytes).decode("utf-8", "replace")

    def start_of(self, url: str, count: int) -> bytes:
        """The first bytes of a file; fewer where it has no more."""

        def attempt() -> bytes:
            with self.open("GET", url, {"Range": f"bytes=0-{count - 1}"}) as response:
                parts, held = [], 0
                while held < count and (part := response.read(READ_BYTES)):
                    parts.append(part)
                    held += len(part)
                return b"".join(parts)[:count]

        return self.retried(url, attempt)

    def retried(self, url: str, attempt: Callable[[], Answer]) -> Answer:
        for number in range(1, self.patience.tries + 1):
            try:
                return attempt()
            except PassingError as error:
                if number == self.patience.tries:
                    raise broken(url, f"It did not answer in {number} tries.") from error
                self.pause(number)
        raise AssertionError("unreachable")

    def pause(self, number: int) -> None:
        """Before try `number` + 1. The jitter keeps many installations from asking in step."""
        patience = self.patience
        seconds = min(patience.first_seconds * 2 ** (number - 1), patience.longest_seconds)
        self._sleep(seconds * (0.5 + secrets.SystemRandom().random()))

    @contextmanager
    def open(
        self, method: str, url: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[BaseHTTPResponse]:
        """The answer, its body unread: of status 200, 206 or 416. Once, without retries:
        PassingError, here or while the body is read, if it may be worth another try."""
        from urllib3.exceptions import HTTPError, SSLError

        try:
            response = self._follow(method, url, headers or {})
            try:
                yield response
            finally:
                response.close()
                response.release_conn()
        except SSLError as error:
            raise untrusted(url) from error
        except HTTPError as error:
            raise PassingError(type(error).__name__) from error

    def _follow(self, method: str, url: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """The answer at the end of all redirections."""
        for _ in range(MOST_REDIRECTS + 1):
            response = self._ask(method, url, headers)
            if response.status not in REDIRECTS:
                if response.status not in (200, 206, 416):
                    response.close()
                    raise _refusal(url, response.status)
                return response
            response.close()
            url = next_url(url, response.headers.get("Location", ""))
        raise broken(url, "It sends us from one address to another.")

    def _ask(self, method: str, url: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        from urllib3 import Timeout

        return self._pool(url).request(
            method,
            url,
            headers={
                "User-Agent": f"gas/{__version__}",
                "Accept-Encoding": "identity",  # lengths and ranges are those of the file itself
                **headers,
            },
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=Timeout(connect=self.patience.connect_seconds, read=self.patience.read_seconds),
        )

    def _pool(self, url: str) -> PoolManager:
        from urllib3 import PoolManager, ProxyManager

        parts = urlsplit(url)
        host = parts.hostname or ""
        proxy = "" if host in LOOPBACK else urllib.request.getproxies().get(parts.scheme, "")
        if proxy and urllib.request.proxy_bypass(host):
            proxy = ""
        if proxy not in self._pools:
            self._pools[proxy] = ProxyManager(proxy) if proxy else PoolManager()
        return self._pools[proxy]


class _RefusedError(GasError):
    """An answer that stays so."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(
            "DOWNLOAD_REFUSED",
            f"The server {host_of(url)} refuses {name_of(url)} (HTTP {status}).",
            cure="Look at the address in a browser; --mirror names another server.",
        )
        self.status = status


def seen(response: BaseHTTPResponse) -> Seen:
    """Of the whole file, also in an answer that carries a part of it."""
    headers = response.headers
    total = re.search(r"/(\d+)\s*$", headers.get("Content-Range", ""))
    length = total[1] if total else headers.get("Content-Length", "")
    hashed = re.search(r"md5=([A-Za-z0-9+/]{22}==)", headers.get("x-goog-hash", ""))
    return Seen(
        bytes=int(length) if length.isdecimal() else 0,
        etag=headers.get("ETag", ""),
        modified=headers.get("Last-Modified", ""),
        md5=Checksum(MD5, base64.b64decode(hashed[1]).hex()) if hashed else None,
    )


def check_base(url: str) -> None:
    """InputError BAD_MIRROR unless it can be the base URL of a server."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise InputError(
            "BAD_MIRROR",
            "This is no address of a server.",
            cure="Give it as --mirror ensembl=https://example.org/pub.",
        )


def broken(url: str, what: str) -> Unavailable:
    return Unavailable(
        "DOWNLOAD_BROKEN",
        f"The download of {name_of(url)} from {host_of(url)} broke. {what}",
        cure="Give the same command again: it goes on where it stopped.",
    )


def untrusted(url: str) -> Unavailable:
    return Unavailable(
        "DOWNLOAD_UNTRUSTED",
        f"There is no secure connection to {host_of(url)}: it has no certificate that is trusted.",
        cure="Install the certificates of your system or of your proxy, and look at the clock.",
    )


def name_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def host_of(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def next_url(url: str, location: str) -> str:
    """Where a redirection leads; never from an encrypted connection to a plain one."""
    found = urljoin(url, location)
    if urlsplit(url).scheme == "https" != urlsplit(found).scheme:
        raise broken(url, "It sends us to an address without encryption.")
    return found


def _refusal(url: str, status: int) -> Exception:
    if status in PASSING:
        return PassingError(f"HTTP {status}")
    if status in (404, 410):
        return NotFound(
            "NOT_ON_SERVER",
            f"The server {host_of(url)} has no {name_of(url)}.",
            cure="The release may be gone or not be there yet: choose another with --release.",
        )
    return _RefusedError(url, status)
