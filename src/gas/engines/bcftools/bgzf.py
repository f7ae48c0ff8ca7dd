"""Blocks of a BGZF file, so that several processes can pack what one of them writes.

As htslib cuts and packs them: a file is the same however many took part (SAM specification, 4.1).
"""

from __future__ import annotations

import struct
import zlib

BLOCK_BYTES = 0xFF00
"""Of text in each block but the last."""
HEAD = bytes.fromhex("1f8b08040000000000ff060042430200")
END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""An empty block: the file is whole."""
AROUND_BYTES = len(HEAD) + 2 + 8


def whole_blocks(text: bytes) -> tuple[bytes, bytes]:
    """What fills blocks, and the rest."""
    end = len(text) - len(text) % BLOCK_BYTES
    return text[:end], text[end:]


def packed(text: bytes) -> bytes:
    """In as many blocks as it takes; none if it is empty."""
    view = memoryview(text)
    return b"".join(_block(view[at : at + BLOCK_BYTES]) for at in range(0, len(text), BLOCK_BYTES))


def _block(text: memoryview) -> bytes:
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(text) + packer.flush()
    size = struct.pack("<H", len(body) + AROUND_BYTES - 1)
    return HEAD + size + body + struct.pack("<II", zlib.crc32(text), len(text))
