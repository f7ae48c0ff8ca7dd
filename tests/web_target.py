"""A small application for the tests of the server: it answers at once, late, or after a body."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def app() -> Callable[..., Iterable[bytes]]:
    return answer


def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/late":
        Path(environ["QUERY_STRING"]).touch()  # it has begun
        time.sleep(1.0)
    if environ["PATH_INFO"] == "/body":
        while environ["wsgi.input"].read(1024):
            pass
    start("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
