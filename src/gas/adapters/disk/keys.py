"""Keys as paths. Keys are made by GAS, yet none is trusted to stay inside the root."""

from __future__ import annotations

from pathlib import Path

from gas.domain.errors import InputError

MAX_PART_BYTES = 255  # NAME_MAX of the file systems in use
MAX_KEY_BYTES = 1024  # as in S3, so that keys fit every backend


def below(root: Path, key: str) -> Path:
    """The place of `key` below `root`; InputError BAD_KEY if it has none."""
    parts = key.split("/")
    if len(key.encode(errors="replace")) > MAX_KEY_BYTES or not all(map(_is_plain, parts)):
        raise InputError(
            "BAD_KEY",
            "A file was asked for under a key that no store can have.",
            cure="Start again from the job's page; tell the operator if it happens again.",
        )
    return root.joinpath(*parts)


def _is_plain(part: str) -> bool:
    try:
        size = len(part.encode())
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return 0 < size <= MAX_PART_BYTES and part not in {".", ".."} and part.isprintable()
