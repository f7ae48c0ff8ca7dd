"""Ports for servers that bind them themselves, in a process of their own and a little later."""

from __future__ import annotations

import os
import socket
from itertools import count

FIRST, MANY = 20_000, 10_000
"""Below those that the system hands out by itself (from 32,768 on): meanwhile nobody is given one
of them, and who knocks at one where nobody listens yet is never connected to itself."""
_steps = count(os.getpid() * 101)  # test processes that run at once begin apart


def free_port() -> int:
    """Of this machine; another one each time it is asked by the same process."""
    while True:
        port = FIRST + next(_steps) % MANY
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
