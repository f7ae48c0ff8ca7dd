"""Serves the pages with granian: one process that listens, and one worker of it that answers.

A slow upload holds one thread of the worker, which waits in granian without the interpreter's
lock; so threads are many. They are started as requests need them, and end when idle.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pkgutil import resolve_name
from types import FrameType
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from gas.web.turns import Turns

THREADS = 1024
BODIES_AT_ONCE = 900
"""200 slow uploads shall not be felt, and each may send up to three parts at once."""
IDLE_SECONDS = 30
ORPHAN_SECONDS = 2
"""So long when the supervisor, or the listening process, was killed: nobody waits any more."""
GRACE_SECONDS = 4
"""Requests in flight have so long to end after SIGTERM; a part cut off is sent again later."""


def serve(host: str, port: int, *, target: str) -> None:
    """Serves what `target` (`package.module:function`) makes, until SIGTERM or SIGINT; returns
    when the requests in flight have ended, or were cut off after the grace."""
    server = Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        workers_kill_timeout=GRACE_SECONDS,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=IDLE_SECONDS,
        backpressure=THREADS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=30_000),
        websockets=False,
        log_level=LogLevels.error,  # else it warns of so many threads at every start
    )
    server.on_startup(partial(_hurry_as_orphan, server, os.getppid()))
    server.serve(target_loader=partial(_load, target, os.getpid()), wrap_loader=False)


def _load(target: str, parent: int) -> Callable[..., Any]:
    """Runs in the worker: the application, and a thread that ends it with its parent."""
    # Until granian has its own handler, the one inherited from the parent would lose the signal.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if os.getppid() != parent:
        os._exit(0)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    app: Callable[..., Any] = resolve_name(target)()
    return Turns(app, bodies_at_once=BODIES_AT_ONCE)


def _hurry_as_orphan(server: Any, parent: int) -> None:
    """Granian has its handlers by now. The kernel sends SIGTERM, too, when the supervisor died. One
    that outlived the shell it was started from is taken for an orphan as well."""
    stop = signal.getsignal(signal.SIGTERM)

    def drain(number: int, frame: FrameType | None) -> None:
        if os.getppid() != parent:
            server.workers_kill_timeout = ORPHAN_SECONDS
        if callable(stop):
            stop(number, frame)

    signal.signal(signal.SIGTERM, drain)


def _end_with(parent: int) -> None:
    """Without the listening process nobody would stop the worker, which waits for ever for a
    slow upload. A signal at the parent's death (see the workers) only asks it to begin stopping.
    """
    while os.getppid() == parent:
        time.sleep(0.5)
    time.sleep(ORPHAN_SECONDS)
    os._exit(0)
