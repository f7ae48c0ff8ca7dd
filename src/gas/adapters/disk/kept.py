"""Whole files. The key is a folder, and the one file in it is named by its SHA-256.

So one rename makes content and checksum visible together; a checksum beside the file, or in an
extended attribute, could be lost or be of another content after a crash, or is not to be had on
every file system. `sha256sum` shows an operator whether the disk still tells the truth.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from gas.adapters.disk.durable import (
    copy_and_hash,
    locked,
    make_folders,
    move,
    remove_empty,
    sync_and_hash,
    sync_folder,
)
from gas.adapters.disk.keys import below
from gas.adapters.disk.newest import LOOKS, newest
from gas.adapters.disk.scratch import Scratch, discard
from gas.domain.errors import Conflict, NotFound
from gas.ports.files import StoredFile

SHA256 = re.compile(r"[0-9a-f]{64}")
READ_ONLY = 0o400
NO_MORE_LINKS = frozenset({errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP})


class Kept:
    def __init__(self, root: Path, scratch: Scratch) -> None:
        self._root = root / "kept"
        self._replacing = root / "replacing.lock"
        self._scratch = scratch
        make_folders(self._root)

    def folder(self, key: str) -> Path:
        return below(self._root, key)

    def find(self, key: str) -> tuple[Path, StoredFile] | None:
        found = newest(self.folder(key), SHA256)
        if found is None:
            return None
        path, status = found
        return path, StoredFile(key, status.st_size, path.name)

    def keep(self, key: str, path: Path, stored: StoredFile) -> None:
        """Moves a file of the same file system, already synced, into its place."""
        folder = self.folder(key)
        path.chmod(READ_ONLY)
        os.utime(path)
        make_folders(folder)
        if not _names(folder):
            move(path, folder / stored.sha256)
            return
        with locked(self._replacing):  # of two at once neither shall remove what the other brought
            move(path, folder / stored.sha256)
            for name in _names(folder):
                if name != stored.sha256:
                    (folder / name).unlink(missing_ok=True)

    def copy(self, key: str, new_key: str) -> StoredFile:
        """A second name of the same blocks: kept files never change, they are only replaced. Disks
        do change them; two jobs that share a damaged block would both call it good."""
        for _ in range(LOOKS):
            found = self.find(key)
            if found is None:
                break
            with suppress(FileNotFoundError):
                return self._copy(*found, new_key)
        raise not_found()

    def _copy(self, path: Path, stored: StoredFile, new_key: str) -> StoredFile:
        again = replace(stored, key=new_key)
        linked = self._scratch.name()
        try:
            if _link_or_copy(path, linked) != (again.size_bytes, again.sha256):
                raise _damaged()
            self.keep(new_key, linked, again)
        finally:
            discard(linked)
        return again

    def open(self, key: str) -> BinaryIO:
        for _ in range(LOOKS):
            found = self.find(key)
            if found is None:
                break
            with suppress(FileNotFoundError):
                return found[0].open("rb")
        raise not_found()

    def before(self, prefix: str, moment: float, *, after: str | None) -> Iterator[str]:
        """Keys below `prefix` of files kept before `moment` (seconds since 1970), in order of
        their parts; those past `after`."""
        passed = tuple(after.split("/")) if after else ()
        yield from self._before(self.folder(prefix), tuple(prefix.split("/")), moment, passed)

    def _before(
        self, folder: Path, parts: tuple[str, ...], moment: float, passed: tuple[str, ...]
    ) -> Iterator[str]:
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
            files = [entry for entry in entries if SHA256.fullmatch(entry.name)]
            if files:  # no key lies below another one
                if parts != passed and all(entry.stat().st_mtime < moment for entry in files):
                    yield "/".join(parts)
                return
            for entry in entries:
                below = (*parts, entry.name)
                if entry.is_dir(follow_symlinks=False) and below >= passed[: len(below)]:
                    yield from self._before(folder / entry.name, below, moment, passed)

    def remove(self, prefix: str) -> None:
        if grave := self.bury(prefix):
            discard(grave)

    def bury(self, prefix: str) -> Path | None:
        """Takes it out of sight, durably; the caller discards it. Folders that are empty now go
        along: their names tell whose they were."""
        folder = self.folder(prefix)
        grave = self._scratch.bury(folder)
        if grave:
            sync_folder(folder.parent)
        remove_empty(folder.parent, up_to=self.folder(prefix.partition("/")[0]))
        return grave


def not_found() -> NotFound:
    return NotFound(
        "FILE_NOT_FOUND",
        "There is no such file.",
        cure="It may have been deleted; look at the job's page.",
    )


def _names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if SHA256.fullmatch(each.name)]


def _link_or_copy(path: Path, target: Path) -> tuple[int, str]:
    """Size and SHA-256 of what `target` is now, as it was read."""
    try:
        target.hardlink_to(path)
    except OSError as error:
        if error.errno not in NO_MORE_LINKS:
            raise
        return copy_and_hash(path, target)
    return sync_and_hash(target)


def _damaged() -> Conflict:
    return Conflict(
        "FILE_DAMAGED",
        "A file is not what was stored.",
        cure="Tell the operator, who may have a backup.",
    )
