"""The `tmp` folder: what is half-written, or half-removed, and never seen by anybody.

Each process keeps its own in a folder whose lock it holds. The kernel gives the lock up when the
process dies, however it dies; whoever starts next removes what the dead left.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import threading
import weakref
from contextlib import suppress
from pathlib import Path

from gas.adapters.disk.durable import locked, make_folders


class Scratch:
    def __init__(self, root: Path) -> None:
        self._folder = root / "tmp"
        self._guard = root / "lock"
        self._starting = threading.Lock()
        self._writer: tuple[int, Path] | None = None
        make_folders(self._folder)

    def name(self) -> Path:
        """A new path for this process alone; nothing lies there."""
        return self._own() / secrets.token_hex(8)

    def remove(self, path: Path) -> bool:
        """Takes a file or folder out of sight at once, then removes it. False if it is gone."""
        grave = self.bury(path)
        if grave is None:
            return False
        discard(grave)
        return True

    def bury(self, path: Path) -> Path | None:
        """Takes it out of sight at once, and says where it can be removed; None if it is gone."""
        grave = self.name()
        try:
            path.rename(grave)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return grave

    def remove_dead(self) -> None:
        """Removes what writers left that live no more."""
        with locked(self._guard):
            for lock in self._folder.glob("*.lock"):
                if _is_dead(lock):
                    discard(lock.with_suffix(""))
                    lock.unlink(missing_ok=True)  # its owner may be leaving just now

    def _own(self) -> Path:
        with self._starting:
            # A forked child must not share its parent's folder: it would outlive it.
            if self._writer is None or self._writer[0] != os.getpid():
                self._writer = (os.getpid(), self._register())
            return self._writer[1]

    def _register(self) -> Path:
        folder = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        lock = folder.with_name(folder.name + ".lock")
        with locked(self._guard):  # or remove_dead could see the file before it is locked
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        folder.mkdir(mode=0o700)
        weakref.finalize(self, _leave, os.getpid(), descriptor, folder, lock)
        return folder


def discard(path: Path) -> None:
    """Removes a file or folder that nobody else uses, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_dead(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _leave(pid: int, descriptor: int, folder: Path, lock: Path) -> None:
    if pid == os.getpid():
        with suppress(OSError):
            discard(folder)
            lock.unlink(missing_ok=True)
        os.close(descriptor)
