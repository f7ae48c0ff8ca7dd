"""A file that keeps room: on a full disk even a DELETE has to write.

When the disk is full the ballast is thrown off, so that jobs under way can end and things can be
removed; nothing new is taken in until there is room for the ballast again.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

SIZE = 4 * 2**20
MARGIN = 2**20


class Ballast:
    def __init__(self, path: Path) -> None:
        self._path = path

    def ensure(self) -> bool:
        """Whether it is there, or could be put back."""
        with suppress(FileNotFoundError):
            if self._path.stat().st_size >= SIZE:
                return True
        if self._free() < SIZE + MARGIN:
            return False
        return self._take_on()

    def release(self) -> bool:
        """Throws it off; False if it was not there."""
        with suppress(FileNotFoundError):
            self._path.unlink()
            return True
        return False

    @property
    def disk_full(self) -> bool:
        return self._free() < MARGIN

    def _free(self) -> int:
        found = os.statvfs(self._path.parent)
        return found.f_bavail * found.f_frsize

    def _take_on(self) -> bool:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, SIZE)
        except OSError:
            self.release()
            return False
        finally:
            os.close(descriptor)
        return True
