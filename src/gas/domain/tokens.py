"""API tokens: what a program signs in with. Shown once; only the SHA-256 is kept.

A token is `gas_`, 32 random bytes in base 62 and a CRC-32 of both, so that scanners for secrets
find one by its looks, and one that was mistyped is told from one that was revoked.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gas.domain.errors import Conflict, InputError

PREFIX = "gas_"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_BYTES = 32
RANDOM_LETTERS = 43
CHECK_LETTERS = 6
LENGTH = len(PREFIX) + RANDOM_LETTERS + CHECK_LETTERS
MAX_DAYS = 365
DEFAULT_DAYS = 30
MAX_NAME_LETTERS = 80
MAX_TOKENS = 50
"""Of one account."""
LAST_USED_STEP = timedelta(minutes=5)
"""Use within so long of the last one noted is not noted: it would cost a write each time."""


class Scope(StrEnum):
    JOBS_READ = "jobs:read"  # references, uploads, jobs, their logs, results and links
    JOBS_WRITE = "jobs:write"  # upload, submit, cancel, run again, delete
    ACCOUNT_READ = "account:read"  # the account, and the names of its tokens
    TOKENS_WRITE = "tokens:write"  # make and revoke tokens, with no more rights than its own


USUAL_SCOPES = frozenset({Scope.JOBS_READ, Scope.JOBS_WRITE, Scope.ACCOUNT_READ})


@dataclass(frozen=True, slots=True)
class ApiToken:
    id: str
    account_id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None

    def worth_noting(self, now: datetime) -> bool:
        """Whether this use is to be written down."""
        return self.last_used_at is None or now - self.last_used_at >= LAST_USED_STEP


def new_token() -> str:
    body = PREFIX + _base62(int.from_bytes(secrets.token_bytes(RANDOM_BYTES)), RANDOM_LETTERS)
    return body + _check(body)


def is_token(text: str) -> bool:
    """Whether it could be one of ours: prefix, length, letters and checksum."""
    if len(text) != LENGTH or not text.startswith(PREFIX) or not text.isascii():
        return False
    body = text[:-CHECK_LETTERS]
    return _check(body) == text[-CHECK_LETTERS:]


def token_hash(token: str) -> str:
    """No salt and no slow hash: 256 random bits cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def checked_name(name: str) -> str:
    """InputError BAD_TOKEN_NAME for one that cannot be shown."""
    name = name.strip()
    if not name or len(name) > MAX_NAME_LETTERS or not name.isprintable():
        raise InputError(
            "BAD_TOKEN_NAME",
            "The token's name is empty, too long, or holds invisible characters.",
            place="name",
            cure=f"Name it after the program that uses it, in at most {MAX_NAME_LETTERS} letters.",
        )
    return name


def checked_days(days: int) -> int:
    if not 1 <= days <= MAX_DAYS:
        raise InputError(
            "BAD_TOKEN_DAYS",
            "A token cannot live so long, or so short.",
            place="days",
            cure=f"Choose between 1 and {MAX_DAYS} days.",
        )
    return days


def too_many_tokens() -> Conflict:
    return Conflict(
        "TOO_MANY_TOKENS",
        f"You have {MAX_TOKENS} tokens already.",
        cure="Revoke those that are not used any more.",
    )


def _check(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), CHECK_LETTERS)


def _base62(number: int, letters: int) -> str:
    found = []
    for _ in range(letters):
        number, digit = divmod(number, len(ALPHABET))
        found.append(ALPHABET[digit])
    return "".join(reversed(found))
