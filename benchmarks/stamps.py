"""Moments that several processes write down: lines of `key nanoseconds` on the monotonic clock.

The clock is the kernel's, so moments of different processes may be subtracted.
"""

from __future__ import annotations

import os
import time
from pathlib import Path


class Stamps:
    """One file, appended to by everybody; a write of one short line does not mix with others."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def mark(self, key: str) -> None:
        self.put(key, time.monotonic_ns())

    def put(self, key: str, moment_ns: int) -> None:
        os.write(self._file, f"{key} {moment_ns}\n".encode())


def read(path: Path) -> dict[str, int]:
    """The first moment of each key, in nanoseconds."""
    moments: dict[str, int] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        key, _, moment = line.partition(" ")
        moments.setdefault(key, int(moment))
    return moments


def count(path: Path) -> int:
    """How many lines there are. Cheap enough to be asked often."""
    return path.read_bytes().count(b"\n") if path.exists() else 0
