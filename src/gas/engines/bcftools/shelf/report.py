"""What an installation says while it goes on; the command line makes bars and lines of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True)
class Download:
    """Told often; `done` grows from `resumed` to `total`, and starts again if it has to."""

    name: str
    done: int
    """Bytes that are on the disk."""
    total: int
    """0 where the server does not say."""


@dataclass(frozen=True, slots=True)
class Work:
    """Something else that takes its time: a file that is checked, or made into something."""

    name: str
    fraction: float


Event = Note | Download | Work
Report = Callable[[Event], object]


def silent(_event: Event) -> None:
    """For callers who do not want to hear."""
