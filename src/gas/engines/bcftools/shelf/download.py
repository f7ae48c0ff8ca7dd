"""Fetches one file to the disk, whole and checked, and goes on where an earlier try stopped.

`NAME.part` grows with what arrives, `NAME.part.json` says what it is a part of, written before the
first byte. When all is there and its sums are right, it becomes `NAME`, with `NAME.json` beside
it. So nothing that can be used later is lost when this process is killed at any moment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gas.domain.errors import Unavailable
from gas.engines.bcftools.shelf.checksums import Checksum, Sums, sums_of
from gas.engines.bcftools.shelf.report import Download, Note, Report, Work
from gas.engines.bcftools.shelf.web import (
    READ_BYTES,
    PassingError,
    Seen,
    Web,
    broken,
    host_of,
    seen,
)

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

SYNC_BYTES = 8 * 2**20
"""Written out in steps, so that the file's last sync does not hold up the rest of the disk."""
MOST_TRIES = 200
"""In all, however much each try brings."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on a server."""

    server: str
    path: str
    name: str
    """What it is called here: a name that says which release it is."""
    seen: Seen
    checksum: Checksum | None = None

    @property
    def bytes(self) -> int:
        return self.seen.bytes


@dataclass(frozen=True, slots=True)
class Fetched:
    path: Path
    remote: Remote
    sums: Sums

    def plain(self) -> dict[str, Any]:
        """As `reference.json` and `source.json` name a source."""
        checksum = self.remote.checksum
        return {
            "file": self.remote.path.rpartition("/")[2],
            "server": self.remote.server,
            "path": self.remote.path,
            "bytes": self.sums.bytes,
            "sha256": self.sums.sha256,
            "checked": str(checksum) if checksum else "",
        }


