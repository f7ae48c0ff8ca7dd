"""The one tree of errors.

A class stands for a caller who acts differently; what happened is the `code`, which is stable,
upper case and listed in docs/errors.md. No message carries genotypes, tokens or links.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was refused or failed, for the person who has to mend it."""

    code: str
    message: str
    """What is wrong, in one sentence, naming the thing."""
    place: str = ""
    """Where: 'line 12', 'contig chrUn_1', or empty."""
    cure: str = ""
    """What to do about it."""

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return " ".join(filter(None, (f"{self.code}: {self.message}{where}", self.cure)))


class GasError(Exception):
    """Anything that GAS itself finds wrong; carries a Reason."""

    def __init__(self, code: str, message: str, *, place: str = "", cure: str = "") -> None:
        self.reason = Reason(code, message, place, cure)
        super().__init__(str(self.reason))


class InputError(GasError):
    """What the user gave cannot be used. Trying again without a change is useless."""


class TooLarge(InputError):
    """More bytes, records or seconds than a limit allows."""


class NotFound(GasError):
    """No such thing, or not for this user: callers cannot tell which."""


class Forbidden(GasError):
    """Known, and not allowed."""


class Conflict(GasError):
    """The thing is in a state in which this cannot be done (a running job cannot be deleted)."""


class StoreFull(GasError):
    """No room to keep what was sent; nothing of it was kept."""


class Unavailable(GasError):
    """A part that GAS needs does not answer now. Trying again later helps."""


class Later(Unavailable):
    """The same, by the one who knows when: after so many seconds. It only waits: that is no try,
    unless it `counts`."""

    def __init__(self, code: str, message: str, *, seconds: float, counts: bool = False) -> None:
        super().__init__(code, message)
        self.seconds = seconds
        self.counts = counts


class NotArchived(Conflict):
    """The file is in the standard class: there is nothing to restore."""


class NotReady(Conflict):
    """The restore of this file is not begun, under way, or expired."""


class CapacityRefused(Unavailable):
    """The store restores no more files this fast now."""


class StaleReceipt(GasError):
    """The message is no longer held under this receipt: somebody else may have it."""


class EngineFailed(GasError):
    """The engine broke (a crash, a limit of the machine). Trying again may help."""


class Interrupted(GasError):
    """The work was told to stop: cancelled, fenced off by a newer attempt, or draining."""


class GivenUp(GasError):
    """It was tried as often as is sensible; its message belongs with the dead letters."""
