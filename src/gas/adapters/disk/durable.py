"""Writing so that it is still there after kill -9 and power loss, without stalling neighbours.

A big fsync holds up every other commit on the disk (90 ms instead of 1.5 measured), so data goes
out in steps of PACE_BYTES.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gas.domain.errors import StoreFull, Unavailable

CHUNK_BYTES = 256 * 1024
PACE_BYTES = 8 * 2**20
FOLDER_TRIES = 5
"""To make a folder while others remove those that are empty."""
RESERVE_BYTES = 64 * 2**20
"""Of the disk of GAS_HOME; whatever else is kept there, the database goes on."""
# EFBIG: a limit on the size of files (RLIMIT_FSIZE, FAT) is no room either.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FAILING = frozenset({errno.EIO, errno.EROFS, errno.ESTALE, errno.ENXIO, errno.EACCES, errno.EPERM})
"""Of a disk that is broken, or whose files were put back as somebody else's."""
SYNC_FILE_RANGE_WAIT_WRITE_WAIT = 7  # <linux/fs.h>: WAIT_BEFORE | WRITE | WAIT_AFTER


def store_full() -> StoreFull:
    return StoreFull(
        "STORE_FULL",
        "There is no room left to keep this file; nothing of it was kept.",
        cure="Try again later; the operator has to make room on the disk.",
    )


def room_bytes(path: Path) -> int:
    """What an ordinary user may still write on the disk of this path."""
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize


def check_room(path: Path, size_bytes: int) -> None:
    """StoreFull STORE_FULL, before anything is written."""
    if room_bytes(path) < size_bytes:
        raise store_full()


def files_unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        "FILES_UNAVAILABLE",
        f"The disk that keeps the files fails ({error.strerror}).",
        cure="Look at the disk and how it is mounted; then it goes on by itself.",
    )


@contextmanager
def disk_told() -> Iterator[None]:
    """A disk that is full is StoreFull, one that fails Unavailable; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise store_full() from error
        if error.errno in FAILING:
            raise files_unavailable(error) from error
        raise


@contextmanager
def opened(path: Path, flags: int, mode: int = 0o600) -> Iterator[int]:
    descriptor = os.open(path, flags, mode)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Holds an exclusive lock on the file at `path`, made if absent. The kernel frees it if the
    process dies; it counts between threads too, since every call opens the file anew."""
    with opened(path, os.O_RDWR | os.O_CREAT) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor


def sync_folder(path: Path) -> None:
    with opened(path, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
        os.fsync(descriptor)


def make_folders(path: Path) -> None:
    """Like mkdir -p, each new folder durable in its parent; also where empty ones are removed."""
    for _ in range(FOLDER_TRIES):
        if path.is_dir():
            return
        make_folders(path.parent)
        try:
            path.mkdir(mode=0o700)
        except FileNotFoundError:
            continue
        except FileExistsError:
            if not path.is_dir():
                raise
        with suppress(FileNotFoundError):
            sync_folder(path.parent)
    if not path.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def remove_empty(folder: Path, *, up_to: Path) -> None:
    """The folder and those around it up to `up_to`, which stays, as far as nothing lies in them;
    durable."""
    removed = False
    while up_to in folder.parents:
        try:
            folder.rmdir()
            removed = True
        except FileNotFoundError:
            pass  # what is around it may be empty all the same
        except OSError:
            break
        folder = folder.parent
    if removed:
        with suppress(FileNotFoundError):
            sync_folder(folder)


def move(source: Path, target: Path) -> None:
    """Renames into a folder that exists already; durable in both folders."""
    os.rename(source, target)  # noqa: PTH104 - Path.rename hides that it replaces
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def place(source: Path, target: Path) -> None:
    """Renames what lies in a scratch folder, where nobody misses what comes back in a power cut;
    durable in the target's folder."""
    os.rename(source, target)  # noqa: PTH104 - Path.rename hides that it replaces
    sync_folder(target.parent)


def write_all(descriptor: int, data: bytes | memoryview, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view = view[written:]
        offset += written


def write_file(path: Path, data: bytes) -> None:
    """A new file, synced; its folder is the caller's to sync."""
    with opened(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as descriptor:
        write_all(descriptor, data, 0)
        os.fsync(descriptor)


def write_whole(path: Path, data: bytes, *, scratch: Path) -> None:
    """The file at `path` with this content, or as it was before. `scratch` is a name of the
    caller's own on the same file system."""
    write_file(scratch, data)
    place(scratch, path)


def sync_and_hash(path: Path) -> tuple[int, str]:
    """Makes what lies in a local file durable, paced; its size and SHA-256."""
    digest = hashlib.sha256()
    buffer = bytearray(CHUNK_BYTES)
    done = 0
    with opened(path, os.O_RDONLY) as descriptor:
        while count := os.preadv(descriptor, [buffer], done):
            if done % PACE_BYTES == 0:
                _write_out(descriptor, done)
            digest.update(memoryview(buffer)[:count])
            done += count
        os.fsync(descriptor)
    return done, digest.hexdigest()


def copy_and_hash(source: Path, target: Path) -> tuple[int, str]:
    """A durable copy, paced; its size and SHA-256."""
    digest = hashlib.sha256()
    done = 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with opened(source, os.O_RDONLY) as reading, opened(target, flags) as writing:
        while chunk := os.read(reading, CHUNK_BYTES):
            digest.update(chunk)
            write_all(writing, chunk, done)
            done += len(chunk)
            if done % PACE_BYTES < len(chunk):
                os.fdatasync(writing)
        os.fsync(writing)
    return done, digest.hexdigest()


def copy(source: int, target: int) -> None:
    """All of it, in the kernel; shares the blocks where the file system can (reflink)."""
    in_kernel = True
    while True:
        try:
            if in_kernel:
                count = os.copy_file_range(source, target, PACE_BYTES)
            else:
                count = os.sendfile(target, source, None, PACE_BYTES)
        except OSError as error:
            if not in_kernel or error.errno in NO_ROOM:
                raise
            in_kernel = False  # other devices, old kernels, network file systems
            continue
        if not count:
            return


def _write_out(descriptor: int, offset: int) -> None:
    """Starts and awaits the write-back of PACE_BYTES from `offset`, so that the fsync at the end
    has little left to do. Best effort: only that fsync makes anything durable."""
    call = getattr(_libc(), "sync_file_range", None)
    if call is not None:
        start, length = ctypes.c_int64(offset), ctypes.c_int64(PACE_BYTES)
        call(descriptor, start, length, SYNC_FILE_RANGE_WAIT_WRITE_WAIT)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
