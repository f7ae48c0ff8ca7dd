"""Where deeds are written down for good. There is no way here to change an entry or remove one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gas.domain.audit import AuditEntry, Deed, Verdict


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is empty or None does not matter."""

    account_id: str = ""
    """Who did it, or to whom it was done."""
    action: str = ""
    """'job.deleted', or all that begins so with a dot at the end: 'job.'."""
    kind: str = ""
    thing: str = ""
    """As `domain.audit.mark` has it."""
    since: datetime | None = None


EVERYTHING = AuditFilter()


class Audit(Protocol):
    def add(self, told: Deed) -> AuditEntry:
        """Appends it, numbered and chained; joins the `together` of the caller. Of two at once,
        one comes after the other."""

    def page(
        self, wanted: AuditFilter = EVERYTHING, *, limit: int, before: int | None = None
    ) -> Sequence[AuditEntry]:
        """Newest first: at most `limit` entries, with numbers below `before`."""

    def verify(self) -> Verdict:
        """Reads the whole chain."""