class Downloads:
    """The folder of what one reference needs and does not have yet."""

    def __init__(self, web: Web, folder: Path, report: Report) -> None:
        self._web = web
        self.folder = folder
        self._report = report

    def missing_bytes(self, remote: Remote) -> int:
        """What is still to come."""
        if self._finished(remote):
            return 0
        return max(remote.bytes - self._offset(remote), 0)

    def fetch(self, remote: Remote) -> Fetched:
        """Unavailable DOWNLOAD_BROKEN (what came is kept), CHECKSUM_DIFFERS (it is not)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if sums := self._finished(remote):
            self._report(Note(f"{remote.name} is here already."))
            return Fetched(self.folder / remote.name, remote, sums)
        resumed = self._offset(remote)
        if resumed:
            self._report(Note(f"{remote.name} goes on at {resumed:,} of {remote.bytes:,} bytes."))
        self._load(remote)
        sums = self._sums(remote)
        if resumed and not _is_right(remote, sums):
            self._report(
                Note(f"{remote.name} was not what it should be; once more from the start.")
            )
            self._forget(remote)
            self._load(remote)
            sums = self._sums(remote)
        if not _is_right(remote, sums):
            self._forget(remote)
            raise _differs(self._url(remote), remote, sums)
        return self._keep(remote, sums)

    def drop(self, remote: Remote) -> None:
        """A file that was used and is not needed any more."""
        for ending in ("", ".json"):
            (self.folder / f"{remote.name}{ending}").unlink(missing_ok=True)

    def _load(self, remote: Remote) -> None:
        url = self._url(remote)
        failures = 0
        for _ in range(MOST_TRIES):
            before = self._offset(remote)
            try:
                if self._load_on(remote, before):
                    return
                error: Exception = PassingError("it was another file")
            except PassingError as passing:
                error = passing
            gained = self._offset(remote) > before
            failures = 1 if gained else failures + 1
            if failures >= self._web.patience.tries:
                break
            self._web.pause(failures)
        have = f"It stopped at {self._offset(remote):,} of {remote.bytes:,} bytes."
        raise broken(url, have) from error

    def _load_on(self, remote: Remote, offset: int) -> bool:
        """From `offset` to the end; False if what is there turned out not to be of this file."""
        if offset and offset == remote.bytes:
            return True
        headers = {}
        if offset:
            headers["Range"] = f"bytes={offset}-"
            about = self._about_part(remote)
            # a weak ETag may not be used so (RFC 9110, 13.1.5)
            strong = about["etag"] if not about["etag"].startswith("W/") else ""
            if validator := strong or about["modified"]:
                headers["If-Range"] = validator
        with self._web.open("GET", self._url(remote), headers) as response:
            if response.status == 416 or not self._goes_on(remote, response, offset):
                self._forget(remote)
                return False
            begins = offset if response.status == 206 else 0
            self._receive(remote, response, begins)
        return True

    def _goes_on(self, remote: Remote, response: BaseHTTPResponse, offset: int) -> bool:
        if response.status == 200:
            return True
        about = self._about_part(remote)
        now = seen(response)
        begins = response.headers.get("Content-Range", "").startswith(f"bytes {offset}-")
        return begins and now.bytes in (0, about["bytes"]) and now.etag in ("", about["etag"])

    def _receive(self, remote: Remote, response: BaseHTTPResponse, offset: int) -> None:
        now = seen(response)
        part_path = self._part_path(remote)
        if not offset:
            part_path.unlink(missing_ok=True)
            about = {"url": self._url(remote), **asdict(now), "md5": None}
            _write(self._beside(part_path), about)
        done, synced = offset, offset
        with part_path.open("ab") as target:
            while chunk := response.read(READ_BYTES):
                target.write(chunk)
                done += len(chunk)
                self._report(Download(remote.name, done, now.bytes))
                if done - synced >= SYNC_BYTES:
                    target.flush()
                    os.fdatasync(target.fileno())
                    synced = done
            target.flush()
            os.fsync(target.fileno())
        if now.bytes and done < now.bytes:
            raise PassingError("it ended too early")

    def _sums(self, remote: Remote) -> Sums:
        total = max(remote.bytes, 1)
        name = f"Checking {remote.name}"
        return sums_of(
            self._part_path(remote),
            remote.checksum.kind if remote.checksum else "",
            lambda done: self._report(Work(name, min(done / total, 1.0))),
        )

    def _keep(self, remote: Remote, sums: Sums) -> Fetched:
        path = self.folder / remote.name
        part_path = self._part_path(remote)
        about = json.loads(self._beside(part_path).read_text())
        _write(self._beside(path), {**about, "sums": asdict(sums)})
        part_path.rename(path)
        self._beside(part_path).unlink(missing_ok=True)
        return Fetched(path, remote, sums)

    def _finished(self, remote: Remote) -> Sums | None:
        path = self.folder / remote.name
        about = _read(self._beside(path))
        if not path.is_file() or not self._is_of(remote, about):
            return None
        sums = Sums(**about["sums"])
        return sums if path.stat().st_size == sums.bytes and _is_right(remote, sums) else None

    def _offset(self, remote: Remote) -> int:
        """How much of it is here; 0 if what is here is of another file."""
        part_path = self._part_path(remote)
        if not part_path.is_file() or not self._is_of(remote, self._about_part(remote)):
            return 0
        size = part_path.stat().st_size
        return size if not remote.bytes or size <= remote.bytes else 0

    def _is_of(self, remote: Remote, about: Mapping[str, Any]) -> bool:
        same = about.get("url") == self._url(remote) and about.get("bytes") == remote.bytes
        etags = {about.get("etag", ""), remote.seen.etag} - {""}
        return same and len(etags) < 2

    def _forget(self, remote: Remote) -> None:
        for path in (self._part_path(remote), self._beside(self._part_path(remote))):
            path.unlink(missing_ok=True)

    def _about_part(self, remote: Remote) -> dict[str, Any]:
        return _read(self._beside(self._part_path(remote)))

    def _part_path(self, remote: Remote) -> Path:
        return self.folder / f"{remote.name}.part"

    def _beside(self, path: Path) -> Path:
        return path.with_name(f"{path.name}.json")

    def _url(self, remote: Remote) -> str:
        return self._web.url(remote.server, remote.path)


def _is_right(remote: Remote, sums: Sums) -> bool:
    if remote.bytes and remote.bytes != sums.bytes:
        return False
    return remote.checksum is None or remote.checksum.value == sums.published


def _differs(url: str, remote: Remote, sums: Sums) -> Unavailable:
    wanted = f"{remote.checksum.kind} {remote.checksum.value}" if remote.checksum else ""
    have = f"{sums.bytes:,} bytes {sums.published}".rstrip()
    return Unavailable(
        "CHECKSUM_DIFFERS",
        f"What {host_of(url)} sent as {remote.name} is damaged: {have} instead of "
        f"{remote.bytes:,} bytes {wanted}".rstrip()
        + ".",
        cure="It was thrown away. Give the command again later, or name another --mirror.",
    )


def _read(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        about: dict[str, Any] = json.loads(path.read_text())
        return about
    return {}


def _write(path: Path, about: Mapping[str, Any]) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(json.dumps(about, indent=1) + "\n")
    draft.rename(path)
