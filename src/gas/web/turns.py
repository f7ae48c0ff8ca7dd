"""Who may have a thread, and who its turn: before Flask sees a request.

Pages take turns: threads that are more than the cores only take the interpreter's lock from each
other (16 at once answered 670 pages/s, two at a time 990). Requests with a body hold their thread
for as long as their sender takes, so some threads are kept out of their reach: then pages are
served, however many uploads are slow.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

from gas.web.headers import EVERYWHERE

Environ = dict[str, Any]
Respond = Callable[..., Any]
Application = Callable[[Environ, Respond], Iterable[bytes]]

PAGES_AT_ONCE = 2
PATIENCE_SECONDS = 0.25
"""A page that waits for a disk must not stop the others: after so long they do not wait."""
FULL = json.dumps(
    {
        "code": "TOO_BUSY",
        "message": "Too many requests are being sent at once.",
        "place": "",
        "cure": "Try again in a few seconds.",
    }
).encode()


class Turns:
    def __init__(self, application: Application, *, bodies_at_once: int) -> None:
        self._application = application
        self._pages = threading.BoundedSemaphore(PAGES_AT_ONCE)
        self._bodies = threading.BoundedSemaphore(bodies_at_once)

    def __call__(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            return self._page(environ, respond)
        return self._body(environ, respond)

    def _page(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        mine = self._pages.acquire(timeout=PATIENCE_SECONDS)
        try:
            return self._application(environ, respond)
        finally:
            if mine:
                self._pages.release()

    def _body(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        if not self._bodies.acquire(blocking=False):
            respond(
                "503 Service Unavailable",
                [("Retry-After", "5"), ("Content-Type", "application/json"), *EVERYWHERE.items()],
            )
            return [FULL]
        try:
            return self._application(environ, respond)
        finally:
            self._bodies.release()
