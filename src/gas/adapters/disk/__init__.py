"""Backend `disk`: files and the mail outbox in folders of this machine.

Offers:

- files, `DiskFiles`, which serves its own links. A file is visible whole or not at all, and
  durable when a call returns. Parts of an upload may come in any order, at once, from several
  processes, and twice. An upload claims its room when it begins. Links are signed and expire.
- cold storage, `DiskColdStorage`, in a folder of a slower disk or a NAS. A file leaves one side
  only when its copy on the other is durable, was read back and found equal.
- mail, `DiskMail`; `DiskOutbox` shows what lies there.

Needs a local file system with flock and rename, and all folders of one root on it; the cold folder
may be anywhere. What a killed process left half-written is removed when the next one starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from gas.adapters.disk.cold_storage import DiskColdStorage
from gas.adapters.disk.files import DiskFiles
from gas.adapters.disk.mail import DiskMail
from gas.adapters.disk.outbox import DiskOutbox
from gas.ports.backend import Between, Context, Manifest

__all__ = ["MANIFEST", "DiskColdStorage", "DiskFiles", "DiskMail", "DiskOutbox", "DiskSettings"]


@dataclass(frozen=True, slots=True)
class DiskSettings:
    cold_path: Path | None = None
    """Where archived results rest; `cold` in the home folder if not set."""
    compress: bool = False
    """Compresses them with zstd, though they are packed already."""
    restore_seconds: Annotated[float, Between(0, 7 * 86400)] = 0
    """How long a restore takes at least."""
    capacity: Annotated[int, Between(0, 1_000_000)] = 0
    """How many fast restores may be under way at once; 0 for any number."""
    restored_hours: Annotated[float, Between(0.01, 8760)] = 24
    """How long a restored copy waits before it expires."""


def _files(context: Context[DiskSettings]) -> tuple[DiskFiles, DiskFiles]:
    files = DiskFiles(
        context.home / "files",
        secret_key=context.secret_key,
        site_url=context.site_url,
        clock=context.clock,
        cold_path=_cold_path(context),
    )
    return files, files


def _cold_storage(context: Context[DiskSettings]) -> DiskColdStorage:
    own = context.own
    if own.compress:
        import gas.adapters.disk.cold_zstd  # noqa: F401 - fails here, and not at the first move
    return DiskColdStorage(
        context.home / "files",
        _cold_path(context),
        clock=context.clock,
        compress=own.compress,
        restore=timedelta(seconds=own.restore_seconds),
        restored=timedelta(hours=own.restored_hours),
        capacity=own.capacity,
    )


def _cold_path(context: Context[DiskSettings]) -> Path:
    return context.own.cold_path or context.home / "cold"


def _mail(context: Context[DiskSettings]) -> tuple[DiskMail, DiskOutbox]:
    folder = context.home / "outbox"
    return DiskMail(folder, clock=context.clock), DiskOutbox(folder)


MANIFEST = Manifest(
    name="disk",
    settings=DiskSettings,
    extra="zstd",
    files=_files,
    cold_storage=_cold_storage,
    mail=_mail,
)
