"""Whole files. The key is a folder, and the one file in it is named by its SHA-256.

So one rename makes content and checksum visible together; a checksum beside the file, or in an
extended attribute, could be lost or be of another content after a crash, or is not to be had on
every file system. `sha256sum` shows an operator whether the disk still tells the truth.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from gas.adapters.disk.durable import make_folders, move
from gas.adapters.disk.keys import below
from gas.adapters.disk.scratch import Scratch
from gas.domain.errors import NotFound
from gas.ports.files import StoredFile

SHA256 = re.compile(r"[0-9a-f]{64}")
READ_ONLY = 0o400


class Kept:
    def __init__(self, root: Path, scratch: Scratch) -> None:
        self._root = root / "kept"
        self._scratch = scratch
        make_folders(self._root)

    def folder(self, key: str) -> Path:
        return below(self._root, key)

    def find(self, key: str) -> tuple[Path, StoredFile] | None:
        """Of two (a replacement was cut short) the newer counts."""
        found: list[tuple[int, Path, StoredFile]] = []
        with (
            suppress(FileNotFoundError, NotADirectoryError),
            os.scandir(self.folder(key)) as entries,
        ):
            for entry in entries:
                if SHA256.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    stored = StoredFile(key, status.st_size, entry.name)
                    found.append((status.st_mtime_ns, Path(entry.path), stored))
        if not found:
            return None
        _, path, stored = max(found, key=lambda each: each[0])
        return path, stored

    def keep(self, key: str, path: Path, stored: StoredFile) -> None:
        """Moves a file of the same file system, already synced, into its place."""
        folder = self.folder(key)
        path.chmod(READ_ONLY)
        os.utime(path)
        make_folders(folder)
        move(path, folder / stored.sha256)
        for other in folder.iterdir():
            if SHA256.fullmatch(other.name) and other.name != stored.sha256:
                other.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        for _ in range(3):  # it may be replaced by equal or newer content between look and open
            found = self.find(key)
            if found is None:
                break
            with suppress(FileNotFoundError):
                return found[0].open("rb")
        raise not_found()

    def remove(self, prefix: str) -> None:
        self._scratch.remove(self.folder(prefix))


def not_found() -> NotFound:
    return NotFound(
        "FILE_NOT_FOUND",
        "There is no such file.",
        cure="It may have been deleted; look at the job's page.",
    )
