"""What a file is, told from its first bytes."""

from __future__ import annotations

from enum import Enum

GZIP_MAGIC = b"\x1f\x8b"
BCF_MAGIC = b"BCF\x02"
UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Kind(Enum):
    EMPTY = "empty"
    TEXT = "text"
    GZIP = "gzip"
    BGZIP = "bgzip"
    BCF = "bcf"
    UTF16 = "utf-16"
    BINARY = "binary"


def sniff(head: bytes) -> Kind:
    """Of the bytes as they are; what is in a gzip is told by sniffing again once unpacked."""
    if not head:
        return Kind.EMPTY
    if head.startswith(GZIP_MAGIC):
        return Kind.BGZIP if is_bgzip(head) else Kind.GZIP
    if head.startswith(BCF_MAGIC):
        return Kind.BCF
    if head.startswith(UTF16_BOMS) or _looks_utf16(head):
        return Kind.UTF16
    return Kind.BINARY if b"\0" in head[:4096] else Kind.TEXT


def is_bgzip(head: bytes) -> bool:
    """A gzip member with the extra field 'BC' of length 2 (SAM specification, section 4.1)."""
    return len(head) >= 16 and bool(head[3] & 4) and head[12:16] == b"BC\x02\x00"


def _looks_utf16(head: bytes) -> bool:
    """Without a byte order mark: '#' and a zero, either way round."""
    return head.startswith((b"#\0#\0", b"\0#\0#"))
