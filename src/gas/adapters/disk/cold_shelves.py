"""What files and cold storage share: where a file can be, and the one lock for changing that.

The lock is held for renames and removals only, never while bytes are copied. Whoever copies asks
under the lock, when it is done, whether the file is still wanted; a deleted one never is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gas.adapters.disk.cold_records import Kind, Records, drop_all, name_of, owner_of
from gas.adapters.disk.cold_root import ColdFile, ColdRoot
from gas.adapters.disk.durable import locked, make_folders, place, sync_folder
from gas.adapters.disk.kept import SHA256, Kept
from gas.adapters.disk.scratch import Scratch, discard
from gas.domain.errors import Unavailable
from gas.domain.keys import may_be_archived
from gas.ports.files import StoredFile


class Shelves:
    def __init__(self, root: Path, cold_path: Path, *, kept: Kept, scratch: Scratch) -> None:
        self.folder = root / "cold"
        self.kept = kept
        self.scratch = scratch
        self.records = Records(self.folder, scratch)
        self.cold = ColdRoot(cold_path, seal=self.folder / "seal", scratch=scratch)
        make_folders(self.folder / "staged")
        make_folders(self.folder / "owners")

    @contextmanager
    def changing(self) -> Iterator[None]:
        with locked(self.folder / "lock"):
            yield

    def staged(self, name: str) -> Path:
        return self.folder / "staged" / name

    def unstage(self, *names: str) -> None:
        """Durable before their records go: nobody would find the copies again."""
        drop_all(self.folder / "staged", names)

    def is_ready(self, name: str) -> bool:
        there = os.path.exists(f"{self.folder}/staged/{name}")  # noqa: PTH110 - faster
        return there and self.records.has(Kind.READY, name)

    def is_under_way(self, name: str) -> bool:
        return self.records.has(Kind.FAST, name) or self.records.has(Kind.STANDARD, name)

    def shelve(self, key: str, *, warm: Path, copied: Path, name: str) -> bool:
        """Warm becomes cold, if it is still there and marked. Cold is durable before warm goes."""
        with self.changing():
            found = self.kept.find(key)
            marked = self.records.has(Kind.MARKED, name_of(key))
            if not (found and found[0] == warm and marked):
                return False
            make_folders(self._owner(key))
            self.cold.place(key, copied, name)
            self._remove_warm(warm)
            self.records.turn(Kind.MARKED, name_of(key), Kind.MOVED)
            return True

    def _remove_warm(self, newest: Path) -> None:
        # An older version that was left over must not come to light.
        named = [each for each in newest.parent.iterdir() if SHA256.fullmatch(each.name)]
        older = [each for each in named if each != newest]
        for path in older:
            path.unlink(missing_ok=True)
        if older:
            sync_folder(newest.parent)
        newest.unlink()
        sync_folder(newest.parent)

    def stage(self, record: Kind, cold: ColdFile, key: str, *, copied: Path, until: float) -> bool:
        """Makes it READY, if it is still cold and asked back."""
        name = name_of(key)
        with self.changing():
            if not self.records.has(record, name) or self.cold.find(key) != cold:
                return False
            place(copied, self.staged(name))
            self.records.put(Kind.READY, key, due=until, sha256=cold.sha256)
            self.records.drop(Kind.DAMAGED, name)
            self.records.turn(record, name, Kind.RESTORED)
            return True

    def bring_back(self, key: str, sha256: str) -> bool:
        """READY becomes warm; False if it is not ready any more. The cold copy goes now, or when
        somebody tends."""
        name = name_of(key)
        with self.changing():
            if self.kept.find(key):
                return True
            found = self.records.read(Kind.READY, name)
            if not self.is_ready(name) or found is None or found[1] != sha256:
                return False
            self.records.turn(Kind.MARKED, name, Kind.MOVED)  # it was moved, and then cut short
            staged = self.staged(name)
            self.kept.keep(key, staged, StoredFile(key, staged.stat().st_size, sha256))
            self.records.drop(Kind.DAMAGED, name)
            try:
                self.cold.remove(key)
            except Unavailable:
                return True
            self.records.drop(Kind.READY, name)
            return True

    def delete(self, prefix: str) -> None:
        """All of it, wherever it is. Unavailable COLD_STORE_MISSING, with the rest deleted, if
        some may lie on a cold side that is away."""
        graves: list[Path | None] = []
        try:
            with self.changing():
                if may_be_archived(prefix):
                    self._drop_records(prefix)
                graves.append(self.kept.bury(prefix))
                if may_be_archived(prefix):
                    graves.append(self._bury_cold(prefix))
        finally:
            for grave in filter(None, graves):
                discard(grave)

    def _drop_records(self, prefix: str) -> None:
        found = self.records.below(prefix)
        self.unstage(*(name for names in found.values() for name in names))
        for kind, names in found.items():
            self.records.drop(kind, *names)

    def _bury_cold(self, prefix: str) -> Path | None:
        try:
            return self.cold.bury(prefix)
        except Unavailable:
            if "/" not in prefix or self._owner(prefix).exists():
                raise
            return None

    def _owner(self, key: str) -> Path:
        """A folder that is there once a file of this owner was moved, so that deleting others'
        does not wait for a cold side that is away."""
        return self.folder / "owners" / owner_of(key)
