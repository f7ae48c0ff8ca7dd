"""A copy of all that an account has, for its owner: asked for, then ready or failed.

There is at most one of an account. `with_files` says whether inputs and results are in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFETIME = timedelta(days=7)
NAME = "gas-export.zip"


class ExportState(StrEnum):
    ASKED = "ASKED"  # waits, or is being made
    READY = "READY"  # can be downloaded until it is removed
    FAILED = "FAILED"  # will not be tried again; may be asked for anew


@dataclass(frozen=True, slots=True)
class Export:
    id: str
    account_id: str
    asked_at: datetime
    with_files: bool
    state: ExportState = ExportState.ASKED
    size_bytes: int = 0
    finished_at: datetime | None = None
    told_at: datetime | None = None
    """When the mail about it went out."""
    version: int = 1

    @property
    def key(self) -> str:
        """Where the store has it."""
        return export_key(self.account_id, self.id)


def export_key(account_id: str, export_id: str) -> str:
    return f"exports/{account_id}/{export_id}"
