"""The empty folder that a run gets. Once emptied it is kept for the next run, under another name:
to make and to remove one each time would cost a short job a sixth of its time."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

SPARE = "spare"


def make_empty(path: Path) -> None:
    """A folder at `path`, where nothing is yet."""
    try:
        path.with_name(SPARE).rename(path)
    except FileNotFoundError:
        path.mkdir(parents=True)


def give_back(path: Path) -> None:
    """Removes what is in it, and it, if it was made at all; never raises an OSError."""
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    Path(entry).unlink()
        path.rename(path.with_name(SPARE))  # in place of another, if two ran at once
    except OSError:
        shutil.rmtree(path, ignore_errors=True)
