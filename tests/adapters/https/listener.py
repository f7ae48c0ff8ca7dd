"""A receiver of webhooks on this machine: it keeps what comes in, and answers as a test asks."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]


def ok(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def hold(line: socket.socket) -> None:
    """Says nothing until the sender gives up."""
    line.recv(1)


def saying(text: str) -> Answer:
    return lambda line: line.sendall(text.encode())


@dataclass
class Listener:
    port: int
    answer: Answer = ok
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over: for an answer that waits."""

    def take(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            head = b""
            while b"\r\n\r\n" not in head:
                more = line.recv(65536)
                if not more:
                    return
                head += more
            first, _, body = head.partition(b"\r\n\r\n")
            _, _, length_on = first.lower().partition(b"content-length: ")
            length = int(length_on.split(b"\r\n")[0] or b"0")
            while len(body) < length:
                body += line.recv(65536)
            self.requests.append(first + b"\r\n\r\n" + body)
            self.answer(line)


@contextmanager
def listening(
    answer: Answer = ok, *, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1"
) -> Iterator[Listener]:
    with socket.create_server((address, 0)) as server:
        server.settimeout(0.02)
        listener = Listener(server.getsockname()[1], answer)
        thread = threading.Thread(target=_accept, args=(server, listener, tls))
        thread.start()
        try:
            yield listener
        finally:
            listener.ended.set()
            thread.join()


def _accept(server: socket.socket, listener: Listener, tls: ssl.SSLContext | None) -> None:
    while not listener.ended.is_set():
        try:
            line, _ = server.accept()
        except TimeoutError:
            continue
        listener.connections += 1
        line.settimeout(30)
        try:
            taken = tls.wrap_socket(line, server_side=True) if tls else line
        except OSError:
            line.close()
            continue
        threading.Thread(target=listener.take, args=(taken,), daemon=True).start()
