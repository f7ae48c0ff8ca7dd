"""Where archived results rest. The interface only: no backend offers it yet."""

from __future__ import annotations

from typing import Protocol


class ColdStorage(Protocol):
    """Where archived results rest. Names a file by the same key as `Files`."""

    def mark(self, key: str) -> None:
        """Asks for it to be moved to the cold class. Idempotent."""

    def unmark(self, key: str) -> None:
        """Takes that back as far as it has not happened yet. Idempotent."""

    def begin_restore(self, key: str) -> None:
        """Idempotent; already begun or done counts as success."""

    def finish_restore(self, key: str) -> bool:
        """Puts it back in the standard class, unmarked; False while the store is not ready."""
