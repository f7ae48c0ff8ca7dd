"""Posts to a webhook: resolve, look at every address, connect to that very one, read the status.

No HTTP library does it: they resolve again when they connect, wait for each byte anew so that a
receiver who sends one every few seconds holds them for ever, and ask the environment for proxies.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping

from gas.adapters.https import HttpsSettings
from gas.adapters.https.addresses import is_address, is_loopback, is_public
from gas.adapters.https.target import Target, target_of
from gas.domain.errors import InputError, Unavailable

MAX_ANSWER_BYTES = 8192
"""Of the head of an answer; its body is not read."""
AGENT = "gas-webhooks"
Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, by the system's own resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class HttpsHooks:
    """Implements `HookSender`."""

    def __init__(self, settings: HttpsSettings, *, resolve: Resolve = resolve) -> None:
        self._ports = frozenset(int(text) for text in settings.ports.split(",") if text.strip())
        self._settings = settings
        self._resolve = resolve
        self._tls = ssl.create_default_context(cafile=settings.ca_file or None)

    def check(self, url: str) -> None:
        host = self._target(url).host
        if is_address(host):
            self._require_public([host])

    def send(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> int:
        deadline = time.monotonic() + self._settings.seconds
        target = self._target(url)
        try:
            addresses = self._addresses(target, deadline)
            with self._connection(target, addresses, deadline) as line:
                line.settimeout(_left(deadline))
                line.sendall(_request(target, body, headers))
                return _status(line, deadline)
        except (OSError, UnicodeError) as error:  # ssl's and the resolver's are OSErrors
            raise _silent(type(error).__name__) from error

    def _target(self, url: str) -> Target:
        return target_of(url, ports=self._ports, loopback=self._settings.loopback)

    def _addresses(self, target: Target, deadline: float) -> list[str]:
        addresses = _in_time(lambda: self._resolve(target.host, target.port), deadline)
        self._require_public(addresses)
        return addresses

    def _require_public(self, addresses: list[str]) -> None:
        """Of one that is not public the whole name is refused: it may be meant to be taken at the
        second try."""
        for address in addresses:
            if not (is_public(address) or (self._settings.loopback and is_loopback(address))):
                raise InputError(
                    "HOOK_ADDRESS",
                    "The host of the webhook has an address that is not on the public internet.",
                    place="url",
                    cure="Give a host that everybody can reach.",
                )

    def _connection(self, target: Target, addresses: list[str], deadline: float) -> socket.socket:
        plain = _connect(addresses, target.port, deadline)
        if not target.secure:
            return plain
        plain.settimeout(_left(deadline))
        try:
            return self._tls.wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise


def _connect(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """To the first that answers. Each is an address, so nothing is resolved again."""
    trouble: OSError = OSError("the name has no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=_left(deadline))
        except OSError as error:
            trouble = error
    raise trouble


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    every = {
        "Host": target.host_header,
        "User-Agent": AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _status(line: socket.socket, deadline: float) -> int:
    """Of the final answer: 100 and 103 may come before it."""
    head, room = b"", MAX_ANSWER_BYTES
    while True:
        while b"\r\n\r\n" not in head:
            line.settimeout(_left(deadline))
            more = line.recv(room)
            if not more:
                raise _silent("the answer is cut short, or too long")
            head, room = head + more, room - len(more)
        first, _, head = head.partition(b"\r\n\r\n")
        status = _parsed(first.split(b"\r\n")[0])
        if status >= 200:
            return status


def _parsed(status_line: bytes) -> int:
    version, _, rest = status_line.partition(b" ")
    code = rest[:3]
    if not version.startswith(b"HTTP/1.") or len(code) != 3 or not code.isdigit():
        raise _silent("it does not speak HTTP/1")
    return int(code)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _in_time(ask: Callable[[], list[str]], deadline: float) -> list[str]:
    """The system's resolver knows no deadline; a thread that it holds is left behind."""
    answers: list[list[str]] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # noqa: BLE001 (raised again by who waits)
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="resolve")
    thread.start()
    thread.join(_left(deadline))
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError
    return answers[0]


def _silent(why: str) -> Unavailable:
    return Unavailable(
        "HOOK_SILENT",
        f"The receiver of the webhook did not answer as it should ({why}).",
        cure="See that it is reachable, and answers within a few seconds.",
    )
