"""Sends a file in parts, several at once; what broke off goes on where it was.

An open upload of the same name and size is taken for this file's. Whether it was so is seen in the
end: the service says the SHA-256 of what it has, and it must be the file's.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from gas.client.answers import Upload, many, parsed, upload_of
from gas.client.errors import ClientError
from gas.client.line import Line

PARTS_AT_ONCE = 3
BLOCK_BYTES = 1024 * 1024
Moved = Callable[[int, int], None]
"""Is told how many bytes have gone, of how many."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An upload that is all there, and what was sent."""

    upload: Upload
    sha256: str
    resumed: bool


class Part:
    """A piece of a file, to be sent; implements `Content`. No `io` class: those say that they can
    `tell`, and then requests takes their length for unknown."""

    def __init__(self, path: Path, first: int, size: int, tell: Callable[[int], None]) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._at, self._end = first, first + size
        self._tell = tell
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(BLOCK_BYTES):
            yield block

    def __enter__(self) -> Part:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def read(self, size: int = -1) -> bytes:
        left = self._end - self._at
        block = os.pread(self._descriptor, left if size < 0 else min(size, left), self._at)
        self._at += len(block)
        self._tell(len(block))
        return block


class Counter:
    """How much has gone, over all threads; raises in them once the whole shall stop."""

    def __init__(self, total: int, moved: Moved | None) -> None:
        self._total, self._moved = total, moved
        self._done = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def pause(self, seconds: float) -> None:
        """Raises as soon as the whole shall stop."""
        if self._stop.wait(seconds):
            raise ClientError("STOPPED", "The upload was stopped.")

    def add(self, count: int) -> None:
        self.pause(0)
        with self._lock:
            self._done += count
            if self._moved:
                self._moved(self._done, self._total)


def send(line: Line, path: Path, *, moved: Moved | None = None, resumes: bool = True) -> Sent:
    before = _look(path)
    open_one = find_open(line, path.name, before.st_size) if resumes else None
    upload = open_one or begin(line, path.name, before.st_size)
    counter = Counter(before.st_size, moved)
    counter.add(sum(_size(upload, number) for number in upload.parts))
    sha256 = _send_missing(line, path, upload, counter)
    if _changed(before, _look(path)):
        raise ClientError(
            "FILE_CHANGED",
            f"{path.name} changed while it was sent.",
            cure="Send it again once it is whole.",
        )
    return Sent(upload, sha256, resumed=open_one is not None)


def _send_missing(line: Line, path: Path, upload: Upload, counter: Counter) -> str:
    """The file's SHA-256, found on the way."""
    with ThreadPoolExecutor(PARTS_AT_ONCE + 1) as pool:
        digest = pool.submit(_sha256, path, counter)
        parts: list[Future[None]] = [
            pool.submit(_put, line, path, upload, number, counter) for number in upload.missing
        ]
        try:
            over, _ = wait(parts, return_when=FIRST_EXCEPTION)
            for part in over:
                part.result()  # raises what was in the way
            return digest.result()
        except BaseException:
            # Those under way end at their next block: parts that are there by then stay there.
            counter.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _put(line: Line, path: Path, upload: Upload, number: int, counter: Counter) -> None:
    size, told = _size(upload, number), 0

    def tell(count: int) -> None:
        nonlocal told
        told += count
        counter.add(count)

    def content() -> Part:
        nonlocal told
        counter.add(-told)  # of a try that broke off
        told = 0
        return Part(path, (number - 1) * upload.part_bytes, size, tell)

    patience = replace(line.patience, sleep=counter.pause)
    path_of_part = f"/uploads/{upload.id}/parts/{number}"
    line.ask("PUT", path_of_part, content=content, patience=patience)


def begin(line: Line, name: str, size_bytes: int) -> Upload:
    """A new one. If its answer is lost it is looked for, so that no second one is begun."""
    tries = 0
    once = replace(line.patience, tries=1)
    while True:
        tries += 1
        try:
            body = {"name": name, "size_bytes": size_bytes}
            return parsed(upload_of, line.json("POST", "/uploads", body=body, patience=once))
        except ClientError as error:
            if not error.is_temporary or error.status == 507 or tries >= line.patience.tries:
                raise
            line.patience.wait(tries, error.code)
        found = find_open(line, name, size_bytes)
        if found and not found.parts:
            return found


def find_open(line: Line, name: str, size_bytes: int) -> Upload | None:
    """The newest of this name and size that is not finished."""
    found = parsed(many(upload_of, "uploads"), line.json("GET", "/uploads"))
    same = [it for it in found if (it.name, it.size_bytes) == (name, size_bytes)]
    return next((it for it in reversed(same) if not it.finished), None)


def _size(upload: Upload, number: int) -> int:
    return min(upload.part_bytes, upload.size_bytes - (number - 1) * upload.part_bytes)


def _sha256(path: Path, counter: Counter) -> str:
    found = hashlib.sha256()
    with path.open("rb") as content:
        while block := content.read(BLOCK_BYTES):
            found.update(block)
            counter.pause(0)
    return found.hexdigest()


def _look(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise ClientError(
            "NO_FILE",
            f"{path.name} cannot be read: {error.strerror}.",
            cure="Give the path of a VCF.",
        ) from error


def _changed(before: os.stat_result, after: os.stat_result) -> bool:
    return (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
