"""Files in a folder: `kept` whole, `uploads` on their way in, `tmp` half-way. See ports.files.

No key lies below another one. All folders are on one file system, so that renames are whole.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from gas.adapters.disk import signed
from gas.adapters.disk.cold_shelves import Shelves
from gas.adapters.disk.durable import (
    RESERVE_BYTES,
    copy,
    copy_and_hash,
    disk_told,
    locked,
    make_folders,
    opened,
    room_bytes,
    store_full,
    sync_and_hash,
    write_whole,
)
from gas.adapters.disk.kept import READ_ONLY, Kept, not_found
from gas.adapters.disk.scratch import Scratch, discard
from gas.adapters.disk.upload_rules import differs, new_upload, require_whole, same, too_many
from gas.adapters.disk.uploads import (
    FACTS,
    Uploads,
    encode,
    parse,
    part_of,
    upload_not_found,
)
from gas.domain.errors import Conflict, InputError
from gas.ports.clock import Clock
from gas.ports.files import LinkedFile, StoredFile, Upload

ALREADY_THERE = frozenset({errno.EEXIST, errno.ENOTEMPTY})


class DiskFiles:
    """Implements `Files` and `ServesLinks`. `reserve_bytes` stay free for the database."""

    def __init__(
        self,
        root: Path,
        *,
        secret_key: bytes,
        site_url: str,
        clock: Clock,
        reserve_bytes: int = RESERVE_BYTES,
        cold_path: Path | None = None,
    ) -> None:
        """`cold_path`: of the cold storage, beside the root if not given; what is deleted goes
        from there too."""
        make_folders(root)
        self._root = root
        self._secret_key = secret_key
        self._site_url = site_url.rstrip("/")
        self._clock = clock
        self._reserve_bytes = reserve_bytes
        self._scratch = Scratch(root)
        self._kept = Kept(root, self._scratch)
        self._uploads = Uploads(root, self._scratch)
        cold_path = cold_path or root.with_name("cold")
        self._shelves = Shelves(root, cold_path, kept=self._kept, scratch=self._scratch)
        self._scratch.remove_dead()

    def begin_upload(
        self, key: str, *, name: str, size_bytes: int, part_bytes: int, most_open: int = 0
    ) -> Upload:
        wanted = new_upload(key, name, size_bytes, part_bytes, self._clock())
        if known := self.upload(key):
            return same(known, wanted)
        if self.stat(key):
            raise differs()
        # Look and claim are one, or two at once could both take the last room.
        with disk_told(), locked(self._root / "room.lock"):
            if most_open and len(self.uploads(f"{key.rpartition('/')[0]}/")) >= most_open:
                raise too_many(most_open)
            if size_bytes > self.room_bytes():
                raise store_full()
            try:
                self._uploads.begin(wanted)
            except OSError as error:
                if error.errno not in ALREADY_THERE:
                    raise
        return same(self.upload(key) or wanted, wanted)

    def upload(self, key: str) -> Upload | None:
        # Between the two looks it may be finished: then it is found by the third.
        return self._finished(key) or self._uploads.get(key) or self._finished(key)

    def _finished(self, key: str) -> Upload | None:
        if not self._kept.find(key):
            return None
        try:
            facts = (self._kept.folder(key) / FACTS).read_bytes()
        except FileNotFoundError:  # it was no upload, or is deleted at this moment
            return None
        whole = parse(facts, parts=(), finished=True)
        return replace(whole, parts=tuple(range(1, whole.part_count + 1)))

    def uploads(self, prefix: str) -> Sequence[Upload]:
        with disk_told():
            found = [each for each in self._uploads.below(prefix) if not self.stat(each.key)]
        return sorted(found, key=lambda upload: upload.begun_at)

    def kept_before(
        self, prefix: str, moment: datetime, *, limit: int, after: str | None = None
    ) -> Sequence[str]:
        with disk_told():
            found = self._kept.before(prefix, moment.timestamp(), after=after)
            return list(islice(found, limit))

    def put_part(self, key: str, number: int, stream: BinaryIO, size_bytes: int) -> None:
        """Reads `size_bytes` from the stream and no byte more."""
        upload = self._unfinished(key)
        part = part_of(upload, number, size_bytes)
        with disk_told():
            self._uploads.put(upload, part, stream)

    def finish_upload(self, key: str) -> StoredFile:
        with disk_told(), self._uploads.finishing(key) as folder:
            if stored := self.stat(key):
                self._uploads.remove(key)  # if the first time was cut short here
                return stored
            upload = self._uploads.get(key)
            if folder is None or upload is None:
                raise upload_not_found()
            require_whole(upload)
            try:
                stored = self._publish(upload, folder / "data")
            except FileNotFoundError as error:  # deleted meanwhile; nobody uses a key again
                self._kept.remove(key)  # what came too late to go along
                raise upload_not_found() from error
            self._uploads.remove(key)
            return stored

    def remove_stale_uploads(self, begun_before: datetime) -> int:
        self._scratch.remove_dead()
        removed = 0

        def is_over(upload: Upload) -> bool:
            """Or finished, and its end was cut short."""
            return upload.begun_at < begun_before or self.stat(upload.key) is not None

        with disk_told():
            for upload in list(self._uploads.all()):
                if is_over(upload) and self._uploads.tidy(upload.key, is_over):
                    removed += self.stat(upload.key) is None  # a finished one is not lost
        return removed

    def store(self, key: str, path: Path) -> StoredFile:
        """Moves the file where it can, so that no other name of it is left to write through."""
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(
                "NOT_A_FILE",
                "What should be stored is not a plain file.",
                cure="Look at the job's log; tell the operator.",
            )
        movable = status.st_dev == self._root.stat().st_dev and status.st_nlink == 1
        try:
            with disk_told():
                return self._store_moved(key, path) if movable else self._store_copy(key, path)
        except FileNotFoundError as error:  # deleted meanwhile
            raise not_found() from error

    def fetch(self, key: str, path: Path) -> StoredFile:
        """A copy (of shared blocks where the file system can) and no hard link: an engine that
        runs as root could write through a link, read-only or not."""
        with self.open(key) as source:
            stored = self.stat(key)
            if stored is None:
                raise not_found()
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            try:
                with disk_told(), opened(path, flags, READ_ONLY) as target:
                    copy(source.fileno(), target)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return stored

    def copy(self, key: str, new_key: str) -> StoredFile:
        with disk_told():
            return self._kept.copy(key, new_key)

    def open(self, key: str) -> BinaryIO:
        with disk_told():
            return self._kept.open(key)

    def stat(self, key: str) -> StoredFile | None:
        with disk_told():
            found = self._kept.find(key)
        return found[1] if found else None

    def delete(self, prefix: str) -> None:
        # Uploads first: one that is finishing then either fails, or is kept and goes with the rest.
        with disk_told():
            self._uploads.remove(prefix)
            self._shelves.delete(prefix)

    def link(self, key: str, *, name: str, lifetime: timedelta) -> str:
        expires_at = (self._clock() + lifetime).timestamp()
        token = signed.sign(signed.Claims(key, name, expires_at), self._secret_key)
        return f"{self._site_url}/files/{token}"

    def resolve(self, token: str) -> LinkedFile:
        claims = signed.verify(token, self._secret_key, self._clock())
        stored = self.stat(claims.key)
        if stored is None:
            raise not_found()
        return LinkedFile(claims.key, claims.name, stored.size_bytes, stored.sha256)

    def room_bytes(self) -> int:
        """Free beyond the reserve; unfinished uploads have claimed theirs on the disk already."""
        return max(0, room_bytes(self._root) - self._reserve_bytes)

    def _unfinished(self, key: str) -> Upload:
        upload = self.upload(key)
        if upload is None:
            raise upload_not_found()
        if upload.finished:
            raise Conflict(
                "UPLOAD_FINISHED",
                "This upload is finished and takes no more parts.",
                cure="Go on to the job, or begin a new upload.",
            )
        return upload

    def _publish(self, upload: Upload, data: Path) -> StoredFile:
        size_bytes, sha256 = sync_and_hash(data)
        stored = StoredFile(upload.key, size_bytes, sha256)
        folder = self._kept.folder(upload.key)
        make_folders(folder)
        write_whole(folder / FACTS, encode(upload), scratch=self._scratch.name())
        self._kept.keep(upload.key, data, stored)
        return stored

    def _store_moved(self, key: str, path: Path) -> StoredFile:
        size_bytes, sha256 = sync_and_hash(path)
        stored = StoredFile(key, size_bytes, sha256)
        self._kept.keep(key, path, stored)
        return stored

    def _store_copy(self, key: str, path: Path) -> StoredFile:
        if path.stat().st_size > self.room_bytes():
            raise store_full()
        copied = self._scratch.name()
        try:
            size_bytes, sha256 = copy_and_hash(path, copied)
            stored = StoredFile(key, size_bytes, sha256)
            self._kept.keep(key, copied, stored)
        finally:
            discard(copied)
        return stored
