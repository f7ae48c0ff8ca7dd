"""What may happen in the middle of a turn: a death, or the turns of others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol


class Killed(BaseException):
    """As kill -9: nothing of ours may catch it."""


@dataclass
class Fate:
    """What happens at the n-th moment of a turn: a call of a port, before and after, or a change
    of a file."""

    at: int = 0
    happens: Callable[[], None] | None = None
    """None: the one whose turn it is dies."""
    moments: int = 0
    in_commit: bool = False

    def moment(self, *, of_file: bool = False) -> None:
        if self.in_commit and self.happens:
            return  # nobody else can do anything then
        if of_file and self.happens:
            return  # the store's own locks are tried by its own tests
        self.moments += 1
        if self.moments != self.at:
            return
        if self.happens is None:
            raise Killed
        happens, self.happens = self.happens, None
        self.at = 0
        happens()


class HasFate(Protocol):
    fate: Fate


@dataclass
class Watched:
    """A port whose calls are moments."""

    real: Any
    stage: HasFate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            self.stage.fate.moment()
            answer = found(*given, **named)
            self.stage.fate.moment()
            return answer

        return call


CHANGES = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"})
_watching: list[Fate] = []


def _heard(event: str, given: tuple[object, ...]) -> None:
    if not _watching or event not in CHANGES:
        return
    if event == "open" and not (isinstance(given[2], int) and given[2] & 0o3):
        return  # to read
    _watching[-1].moment(of_file=True)


sys.addaudithook(_heard)


@contextmanager
def changes_of_files(fate: Fate) -> Iterator[None]:
    """Each change of a file in here is a moment."""
    _watching.append(fate)
    try:
        yield
    finally:
        _watching.pop()
