"""Zstandard, chunk by chunk: the standard library's from Python 3.14 on, before that its backport.

The extra `zstd` brings it; nobody but `cold_copies` imports this, and only when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from backports.zstd import ZstdCompressor, ZstdDecompressor, ZstdError

LEVEL = 3


class Corrupt(Exception):
    """It does not unpack."""


def compressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    compressor = ZstdCompressor(level=LEVEL)
    for chunk in chunks:
        if packed := compressor.compress(chunk):
            yield packed
    yield compressor.flush()


def decompressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Corrupt if it ends early, or goes on past its end."""
    decompressor = ZstdDecompressor()
    try:
        for chunk in chunks:
            if decompressor.eof:
                raise Corrupt
            yield decompressor.decompress(chunk)
    except ZstdError as error:
        raise Corrupt from error
    if not decompressor.eof or decompressor.unused_data:
        raise Corrupt
