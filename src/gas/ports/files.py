"""Where files are kept: inputs, results and logs, by key.

A key is made by GAS (`inputs/<owner>/<id>`, `results/<owner>/<job>/<attempt>/...`), never by a
user; what a user calls a file travels beside it. A file is visible whole or not at all, and
durable when a call returns. StoreFull, with nothing kept, when there is no room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from gas.domain.errors import GasError


@dataclass(frozen=True, slots=True)
class StoredFile:
    key: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Upload:
    """An input on its way in."""

    key: str
    name: str
    """As the user calls it; not to be used as a path."""
    size_bytes: int
    """The whole, as declared; parts past it are refused."""
    part_bytes: int
    """Size of every part but the last."""
    parts: tuple[int, ...]
    """Numbers of the parts that are safely here, from 1, ascending."""
    finished: bool
    begun_at: datetime

    @property
    def id(self) -> str:
        """The last part of its key."""
        return self.key.rpartition("/")[2]

    @property
    def part_count(self) -> int:
        return -(-self.size_bytes // self.part_bytes)


class Files(Protocol):
    def begin_upload(
        self, key: str, *, name: str, size_bytes: int, part_bytes: int, most_open: int = 0
    ) -> Upload:
        """Its size is its policy: whatever is sent, the store takes that many bytes and no more.
        StoreFull before a byte is sent if the whole would not fit. On repetition with the same
        values the upload as it stands; Conflict UPLOAD_DIFFERS with others. Conflict
        TOO_MANY_UPLOADS, also of many at once, if `most_open` (0: any number) uploads beside this
        one, of keys that are the same up to the last '/', are not finished."""

    def upload(self, key: str) -> Upload | None:
        """As it stands; None if there is none. Finished ones are still given."""

    def uploads(self, prefix: str) -> Sequence[Upload]:
        """Those not finished whose key lies below `prefix`, oldest first."""

    def kept_before(
        self, prefix: str, moment: datetime, *, limit: int, after: str | None = None
    ) -> Sequence[str]:
        """At most `limit` keys below `prefix`, of files stored before `moment`, in an order of
        the store's own; the next ones with `after`. For the sweep."""

    def put_part(self, key: str, number: int, stream: BinaryIO, size_bytes: int) -> None:
        """Streams one part in. On repetition it replaces the part. InputError if the number or
        size does not fit the upload or the stream ends early; then nothing of it counts."""

    def finish_upload(self, key: str) -> StoredFile:
        """The file, whole, under `key`. InputError UPLOAD_INCOMPLETE while parts are missing;
        on repetition the same answer. NotFound if there is no such upload."""

    def remove_stale_uploads(self, begun_before: datetime) -> int:
        """Removes uploads begun before and not finished; says how many."""

    def store(self, key: str, path: Path) -> StoredFile:
        """Takes the content of a local file, paced; the local file may be gone afterwards."""

    def copy(self, key: str, new_key: str) -> StoredFile:
        """The same content under another key, independent of the first; read whole for it, so
        that no damage is handed on. NotFound if there is none; Conflict FILE_DAMAGED, with nothing
        kept, if it is not what was stored; on repetition the same answer."""

    def fetch(self, key: str, path: Path) -> StoredFile:
        """A local, read-only copy at `path`. NotFound if there is none."""

    def open(self, key: str) -> BinaryIO:
        """For reading from the start; the caller closes it. NotFound if there is none."""

    def stat(self, key: str) -> StoredFile | None: ...

    def delete(self, prefix: str) -> None:
        """Every file and upload whose key is `prefix` or lies below it, if any."""

    def link(self, key: str, *, name: str, lifetime: timedelta) -> str:
        """A signed link to download it under `name`; it works for everybody until it expires."""

    def room_bytes(self) -> int | None:
        """How much may still be stored; None if there is no telling."""


@dataclass(frozen=True, slots=True)
class LinkedFile:
    key: str
    name: str
    size_bytes: int
    sha256: str


class ServesLinks(Protocol):
    """A store whose links lead back to our own web (`/files/<token>`)."""

    def resolve(self, token: str) -> LinkedFile:
        """Forbidden LINK_EXPIRED or LINK_FORGED; NotFound if the file is gone."""


def delete_all(files: Files, prefixes: Iterable[str]) -> None:
    """Each of them, whatever the store says of another; in the end raises the last it said."""
    trouble: GasError | None = None
    for prefix in prefixes:
        try:
            files.delete(prefix)
        except GasError as error:
            trouble = error
    if trouble:
        raise trouble


def missing_parts(upload: Upload) -> Sequence[int]:
    """The part numbers still to send, from 1, ascending."""
    present = set(upload.parts)
    return [number for number in range(1, upload.part_count + 1) if number not in present]
