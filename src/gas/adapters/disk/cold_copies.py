"""Copies between the warm and the cold side, hashed on the way and read back from the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from gas.adapters.disk.cold_root import PACKED, ColdFile, cold_told
from gas.adapters.disk.durable import CHUNK_BYTES, PACE_BYTES, disk_told, opened, write_all
from gas.domain.errors import Unavailable

Told = Callable[[], AbstractContextManager[None]]


class Untrue(Exception):
    """It is not what its name says."""


def pack(warm: Path, sha256: str, target: Path, *, compress: bool) -> str:
    """A durable copy on the cold side, read back and found equal; the name it shall have. Untrue
    if the warm file is not what it was."""
    digest = hashlib.sha256()
    chunks = _hashed(_chunks(warm, disk_told), digest.update)
    if compress:
        from gas.adapters.disk.cold_zstd import compressed

        chunks = compressed(chunks)
    with cold_told():
        _write(target, chunks)
    if digest.hexdigest() != sha256:
        raise Untrue
    _read_back(target, sha256, packed=compress)
    return sha256 + PACKED if compress else sha256


def unpack(cold: ColdFile, target: Path) -> None:
    """A durable copy on the warm side. Untrue if the cold file is not what it was."""
    digest = hashlib.sha256()
    with disk_told():
        _write(target, _hashed(_unpacked(cold.path, cold.packed), digest.update))
    if digest.hexdigest() != cold.sha256:
        raise Untrue


def is_true(path: Path, sha256: str) -> bool:
    """Of a warm file."""
    digest = hashlib.sha256()
    for chunk in _chunks(path, disk_told):
        digest.update(chunk)
    return digest.hexdigest() == sha256


def _read_back(path: Path, sha256: str, *, packed: bool) -> None:
    digest = hashlib.sha256()
    try:
        for chunk in _unpacked(path, packed):
            digest.update(chunk)
    except Untrue as error:
        raise _lies() from error
    if digest.hexdigest() != sha256:
        raise _lies()


def _lies() -> Unavailable:
    return Unavailable(
        "COLD_STORE_LIES",
        "Cold storage gives back other bytes than it was given; the file stays where it is.",
        cure="Look at the disk below GAS_DISK_COLD_PATH; check what it holds already.",
    )


def _unpacked(path: Path, packed: bool) -> Iterator[bytes]:
    chunks = _chunks(path, cold_told)
    if not packed:
        return chunks
    try:
        from gas.adapters.disk.cold_zstd import Corrupt, decompressed
    except ModuleNotFoundError as error:
        raise Unavailable(
            "COLD_STORE_PACKED",
            "A file in cold storage is compressed, and zstd is not installed.",
            cure="Run: pip install 'gas[zstd]'.",
        ) from error

    def told() -> Iterator[bytes]:
        try:
            yield from decompressed(chunks)
        except Corrupt as error:
            raise Untrue from error

    return told()


def _chunks(path: Path, told: Told) -> Iterator[bytes]:
    """As the disk has it, not as memory remembers it, where the system allows that."""
    with opened(path, os.O_RDONLY) as descriptor:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        while True:
            with told():
                chunk = os.read(descriptor, CHUNK_BYTES)
            if not chunk:
                return
            yield chunk


def _hashed(chunks: Iterator[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in chunks:
        update(chunk)
        yield chunk


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    done = 0
    with opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
        for chunk in chunks:
            write_all(descriptor, chunk, done)
            if done // PACE_BYTES != (done + len(chunk)) // PACE_BYTES:
                os.fdatasync(descriptor)
            done += len(chunk)
        os.fsync(descriptor)
