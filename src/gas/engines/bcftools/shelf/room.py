"""Room on the disk: asked for before, and told clearly when it runs out."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gas.domain.errors import EngineFailed, StoreFull
from gas.engines.bcftools.blame import FULL_BYTES

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
SPARE_BYTES = 64 * 2**20


def check_room(folder: Path, needed_bytes: int) -> None:
    """StoreFull NO_ROOM_TO_INSTALL unless so many bytes, and some to spare, are free."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + SPARE_BYTES:
        raise _no_room(f"{_size(needed_bytes)} are needed, {_size(free)} are free.")


@contextmanager
def room_or_told() -> Iterator[None]:
    """What fails for want of room, here or in a child, is StoreFull NO_ROOM_TO_INSTALL."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise _no_room("The disk is full.") from error
    except StoreFull as error:
        if error.reason.code != "NO_ROOM":
            raise
        raise _no_room("The disk is full.") from error


@contextmanager
def full_disk_is_why(folder: Path) -> Iterator[None]:
    """Around a child that writes to `folder`: one that dies on a full disk cannot say why, since
    there is no room for its complaint either."""
    try:
        yield
    except EngineFailed as error:
        if shutil.disk_usage(folder).free >= FULL_BYTES:
            raise
        raise _no_room("The disk is full.") from error


def _no_room(what: str) -> StoreFull:
    return StoreFull(
        "NO_ROOM_TO_INSTALL",
        f"There is not enough room in the folder of the references. {what}",
        cure="Make room and give the same command again: it goes on with what was downloaded.",
    )


def _size(count: int) -> str:
    return f"{count / 2**30:,.1f} GiB" if count >= 2**30 else f"{count / 2**20:,.0f} MiB"
