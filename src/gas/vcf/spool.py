"""The clean records on their way to the engine: packed, since they may be many."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import BinaryIO


class Packer:
    """Lines into a gzip member, many at once, at the level that costs least."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._gzip = zlib.compressobj(1, zlib.DEFLATED, 31)

    def add(self, rows: Sequence[bytes]) -> None:
        if rows:
            self._target.write(self._gzip.compress(b"\n".join(rows) + b"\n"))

    def finish(self) -> None:
        self._target.write(self._gzip.flush())
