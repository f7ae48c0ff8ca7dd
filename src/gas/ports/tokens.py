"""Where API tokens are kept, and the keys under which programs asked for jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gas.domain.account import Account
from gas.domain.tokens import ApiToken


class ApiTokens(Protocol):
    """Tokens, known by the hash of their value; the value is stored nowhere."""

    def add(self, token: ApiToken, token_hash: str, *, most: int) -> bool:
        """False, and nothing written, if the account has `most` already, those that ran out
        included; of many at once no more than that are recorded. AccountGone, and nothing written,
        if the account is marked deleted, or gone; see `Sessions.add`."""

    def found(self, token_hash: str, now: datetime) -> tuple[Account, ApiToken] | None:
        """The account of a live token, in one query; None if unknown, revoked or expired."""

    def of_account(self, account_id: str) -> Sequence[ApiToken]:
        """Newest first, with those that ran out and were not removed yet."""

    def remove(self, account_id: str, token_id: str) -> bool:
        """Revokes it; False if there is none, or it is of another account."""

    def remove_all(self, account_id: str) -> int:
        """Revokes all of the account; says how many."""

    def note_use(self, token_id: str, now: datetime) -> None:
        """Nothing happens if it is gone."""

    def expire(self, ended_before: datetime) -> int:
        """Removes those that ran out before, and says how many."""


class RequestKeys(Protocol):
    """The keys of programs that ask for a job; each stands for the upload it was used with."""

    def claim(self, account_id: str, key_hash: str, upload_id: str, now: datetime) -> str:
        """The upload that the key stands for: this one, unless it was used with another before.
        Of two at once one is recorded and both get it. AccountGone as with tokens."""

    def replace(self, account_id: str, key_hash: str, old: str, new: str) -> bool:
        """Compare-and-set; False if the key does not stand for `old`."""

    def remove_all(self, account_id: str) -> int:
        """Forgets all of the account; says how many."""

    def expire(self, made_before: datetime) -> int:
        """Forgets those claimed before, and says how many."""
