"""One installation at a time for each name, across processes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gas.domain.errors import Conflict
from gas.engines.bcftools.references import check_name


@contextmanager
def held(references_path: Path, name: str) -> Iterator[None]:
    """Conflict INSTALL_RUNNING if another process (or thread) has it; InputError
    BAD_REFERENCE_NAME. The kernel lets go of it when the process dies, so that nothing has to be
    cleared by hand."""
    check_name(name)
    references_path.mkdir(parents=True, exist_ok=True)
    path = references_path / f".installing-{name}"
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise _running(name) from None
        if _is_at(descriptor, path):
            break
        os.close(descriptor)  # whoever held it has just removed it: take the next one
    try:
        yield
    finally:
        path.unlink()  # while it is locked, so that nobody else's is removed
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _running(name: str) -> Conflict:
    return Conflict(
        "INSTALL_RUNNING",
        f"Something is being installed for the reference '{name}' already.",
        cure="Wait until that has ended, or stop it; what it downloaded is kept.",
    )
