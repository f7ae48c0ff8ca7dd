"""Backend `disk`: files and the mail outbox in folders of this machine.

Offers:

- files, `DiskFiles`, which serves its own links. A file is visible whole or not at all, and
  durable when a call returns. Parts of an upload may come in any order, at once, from several
  processes, and twice. An upload claims its room when it begins. Links are signed and expire.
- mail, `DiskMail`; `DiskOutbox` shows what lies there.

Needs a local file system with flock and rename, and all folders of one root on it. What a killed
process left half-written is removed when the next one starts.
"""

from __future__ import annotations

from gas.adapters.disk.files import DiskFiles
from gas.adapters.disk.mail import DiskMail
from gas.adapters.disk.outbox import DiskOutbox
from gas.ports.backend import Context, Manifest

__all__ = ["MANIFEST", "DiskFiles", "DiskMail", "DiskOutbox"]


def _files(context: Context[None]) -> tuple[DiskFiles, DiskFiles]:
    files = DiskFiles(
        context.home / "files",
        secret_key=context.secret_key,
        site_url=context.site_url,
        clock=context.clock,
    )
    return files, files


def _mail(context: Context[None]) -> tuple[DiskMail, DiskOutbox]:
    folder = context.home / "outbox"
    return DiskMail(folder, clock=context.clock), DiskOutbox(folder)


MANIFEST = Manifest(name="disk", files=_files, mail=_mail)
