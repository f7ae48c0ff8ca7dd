"""The one file of a folder that counts, while others come and go beside it."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

LOOKS = 10
"""What was found may be replaced, by equal or newer content, before it is looked at or opened."""


def newest(folder: Path, names: re.Pattern[str]) -> tuple[Path, os.stat_result] | None:
    """Of two (a replacement was cut short) the newer; None if there is no such file."""
    for _ in range(LOOKS):
        found, vanished = _look(folder, names)
        if found:
            return max(found, key=lambda each: each[1].st_mtime_ns)
        if not vanished:
            break
    return None


def _look(folder: Path, names: re.Pattern[str]) -> tuple[list[tuple[Path, os.stat_result]], bool]:
    """What lies there; and whether some of it went while we looked."""
    found: list[tuple[Path, os.stat_result]] = []
    vanished = False
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if not names.fullmatch(entry.name):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                vanished = True
            else:
                if stat.S_ISREG(status.st_mode):
                    found.append((Path(entry.path), status))
    return found, vanished
