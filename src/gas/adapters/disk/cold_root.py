"""The cold folder: a slower disk or a NAS, laid out as the warm one, `kept/<key>/<sha256>`.

A folder that is not mounted looks as if all were lost. So the folder carries a mark of its own,
and the warm side remembers it; where the two differ nothing is known, nothing told, nothing made.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gas.adapters.disk.durable import (
    NO_ROOM,
    make_folders,
    move,
    place,
    room_bytes,
    sync_folder,
    write_file,
    write_whole,
)
from gas.adapters.disk.keys import below
from gas.adapters.disk.newest import newest
from gas.adapters.disk.scratch import Scratch, discard
from gas.domain.errors import StoreFull, Unavailable

MARK = "gas-cold-store"
CHECK_BYTES = 2**20
PACKED = ".zst"
COLD_NAME = re.compile(r"[0-9a-f]{64}(\.zst)?")


@dataclass(frozen=True, slots=True)
class ColdFile:
    path: Path

    @property
    def sha256(self) -> str:
        """Of the file as it was warm."""
        return self.path.name.removesuffix(PACKED)

    @property
    def packed(self) -> bool:
        return self.path.name.endswith(PACKED)


class ColdRoot:
    """`seal` is the file of the warm side that says which cold folder is ours."""

    def __init__(self, path: Path, *, seal: Path, scratch: Scratch) -> None:
        self._path = path
        self._seal = seal
        self._scratch = scratch

    def is_set_up(self) -> bool:
        """False before the first move; Unavailable COLD_STORE_MISSING if it was, and is away."""
        ours, there = _text(self._seal), _text(self._path / MARK)
        if there and ours is None:  # the warm side was put back from a backup without it
            self._adopt(there)
        elif ours is not None and there != ours:
            raise missing()
        return there is not None

    def set_up(self) -> None:
        if self.is_set_up():
            return
        with cold_told():
            make_folders(self._path / "tmp")
            name = secrets.token_hex(16)
            scratch = self._path / "tmp" / MARK
            write_whole(self._path / MARK, name.encode(), scratch=scratch)
        self._adopt(name)

    def check(self) -> str:
        """Moves a few bytes there and removes them."""
        if not self.is_set_up():
            self._try_to_begin()
            return f"{self._path}, nothing was moved there yet"
        scratch = self._path / "tmp" / f"check-{secrets.token_hex(8)}"
        with cold_told():
            try:
                write_file(scratch, bytes(CHECK_BYTES))
            finally:
                discard(scratch)
            return f"{self._path}, {room_bytes(self._path) / 2**30:.1f} GiB free"

    def _try_to_begin(self) -> None:
        """Could the folder be made? It is not: another disk may be mounted there first."""
        there = next(path for path in (self._path, *self._path.parents) if path.exists())
        with cold_told():
            os.rmdir(tempfile.mkdtemp(dir=there))  # noqa: PTH106 - of a name that it gives

    def check_room(self, size_bytes: int) -> None:
        """StoreFull COLD_STORE_FULL, before anything is written."""
        with cold_told():
            if room_bytes(self._path) < size_bytes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def find(self, key: str) -> ColdFile | None:
        with cold_told():
            found = newest(self.folder(key), COLD_NAME)
        if found:
            return ColdFile(found[0])
        self.is_set_up()
        return None

    def folder(self, key: str) -> Path:
        return below(self._path / "kept", key)

    def new(self, name: str) -> Path:
        """For the one who tends, of a root that is set up: nothing lies there."""
        with cold_told():
            path = self._path / "tmp" / name
            # Without parents: what is not mounted any more must not come into being.
            path.parent.mkdir(mode=0o700, exist_ok=True)
            discard(path)
        return path

    def place(self, key: str, copied: Path, name: str) -> None:
        """Moves a synced file of `new` into its place; durable."""
        if not self.is_set_up():
            raise missing()
        with cold_told():
            folder = self.folder(key)
            make_folders(folder)
            place(copied, folder / name)
            for other in list(folder.iterdir()):
                if COLD_NAME.fullmatch(other.name) and other.name != name:
                    other.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """The file, if there is one; durable."""
        if not self.is_set_up():
            return
        with cold_told(), suppress(FileNotFoundError, NotADirectoryError):
            folder = self.folder(key)
            for path in list(folder.iterdir()):
                path.unlink(missing_ok=True)
            sync_folder(folder)

    def bury(self, prefix: str) -> Path | None:
        """Takes what lies below `prefix` out of sight, durably; the caller discards it."""
        if not self.is_set_up():
            return None
        source = self.folder(prefix)
        with cold_told(), suppress(FileNotFoundError, NotADirectoryError):
            source.lstat()
            make_folders(self._path / "tmp")
            grave = self._path / "tmp" / f"grave-{secrets.token_hex(8)}"
            move(source, grave)
            return grave
        return None

    def clear(self) -> None:
        """Removes what was half-written or half-removed. For the one who tends."""
        if self.is_set_up():
            with cold_told(), suppress(FileNotFoundError):
                for path in list((self._path / "tmp").iterdir()):
                    discard(path)

    def _adopt(self, name: str) -> None:
        write_whole(self._seal, name.encode(), scratch=self._scratch.name())


@contextmanager
def cold_told() -> Iterator[None]:
    """Whatever a cold disk or network file system says: no room, or not there now."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StoreFull(
                "COLD_STORE_FULL",
                "There is no room left in cold storage; files stay where they are.",
                cure="Make room below GAS_DISK_COLD_PATH; then it goes on by itself.",
            ) from error
        raise Unavailable(
            "COLD_STORE_UNAVAILABLE",
            f"Cold storage fails ({error.strerror}); files stay where they are.",
            cure="Look at GAS_DISK_COLD_PATH: its disk, how it is mounted, whose it is.",
        ) from error


def missing() -> Unavailable:
    return Unavailable(
        "COLD_STORE_MISSING",
        "The folder of cold storage is not there, or is another one.",
        cure="Mount it at GAS_DISK_COLD_PATH; nothing is lost, and it goes on by itself.",
    )


def _text(path: Path) -> str | None:
    with cold_told():
        try:
            return path.read_text()
        except (FileNotFoundError, NotADirectoryError):
            return None
