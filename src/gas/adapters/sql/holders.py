"""Who holds messages, and who of them is dead: a locked file for each holder.

The kernel gives the lock back when the process dies, so that others on this machine know within
the time of one look. A holder on another machine has no file here and counts as alive; its
messages come back when their visibility runs out.
"""

from __future__ import annotations

import fcntl
import os
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 1.0

_living: weakref.WeakSet[Holders] = weakref.WeakSet()


def _forget_in_child() -> None:
    # A child shares its parent's locks and would keep them alive after the parent's death.
    for holders in list(_living):
        holders.close()


os.register_at_fork(after_in_child=_forget_in_child)


class Holders:
    def __init__(self, run_path: Path) -> None:
        self._path = run_path / "holders"
        self._path.mkdir(parents=True, exist_ok=True)
        self._mine: dict[str, int | None] = {}
        _living.add(self)

    @property
    def is_new(self) -> bool:
        """Nothing was taken here yet."""
        return not self._mine

    def take(self, holder: str) -> None:
        """Locks this holder's file for as long as this process lives. Cheap on repetition."""
        if holder not in self._mine:
            self._mine[holder] = self._lock(holder)

    def names(self) -> Sequence[str]:
        """Of all that have a file here: the living, and the dead that nobody has buried, since
        they held nothing that anybody waited for."""
        return [path.name for path in self._path.iterdir()]

    def bury_dead(self, holders: Iterable[str], abandon: Callable[[str], object]) -> None:
        """Calls `abandon` for each of the holders that is dead, and removes its file after it."""
        for holder in holders:
            if holder in self._mine:
                continue
            descriptor = self._open(holder, create=False)
            if descriptor is None:
                continue
            try:
                if _locked(descriptor):
                    abandon(holder)
                    (self._path / holder).unlink(missing_ok=True)
            finally:
                os.close(descriptor)

    def close(self) -> None:
        mine, self._mine = self._mine, {}
        for descriptor in mine.values():
            if descriptor is not None:
                os.close(descriptor)

    def _lock(self, holder: str) -> int | None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            descriptor = self._open(holder, create=True)
            if descriptor is not None:
                if _locked(descriptor) and self._is_named(descriptor, holder):
                    return descriptor
                os.close(descriptor)
            time.sleep(0.001)
        # Held by another live store under the same name: its life stands for ours, and
        # visibility for the rest.
        return None

    def _open(self, holder: str, *, create: bool) -> int | None:
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        with suppress(FileNotFoundError):
            return os.open(self._path / holder, flags, 0o600)
        return None

    def _is_named(self, descriptor: int, holder: str) -> bool:
        """Somebody may have taken the file for a dead holder's before it was locked."""
        with suppress(FileNotFoundError):
            return (self._path / holder).stat().st_ino == os.fstat(descriptor).st_ino
        return False


def _locked(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
