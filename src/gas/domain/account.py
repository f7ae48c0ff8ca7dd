"""The account of a person: who they are, their role and their plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from gas.domain.errors import NotFound
from gas.domain.plan import Plan


class Role(StrEnum):
    USER = "user"
    OPERATOR = "operator"  # runs the service: queues, outbox, accounts


class MailKind(StrEnum):
    """What mails are about; a person may do without any of them."""

    COMPLETED = "completed"
    FAILED = "failed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Identity:
    """What an authenticator vouches for. An account is keyed on issuer and subject, never email."""

    issuer: str
    subject: str
    email: str
    """Vouched for as well; empty if it is not."""
    name: str = ""
    institution: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    issuer: str
    subject: str
    email: str
    name: str
    created_at: datetime
    role: Role = Role.USER
    plan: Plan = Plan.FREE
    plan_epoch: int = 1
    """Rises with every change of plan."""
    plan_since: datetime | None = None
    """When the plan changed last; None: it never did."""
    settled_epoch: int = 1
    """The plan of this epoch has been applied to every job that there was."""
    restored_epoch: int = 0
    """Of the plan of which it was told last that all results are back."""
    version: int = 1
    institution: str = ""
    time_zone: str = ""
    """Of the tz database; if empty, times are shown in that of the browser."""
    unwanted_mails: frozenset[MailKind] = frozenset()
    deleted_at: datetime | None = None
    """Dead from then on: nobody signs in to it, nothing new is made for it."""

    def is_mailed(self, *kinds: MailKind) -> bool:
        """There is an address, and mails about these are wanted."""
        return bool(self.email) and self.unwanted_mails.isdisjoint(kinds)


DELETED_ISSUER = "deleted"
"""No authenticator is called so. The identity of a deleted account is free again at once."""


def forgotten(account: Account, now: datetime) -> Account:
    """Marked deleted. Its address stays until its mails are found and removed."""
    return replace(
        account,
        issuer=DELETED_ISSUER,
        subject=account.id,
        name="",
        institution="",
        time_zone="",
        unwanted_mails=frozenset(),
        role=Role.USER,
        deleted_at=now,
        version=account.version + 1,
    )


class AccountGone(NotFound):
    """It was deleted while something for it was under way, of which nothing is kept."""

    def __init__(self) -> None:
        super().__init__(
            "ACCOUNT_DELETED", "The account was deleted.", cure="Sign in again for a new one."
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `id` is the hash of the cookie's value; the value is stored nowhere."""

    id: str
    account_id: str
    created_at: datetime
    expires_at: datetime
    """Use moves it on, up to the end of its life."""
    seen_at: datetime
    """When it was last used, to within minutes."""
    browser: str = ""
    """In plain words: 'Firefox on Linux'."""
    sealed: str = field(default="", repr=False)
    """What the authenticator gave for it; only the authenticator's backend can read it."""
    renew_at: datetime | None = None
    """When the authenticator is to be asked again whether the person is still welcome."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    account: Account
    session: Session
