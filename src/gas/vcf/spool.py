"""The clean records on their way to the engine: packed, since they may be many."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO


class Packer:
    """Lines into a gzip member, many at once, at the level that costs least. A thread packs them
    while the next ones are looked at; as a context, it ends with it."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._gzip = zlib.compressobj(1, zlib.DEFLATED, 31)
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[bytes] | None = None

    def __enter__(self) -> Packer:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def add(self, rows: Sequence[bytes]) -> None:
        if rows:
            text = b"\n".join(rows) + b"\n"
            self._settle()
            self._under_way = self._thread.submit(self._gzip.compress, text)

    def finish(self) -> None:
        self._settle()
        self._target.write(self._gzip.flush())

    def _settle(self) -> None:
        if self._under_way is not None:
            self._target.write(self._under_way.result())
            self._under_way = None
