"""A strict Stripe of ours, on 127.0.0.1: its API, the pages where people pay, and its webhooks.

Stricter than a mock: it checks key and version, wants an idempotency key on every POST and keeps
to it (another body under the same key is an error), and holds each request against the shapes that
Stripe publishes. What it refuses it also notes in `complaints`, which a test expects to be empty.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from adapters.stripe.books import VERSION, Books, Thing
from adapters.stripe.desk import Desk, Refused
from adapters.stripe.pages import Page, page

KEY = "sk_test_dummy"
SECRET = "whsec_dummy"


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    form: Any
    key: str = ""
    """The idempotency key."""


@dataclass
class Answer:
    status: int
    body: bytes
    kind: str = "application/json"
    location: str = ""
    replayed: bool = False


Trouble = Callable[[Asked], str | None]
"""'500', '429', '401'; 'drop': no answer, nothing done; 'lost': done, and the answer is lost."""


@dataclass
class FakeStripe:
    clock: Callable[[], datetime]
    trouble: Trouble = lambda asked: None
    secret: str = SECRET
    hook: Callable[[bytes, str], None] | None = None
    """Gets each event at once, with its signature."""
    asked: list[Asked] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    url: str = ""
    books: Books = field(init=False)
    _kept: dict[str, tuple[Asked, Answer]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, asked: Asked, headers: Thing) -> Answer | None:
        """None: the connection is cut."""
        with self._lock:
            if not asked.path.startswith("/v1/"):
                return self._page(asked)
            self.asked.append(asked)
            trouble = self.trouble(asked)
            if trouble == "drop":
                return None
            if trouble and trouble.isdigit():
                return failed(int(trouble), "api_error", "It was asked for.")
            answer = self._api(asked, headers)
            return None if trouble == "lost" else answer

    def _api(self, asked: Asked, headers: Thing) -> Answer:
        if headers.get("Authorization") != f"Bearer {KEY}":
            return failed(401, "invalid_request_error", "Invalid API key provided.")
        if headers.get("Stripe-Version") != VERSION:
            return self._complain(f"version {headers.get('Stripe-Version')}")
        if asked.method == "POST":
            return self._posted(asked)
        return self._done(asked)

    def _posted(self, asked: Asked) -> Answer:
        if not 0 < len(asked.key) <= 255:
            return self._complain(f"{asked.path} without a key, or with a long one")
        if asked.key in self._kept:
            first, answer = self._kept[asked.key]
            if first != asked:
                return self._complain("the same key for another body", kind="idempotency_error")
            return Answer(answer.status, answer.body, replayed=True)
        answer = self._done(asked)
        self._kept[asked.key] = (asked, answer)
        return answer

    def _done(self, asked: Asked) -> Answer:
        try:
            thing = Desk(self.books).do(asked.method, asked.path, asked.form)
        except Refused as refused:
            if refused.code not in ("resource_missing", "email_invalid"):
                self.complaints.append(f"{asked.method} {asked.path}: {refused}")
            kind = "invalid_request_error"
            return failed(refused.status, kind, str(refused), refused.code, refused.parameter)
        self.deliver()
        return Answer(200, json.dumps(thing).encode())

    def _complain(self, message: str, *, kind: str = "invalid_request_error") -> Answer:
        self.complaints.append(message)
        return failed(400, kind, message)

    def _page(self, asked: Asked) -> Answer:
        shown: Page = page(self.books, asked.method, asked.path, asked.form)
        self.deliver()
        kind = "text/html; charset=utf-8"
        return Answer(shown.status, shown.html.encode(), kind, location=shown.location)

    def deliver(self) -> None:
        """What has happened, to the hook if there is one."""
        if self.hook:
            for event in list(self.books.taken_events()):
                body = json.dumps(event).encode()
                self.hook(body, self.signature(body))

    def signature(self, body: bytes, *, secret: str = "", at: datetime | None = None) -> str:
        """By the SDK: another's code than the one that checks it."""
        seconds = int((at or self.clock()).timestamp())
        signer = stripe.WebhookSignature
        return str(signer.generate_signature_header(body.decode(), secret or self.secret, seconds))


def failed(
    status: int, kind: str, message: str, code: str | None = None, parameter: str | None = None
) -> Answer:
    error = {"type": kind, "message": message, "code": code, "param": parameter}
    return Answer(status, json.dumps({"error": error}).encode())


def form_of(text: str) -> Any:
    """`a[b][0][c]=v` as nested objects and arrays."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        *way, last = name.replace("]", "").split("[")
        place = root
        for part in way:
            place = place.setdefault(part, {})
        place[last] = value
    return _arrays(root)


def _arrays(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    made = {name: _arrays(value) for name, value in node.items()}
    if made and all(name.isdigit() for name in made):
        return [made[name] for name in sorted(made, key=int)]
    return made


@contextmanager
def fake_stripe(clock: Callable[[], datetime]) -> Iterator[FakeStripe]:
    fake = FakeStripe(clock)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            parts = urlsplit(self.path)
            form = form_of(body or parts.query)
            key = self.headers.get("Idempotency-Key", "")
            answer = fake.answer(Asked(self.command, parts.path, form, key), dict(self.headers))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            if answer.location:
                self.send_header("Location", answer.location)
            if answer.replayed:
                self.send_header("Idempotent-Replayed", "true")
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_DELETE = do  # noqa: N815 - as the server calls them

        def log_message(self, format: str, *words: object) -> None:  # noqa: A002
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    fake.books = Books(clock, fake.url)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
