"""Backend `disk`: files and the mail outbox in folders of this machine.

Offers:

- `DiskFiles`: `ports.files.Files` and `ServesLinks`. A file is visible whole or not at all, and
  durable when a call returns. Parts of an upload may come in any order, at once, from several
  processes, and twice. An upload claims its room when it begins. Links are signed and expire.
- `DiskMail`: `ports.mail.MailSender`; `outbox_page` and `read_mail` show what lies there.

Needs a local file system with flock and rename, and all folders of one root on it. What a killed
process left half-written is removed when the next one starts.
"""

from __future__ import annotations

from gas.adapters.disk.files import DiskFiles
from gas.adapters.disk.mail import DiskMail
from gas.adapters.disk.outbox import OutboxEntry, outbox_page, read_mail

__all__ = ["DiskFiles", "DiskMail", "OutboxEntry", "outbox_page", "read_mail"]
