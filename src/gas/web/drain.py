"""Reads what is left of a refused part, so that its sender hears why.

A browser that is still sending when the connection closes reports a broken line, not the answer;
and what it takes for a broken line it would send again, for ever.
"""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from gas.web.gate import PARTS
from gas.web.wired import services

BLOCK_BYTES = 64 * 1024
LONGEST_SECONDS = 20.0
"""A slower sender has to do without the answer: its thread is wanted elsewhere."""


def install(app: Flask) -> None:
    app.after_request(_drain)


def _drain(response: Response) -> Response:
    if request.endpoint not in PARTS or response.status_code < 400:
        return response
    declared = request.content_length or 0
    heard = g.get("account") or g.get("strangers_seat")  # of strangers few get a thread for it
    if heard and declared <= services().limits.part_bytes:
        stream = request.environ["wsgi.input"]
        deadline = time.monotonic() + LONGEST_SECONDS
        left = declared
        while left > 0 and time.monotonic() < deadline:
            block = stream.read(min(left, BLOCK_BYTES))
            if not block:
                break
            left -= len(block)
    return response
