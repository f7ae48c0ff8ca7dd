"""The home of an installation: its folders, and the secret that links and forms are signed with."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from gas.domain.errors import InputError

FOLDERS = ("run", "references", "work", "logs")
SECRET_BYTES = 32


def prepare_home(home: Path) -> None:
    """The home and its folders, open to their owner only. StoreFull and the like stay OSErrors."""
    # The database and the log are made by libraries with whatever mode the process allows; and a
    # home that an operator made beforehand may be open to others.
    os.umask(0o077)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FOLDERS:
            (home / name).mkdir(mode=0o700, exist_ok=True)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise InputError(
            "HOME_UNUSABLE",
            f"The home folder {home} cannot be used: {error.strerror}.",
            cure="Choose another with --home or GAS_HOME, or mend its permissions.",
        ) from error


def read_secret(path: Path) -> bytes:
    """The installation's secret. Of several processes at once one makes it and all read it.
    InputError SECRET_UNUSABLE for one that is cut short, say by a full disk at a restore: links
    and forms signed with an empty secret could be made by anybody."""
    with suppress(FileNotFoundError):
        return _whole_secret(path)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(SECRET_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        # A hard link never replaces what is there: the first one wins, and it is whole.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    return _whole_secret(path)


def _whole_secret(path: Path) -> bytes:
    with suppress(ValueError):
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
        if len(secret) >= SECRET_BYTES:
            return secret
    raise InputError(
        "SECRET_UNUSABLE",
        f"The file {path} does not hold a whole secret.",
        cure="Bring it back from the backup; or remove it, and links given out stop working.",
    )
