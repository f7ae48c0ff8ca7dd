"""Identifiers that sort by time of creation."""

from __future__ import annotations

import secrets
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26


def new_id(now: datetime) -> str:
    """26 lower-case Crockford base-32 characters: 48 bits of milliseconds, 80 random bits."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def is_id(text: str) -> bool:
    return len(text) == LENGTH and all(letter in ALPHABET for letter in text)
