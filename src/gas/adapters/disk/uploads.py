"""Uploads on their way in: one folder each, with the facts, the data and the state of its parts.

`data` has its full size from the beginning, so its room is claimed on the disk itself and nobody
else can take it. `parts` holds a number per part: 0 absent, even while it is being written, odd
once it is durable. A writer draws its own even number and looks before every chunk whether it
still stands there: so of two that send the same part, the later one wins at once, even when the
earlier hangs on a dead connection. A lock on `parts` makes look-and-write one; it is never held
while waiting for the network.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from gas.adapters.disk.durable import (
    CHUNK_BYTES,
    PACE_BYTES,
    make_folders,
    move,
    opened,
    sync_folder,
    write_all,
    write_file,
)
from gas.adapters.disk.keys import below
from gas.adapters.disk.newest import LOOKS
from gas.adapters.disk.scratch import Scratch, discard
from gas.domain.errors import Conflict, InputError, NotFound
from gas.ports.files import Upload

FACTS = "upload.json"
SLOT = struct.Struct("<Q")
MAX_PARTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """Where one part goes."""

    number: int
    offset: int
    size_bytes: int


class Uploads:
    def __init__(self, root: Path, scratch: Scratch) -> None:
        self._root = root / "uploads"
        self._scratch = scratch
        make_folders(self._root)

    def folder(self, key: str) -> Path:
        return below(self._root, key)

    def get(self, key: str) -> Upload | None:
        folder = self.folder(key)
        try:
            facts = (folder / FACTS).read_bytes()
            slots = (folder / "parts").read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return parse(facts, parts=present(slots))

    def begin(self, upload: Upload) -> None:
        """Claims the room and makes the upload visible in one rename. FileExistsError or OSError
        ENOTEMPTY if there is one by now."""
        made = self._scratch.name()
        try:
            made.mkdir(mode=0o700)
            write_file(made / FACTS, encode(upload))
            write_file(made / "parts", bytes(SLOT.size * upload.part_count))
            with opened(made / "data", os.O_WRONLY | os.O_CREAT) as data:
                if upload.size_bytes:
                    os.posix_fallocate(data, 0, upload.size_bytes)
                os.fsync(data)
            sync_folder(made)
            self._show(made, self.folder(upload.key))
        finally:
            discard(made)

    def _show(self, made: Path, folder: Path) -> None:
        """In its place, also if what is around that is removed at this moment."""
        for _ in range(LOOKS):
            with suppress(FileNotFoundError):
                make_folders(folder.parent)
                move(made, folder)
                return
            if not made.exists():
                break  # it was in its place, and is deleted
        raise upload_not_found()

    def put(self, upload: Upload, part: Part, stream: BinaryIO) -> None:
        folder = self.folder(upload.key)
        try:
            with (
                opened(folder / "parts", os.O_RDWR) as slots,
                opened(folder / "data", os.O_WRONLY) as data,
            ):
                ticket = _Ticket(slots, part.number)
                _receive(stream, part, data, ticket)
                ticket.finish(data)
        except FileNotFoundError as error:
            raise upload_not_found() from error

    @contextmanager
    def finishing(self, key: str) -> Iterator[Path | None]:
        """The folder while nobody else changes it; None if it is gone."""
        try:
            slots = os.open(self.folder(key) / "parts", os.O_RDWR)
        except (FileNotFoundError, NotADirectoryError):
            yield None
            return
        try:
            fcntl.flock(slots, fcntl.LOCK_EX)
            yield self.folder(key) if os.fstat(slots).st_nlink else None
        finally:
            os.close(slots)

    def remove(self, prefix: str) -> None:
        self._scratch.remove(self.folder(prefix))

    def tidy(self, key: str, is_over: Callable[[Upload], bool]) -> bool:
        """Removes it if it is over, and not being written or finished at this moment: whoever does
        that would take it for deleted. False if it is still there, or was gone."""
        gone = (FileNotFoundError, NotADirectoryError)
        with (
            suppress(BlockingIOError, *gone),
            opened(self.folder(key) / "parts", os.O_RDWR) as slots,
        ):
            fcntl.flock(slots, fcntl.LOCK_EX | fcntl.LOCK_NB)
            upload = self.get(key)
            # Looked at as late as can be: a delete takes no lock, and should a key be used again,
            # what lies there now is another upload.
            if os.fstat(slots).st_nlink and upload is not None and is_over(upload):
                return self._scratch.remove(self.folder(key))
        return False

    def below(self, prefix: str) -> Iterator[Upload]:
        """With their parts. `prefix` ends at a '/' of the keys."""
        for folder in _with_facts(self.folder(prefix.rstrip("/"))):
            if (upload := self.get(str(folder.relative_to(self._root)))) is not None:
                yield upload

    def all(self) -> Iterator[Upload]:
        for folder in _with_facts(self._root):
            with suppress(FileNotFoundError):
                yield parse((folder / FACTS).read_bytes(), parts=())


def _with_facts(root: Path) -> Iterator[Path]:
    """Folders of uploads at or below one, which come and go meanwhile: `rglob` would break off."""
    for folder, _, names in os.walk(root, onerror=_unless_gone):
        if FACTS in names:
            yield Path(folder)


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error


class _Ticket:
    """The right to write one part, until somebody else begins to."""

    def __init__(self, slots: int, number: int) -> None:
        self._slots = slots
        self._offset = SLOT.size * (number - 1)
        self._mine = (secrets.randbits(62) + 1) << 1
        with self._lock():
            if self._read() & 1:
                # A part is replaced: after a power loss it must not count, half old, half new.
                self._write(self._mine)
                os.fdatasync(slots)
            else:
                self._write(self._mine)

    def write(self, data: int, chunk: bytes, offset: int) -> None:
        with self._lock():
            self._check()
            write_all(data, chunk, offset)

    def finish(self, data: int) -> None:
        os.fdatasync(data)
        with self._lock():
            self._check()
            self._write(self._mine | 1)
        os.fdatasync(self._slots)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        fcntl.flock(self._slots, fcntl.LOCK_EX)
        try:
            if not os.fstat(self._slots).st_nlink:
                raise upload_not_found()  # deleted, or finished, meanwhile
            yield
        finally:
            fcntl.flock(self._slots, fcntl.LOCK_UN)

    def _check(self) -> None:
        if self._read() != self._mine:
            raise Conflict(
                "UPLOAD_PART_TAKEN_OVER",
                "The same part of this upload is being sent a second time; that one counts.",
                cure="Ask which parts are still missing and send those.",
            )

    def _read(self) -> int:
        number: int = SLOT.unpack(os.pread(self._slots, SLOT.size, self._offset))[0]
        return number

    def _write(self, number: int) -> None:
        write_all(self._slots, SLOT.pack(number), self._offset)


def _receive(stream: BinaryIO, part: Part, data: int, ticket: _Ticket) -> None:
    done = 0
    unsynced = 0
    while done < part.size_bytes:
        chunk = stream.read(min(CHUNK_BYTES, part.size_bytes - done))
        if not chunk:
            raise InputError(
                "UPLOAD_PART_CUT_SHORT",
                f"Part {part.number} ended after {done} of {part.size_bytes} bytes.",
                cure="Send this part again.",
            )
        ticket.write(data, chunk, part.offset + done)
        done += len(chunk)
        unsynced += len(chunk)
        if unsynced >= PACE_BYTES:
            os.fdatasync(data)
            unsynced = 0


def present(slots: bytes) -> tuple[int, ...]:
    return tuple(n for n, (slot,) in enumerate(SLOT.iter_unpack(slots), 1) if slot & 1)


def part_of(upload: Upload, number: int, size_bytes: int) -> Part:
    """InputError UPLOAD_PART_WRONG if no such part, or not of that size, belongs to it."""
    if 1 <= number <= upload.part_count:
        offset = (number - 1) * upload.part_bytes
        expected = min(upload.part_bytes, upload.size_bytes - offset)
        if size_bytes == expected:
            return Part(number, offset, size_bytes)
        fault = f"Part {number} has {size_bytes} bytes and not {expected}."
    else:
        fault = f"There is no part {number}: this upload has {upload.part_count}."
    raise InputError(
        "UPLOAD_PART_WRONG", fault, cure="Choose the same file again, unchanged, and resume."
    )


def encode(upload: Upload) -> bytes:
    facts = {
        "key": upload.key,
        "name": upload.name,
        "size_bytes": upload.size_bytes,
        "part_bytes": upload.part_bytes,
        "begun_at": upload.begun_at.isoformat(),
    }
    return json.dumps(facts).encode()


def parse(data: bytes, *, parts: tuple[int, ...], finished: bool = False) -> Upload:
    facts = json.loads(data)
    return Upload(
        key=facts["key"],
        name=facts["name"],
        size_bytes=facts["size_bytes"],
        part_bytes=facts["part_bytes"],
        parts=parts,
        finished=finished,
        begun_at=datetime.fromisoformat(facts["begun_at"]),
    )


def upload_not_found() -> NotFound:
    return NotFound(
        "UPLOAD_NOT_FOUND",
        "There is no such upload.",
        cure="It may have been finished, removed or left too long; begin it again.",
    )
