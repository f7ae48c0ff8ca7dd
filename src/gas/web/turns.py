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
from dataclasses import asdict
from typing import Any

from gas.domain.errors import Reason
from gas.web.problems import MIMETYPE, ROOT, problem_fields

Environ = dict[str, Any]
Respond = Callable[..., Any]
Application = Callable[[Environ, Respond], Iterable[bytes]]

PAGES_AT_ONCE = 2
PATIENCE_SECONDS = 0.25
"""A page that waits for a disk must not stop the others: after so long they do not wait."""
FULL = Reason(
    "TOO_BUSY",
    "Too many requests are being sent at once.",
    cure="Try again in a few seconds.",
)


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
            kind, told = _full(environ.get("PATH_INFO", ""))
            respond("503 Service Unavailable", [("Retry-After", "5"), ("Content-Type", kind)])
            return [told]
        try:
            return self._application(environ, respond)
        finally:
            self._bodies.release()


def _full(path: str) -> tuple[str, bytes]:
    """Kind and text of the answer: for programs as they are told of everything."""
    if path.startswith(f"{ROOT}/"):
        fields = problem_fields(503, FULL, instance=path) | {"request_id": "", "fields": []}
        return MIMETYPE, json.dumps(fields).encode()
    return "application/json", json.dumps(asdict(FULL)).encode()
