"""Where accounts, sessions and sign-in links are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gas.domain.account import Account, Identity, Session, SignedIn


class Accounts(Protocol):
    def get(self, account_id: str) -> Account | None:
        """None for one that is marked deleted, as if it were gone."""

    def require_living(self, account_id: str) -> None:
        """AccountGone for one that is marked deleted, or gone. Joins the `together` of the caller:
        it is not marked before that ends. So whatever is written in there is refused, or is found
        by whoever forgets the account."""

    def sign_in(self, identity: Identity, new: Account) -> Account:
        """The account of this issuer and subject; `new` is recorded as such if there is none.
        Of two at once, one is recorded and both get it."""

    def by_subject(self, issuer: str, subject: str) -> Account | None: ...

    def change(self, account: Account) -> bool:
        """Writes it if the store holds version `account.version - 1`; else False."""

    def page(self, *, limit: int, after: str | None = None, email: str = "") -> Sequence[Account]:
        """In order of id, which is that of age, without those marked deleted; those whose email
        contains `email`, in whatever case, as it is written: nothing in it is a wildcard."""

    def mark_deleted(self, account: Account, now: datetime) -> Account | None:
        """Marks it (`domain.account.forgotten`) if the store holds this version; its sessions and
        sign-in links go in the same commit. None, and nothing done, if another change won."""

    def unsettled(self, *, plan_before: datetime, limit: int) -> Sequence[Account]:
        """Whose `settled_epoch` lags behind since before, without those marked deleted; oldest
        change of plan first. For the sweep."""

    def marked(self, account_id: str) -> Account | None:
        """One that is marked deleted and not removed yet."""

    def marked_before(self, moment: datetime, *, limit: int) -> Sequence[Account]:
        """Marked before; oldest first. For the sweep."""

    def remove(self, account_id: str) -> bool:
        """The row, for good, of one that is marked deleted; else nothing happens, and False."""


class Sessions(Protocol):
    def add(self, session: Session) -> None:
        """AccountGone, and nothing written, if its account is marked deleted, or gone. Of this and
        a mark at once one comes after the other; so too wherever else that is raised."""

    def live(self, session_id: str, now: datetime) -> SignedIn | None:
        """With its account, in one query; None if unknown, revoked or expired, and if the
        account is marked deleted."""

    def of(self, account_id: str, now: datetime) -> Sequence[Session]:
        """The live ones of an account, those used last first."""

    def seen(self, session_id: str, at: datetime, expires_at: datetime) -> None:
        """Notes its use; a later note stands. Nothing happens if it is gone."""

    def renew(
        self, session_id: str, *, before: datetime, after: datetime | None, sealed: str
    ) -> bool:
        """Writes what is sealed, and when to renew next, if that was `before` till now. Of two at
        once only one gets True; False too if the session is gone."""

    def remove_of(self, account_id: str) -> None:
        """All of this account."""

    def remove(self, session_id: str) -> None:
        """Signs out; nothing happens if it is gone."""

    def expire(self, now: datetime) -> int:
        """Removes the sessions and sign-in links that ran out, and says how many."""


class SignInLinks(Protocol):
    """One-time links, known by the hash of their token."""

    def add(self, token_hash: str, identity: Identity, expires_at: datetime) -> None: ...

    def take(self, token_hash: str, now: datetime) -> Identity | None:
        """Uses it up; None if unknown, used or expired. Of two at once only one gets it."""
