"""What a client raises."""

from __future__ import annotations


class ClientError(Exception):
    """What went wrong: `code` is stable and listed in docs/errors.md, the rest is for people."""

    def __init__(
        self, code: str, message: str, *, place: str = "", cure: str = "", status: int = 0
    ) -> None:
        self.code = code
        self.message = message
        self.place = place
        self.cure = cure
        self.status = status
        """Of the service's answer; 0 if it did not come to one."""
        where = f" ({place})" if place else ""
        super().__init__(" ".join(filter(None, (f"{code}: {message}{where}", cure))))

    @property
    def is_temporary(self) -> bool:
        """Nobody answered, or not now: the same may go well later."""
        return self.code == "NOT_REACHABLE" or self.status == 429 or self.status >= 500
