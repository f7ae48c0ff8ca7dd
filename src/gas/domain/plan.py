"""Plans, and the limits that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Plan(StrEnum):
    FREE = "free"
    PREMIUM = "premium"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator allows. Bytes are counted as stored."""

    free_input_bytes: int = 150_000
    premium_input_bytes: int = 50 * 2**30
    part_bytes: int = 8 * 2**20
    """Size of every part of an upload but the last."""
    link_lifetime: timedelta = timedelta(minutes=5)
    upload_lifetime: timedelta = timedelta(days=2)
    """An upload that was not finished by then is removed."""
    open_uploads: int = 10
    """So many uploads of one account may be under way; each has claimed its room."""
    run_seconds: int = 6 * 3600
    """The engine is stopped after so long."""
    run_memory_bytes: int = 2 * 2**30
    run_processes: int = 0
    """Of one run, that do the same work side by side; 0: as many as there are cores."""

    session_lifetime: timedelta = timedelta(days=14)
    """A person signs in anew after so long."""
    session_idle: timedelta = timedelta(days=3)
    """A session that is not used for so long is over."""

    def input_bytes(self, plan: Plan) -> int:
        return self.premium_input_bytes if plan is Plan.PREMIUM else self.free_input_bytes
