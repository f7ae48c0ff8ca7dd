"""Where it is kept which exports were asked for. At most one of an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gas.domain.export import Export


class Exports(Protocol):
    def ask(self, export: Export) -> Export:
        """Records it, in the place of one that is READY or FAILED; while one is ASKED, nothing is
        written and that one is returned. Of two at once, one is recorded and both get it.
        AccountGone, and nothing written, if the account is marked deleted, or gone; see
        `Sessions.add`."""

    def of_account(self, account_id: str) -> Export | None: ...

    def change(self, export: Export) -> bool:
        """Writes it if the store holds this export at version `export.version - 1`; else False."""

    def remove(self, export: Export) -> None:
        """Nothing happens if it is gone, or another one is in its place."""

    def asked_before(self, moment: datetime, *, limit: int) -> Sequence[Export]:
        """Whatever their state; oldest first. For the sweep."""
