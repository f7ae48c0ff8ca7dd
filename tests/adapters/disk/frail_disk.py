"""A disk that dies at the n-th call, and forgets what was not synced if the power goes as well.

Names are as durable as their folder's last fsync, content as the file's. A rename counts as done
once one of its two folders is synced, as on journaling file systems.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


class Died(BaseException):
    """kill -9: no cleaning up works any more."""


@dataclass
class FrailDisk:
    root: Path
    """Below it the disk forgets."""
    attic: Path
    """Where the test keeps what was removed, on the same file system."""
    dies_at: int
    calls: int = 0
    _undo: list[tuple[set[str], Callable[[], None]]] = field(default_factory=list)
    _unsynced: set[tuple[int, int]] = field(default_factory=set)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        gc.collect()  # what earlier deaths left must not be cleaned up in this life
        for name in ("rename", "unlink", "mkdir", "fsync", "pwrite"):
            patch.setattr(os, name, self._mortal(getattr(os, name), getattr(self, f"_{name}")))

    def lose_power(self) -> None:
        for _, undo in reversed(self._undo):
            undo()
        for path in self.root.rglob("*"):
            if path.is_file() and _identity(path.stat()) in self._unsynced:
                path.chmod(0o600)
                path.write_bytes(b"")

    def _mortal(self, real: Any, noted: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls >= self.dies_at:
                raise Died
            return noted(real, *given, **named)

        return call

    def _rename(self, real: Any, source: Any, target: Any) -> None:
        replaced = self._set_aside(target)
        real(source, target)

        def undo() -> None:
            Path(target).rename(source)
            if replaced:
                replaced.rename(target)

        self._undo.append(({_folder(source), _folder(target)}, undo))

    def _unlink(self, real: Any, path: Any, **named: Any) -> None:
        kept = None if named else self._set_aside(path)
        real(path, **named)
        if kept:
            self._undo.append(({_folder(path)}, lambda: _put_back(kept, path)))

    def _mkdir(self, real: Any, path: Any, *given: Any) -> None:
        real(path, *given)
        self._undo.append(({_folder(path)}, lambda: shutil.rmtree(path, ignore_errors=True)))

    def _pwrite(self, real: Any, descriptor: int, *given: Any) -> Any:
        self._unsynced.add(_identity(os.fstat(descriptor)))
        return real(descriptor, *given)

    def _fsync(self, _: Any, descriptor: int) -> None:
        self._unsynced.discard(_identity(os.fstat(descriptor)))
        synced = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        self._undo = [each for each in self._undo if synced not in each[0]]

    def _set_aside(self, path: Any) -> Path | None:
        if not os.path.isfile(path):  # noqa: PTH113 - given as any
            return None
        kept = self.attic / str(self.calls)
        kept.hardlink_to(path)
        return kept


def _put_back(kept: Path, path: Any) -> None:
    kept.rename(path)


def _folder(path: Any) -> str:
    return str(Path(path).parent)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
