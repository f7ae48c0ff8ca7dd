"""Files that are not there, for a measurement of jobs and queues alone."""
# ruff: noqa: ARG002 (the names are the port's)

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from gas.domain.errors import NotFound
from gas.ports.files import StoredFile, Upload

NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class NoFiles:
    """Takes everything, keeps nothing."""

    def begin_upload(
        self, key: str, *, name: str, size_bytes: int, part_bytes: int, most_open: int = 0
    ) -> Upload:
        raise NotImplementedError

    def upload(self, key: str) -> Upload | None:
        return None

    def uploads(self, prefix: str) -> Sequence[Upload]:
        return ()

    def kept_before(
        self, prefix: str, moment: datetime, *, limit: int, after: str | None = None
    ) -> Sequence[str]:
        return ()

    def put_part(self, key: str, number: int, stream: BinaryIO, size_bytes: int) -> None:
        raise NotImplementedError

    def finish_upload(self, key: str) -> StoredFile:
        raise NotImplementedError

    def remove_stale_uploads(self, begun_before: datetime) -> int:
        return 0

    def store(self, key: str, path: Path) -> StoredFile:
        return StoredFile(key, 0, NOTHING)

    def copy(self, key: str, new_key: str) -> StoredFile:
        return StoredFile(new_key, 0, NOTHING)

    def fetch(self, key: str, path: Path) -> StoredFile:
        return StoredFile(key, 0, NOTHING)

    def open(self, key: str) -> BinaryIO:
        raise NotFound("NOT_KEPT", "This store keeps nothing.")

    def stat(self, key: str) -> StoredFile | None:
        return None

    def delete(self, prefix: str) -> None:
        """There is nothing to delete."""

    def link(self, key: str, *, name: str, lifetime: timedelta) -> str:
        raise NotImplementedError

    def room_bytes(self) -> int | None:
        return None
