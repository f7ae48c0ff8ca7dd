"""What the store has been asked to do, and what it did and has not told yet: one small file each.

They lie beside the warm files, `files/cold/<kind>/<owner>~<job>~<key>`, all hashed, so that a look
is a `stat` and a list, of what is due or of a job, needs none opened. In the file stand the key
and, where one is known, the SHA-256; its modification time is when it is due.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gas.adapters.disk.durable import make_folders, move, opened, place, sync_folder, write_all
from gas.adapters.disk.keys import below
from gas.adapters.disk.scratch import Scratch
from gas.domain.errors import Unavailable

NOWHERE = Path()
JOB_PARTS = 3
"""Of a key: `results/<owner>/<job>`."""


class Kind(StrEnum):
    MARKED = "marked"
    FAST = "fast"  # restores under way
    STANDARD = "standard"
    READY = "ready"  # the copy lies in `staged` under the same name
    DAMAGED = "damaged"
    # Done, and not told yet:
    MOVED = "moved"
    RESTORED = "restored"
    EXPIRED = "expired"
    HARMED = "harmed"


@dataclass(frozen=True, slots=True)
class Record:
    kind: Kind
    name: str
    due: float
    """Seconds since 1970."""

    @property
    def owner(self) -> str:
        return self.name.partition("~")[0]


def name_of(key: str) -> str:
    """InputError BAD_KEY if it is none."""
    below(NOWHERE, key)
    return f"{_beginning(key)}{_hash(key, 16)}"


def _beginning(prefix: str) -> str:
    """Of the names of all whose key lies below: owner and job, as far as they are given."""
    return "".join(f"{_hash(part, 8)}~" for part in prefix.split("/")[1:JOB_PARTS])


def owner_of(key: str) -> str:
    """Of keys and prefixes with an owner: their second part."""
    return _hash(key.split("/")[1] if "/" in key else "", 8)


class Records:
    def __init__(self, root: Path, scratch: Scratch) -> None:
        self._root = root
        self._scratch = scratch
        for kind in Kind:
            make_folders(root / kind)

    def has(self, kind: Kind, name: str) -> bool:
        return os.path.exists(f"{self._root}/{kind}/{name}")  # noqa: PTH110 - 3 times as fast

    def put(self, kind: Kind, key: str, *, due: float, sha256: str = "") -> None:
        """Durable when it returns; in place of one that is there."""
        scratch = self._scratch.name()
        with opened(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as descriptor:
            write_all(descriptor, f"{key}\n{sha256}\n".encode(), 0)
            os.utime(descriptor, (due, due))
            os.fsync(descriptor)
        place(scratch, self._path(kind, name_of(key)))

    def read(self, kind: Kind, name: str) -> tuple[str, str] | None:
        """Key and SHA-256; None if it is gone."""
        try:
            key, sha256, _ = self._path(kind, name).read_text().split("\n")
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise broken() from error
        if name_of(key) != name:
            raise broken()
        return key, sha256

    def turn(self, kind: Kind, name: str, into: Kind) -> bool:
        """False if there is none any more."""
        try:
            move(self._path(kind, name), self._path(into, name))
        except FileNotFoundError:
            return False
        return True

    def drop(self, kind: Kind, *names: str) -> None:
        drop_all(self._root / kind, names)

    def forget(self, kind: Kind, name: str) -> None:
        """Drops one that does no harm should a power cut bring it back."""
        with suppress(FileNotFoundError):
            self._path(kind, name).unlink()

    def count(self, kind: Kind) -> int:
        return len(os.listdir(self._root / kind))  # noqa: PTH208 - counts only

    def names(self, kind: Kind) -> Iterator[str]:
        with os.scandir(self._root / kind) as entries:
            yield from (entry.name for entry in entries)

    def all(self, kind: Kind) -> Iterator[Record]:
        with os.scandir(self._root / kind) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    yield Record(kind, entry.name, entry.stat().st_mtime)

    def below(self, prefix: str) -> dict[Kind, list[str]]:
        """Names of those whose key is `prefix`, one of results, or lies below it. They tell it for
        a job and more; of a part of one, a record that cannot be read counts as well."""
        beginning, by_name = _beginning(prefix), prefix.count("/") < JOB_PARTS
        return {
            kind: [
                name
                for name in self.names(kind)
                if name.startswith(beginning) and (by_name or self._is_below(kind, name, prefix))
            ]
            for kind in Kind
        }

    def _is_below(self, kind: Kind, name: str, prefix: str) -> bool:
        try:
            found = self.read(kind, name)
        except Unavailable:
            return True
        return found is not None and f"{found[0]}/".startswith(f"{prefix}/")

    def _path(self, kind: Kind, name: str) -> Path:
        return self._root / kind / name


def drop_all(folder: Path, names: Iterable[str]) -> None:
    """Durably; those that are there."""
    dropped = 0
    for name in names:
        with suppress(FileNotFoundError):
            (folder / name).unlink()
            dropped += 1
    if dropped:
        sync_folder(folder)


def broken() -> Unavailable:
    return Unavailable(
        "COLD_RECORD_BROKEN",
        "A record of the cold store cannot be read.",
        cure="Look at the disk of GAS_HOME, then run `gas results check`.",
    )


def _hash(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()
