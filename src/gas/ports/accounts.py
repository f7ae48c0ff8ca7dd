"""Where accounts, sessions and sign-in links are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gas.domain.account import Account, Identity, Session


class Accounts(Protocol):
    def get(self, account_id: str) -> Account | None: ...

    def sign_in(self, identity: Identity, new: Account) -> Account:
        """The account of this issuer and subject; `new` is recorded as such if there is none.
        Of two at once, one is recorded and both get it."""

    def by_subject(self, issuer: str, subject: str) -> Account | None: ...

    def change(self, account: Account) -> bool:
        """Writes it if the store holds version `account.version - 1`; else False."""

    def page(self, *, limit: int, after: str | None = None, email: str = "") -> Sequence[Account]:
        """In order of id, which is that of age; those whose email contains `email`, in whatever
        case, as it is written: nothing in it is a wildcard."""


class Sessions(Protocol):
    def add(self, session: Session) -> None: ...

    def account(self, session_id: str, now: datetime) -> Account | None:
        """The account of a live session, in one query; None if unknown, revoked or expired."""

    def remove(self, session_id: str) -> None:
        """Signs out; nothing happens if it is gone."""

    def expire(self, now: datetime) -> int:
        """Removes the sessions and sign-in links that ran out, and says how many."""


class SignInLinks(Protocol):
    """One-time links, known by the hash of their token."""

    def add(self, token_hash: str, identity: Identity, expires_at: datetime) -> None: ...

    def take(self, token_hash: str, now: datetime) -> Identity | None:
        """Uses it up; None if unknown, used or expired. Of two at once only one gets it."""
