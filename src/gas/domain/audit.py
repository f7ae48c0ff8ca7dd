"""What is written down of who did what: entries of the audit log, which only ever grows.

An entry names accounts by their id, and anything else by a digest: whoever has a job's id finds
its entries, and once the job is gone its id stands nowhere. Never tokens, links, addresses, names
of people or of files.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

TERMINAL = "terminal"
"""The operator at the terminal: whoever may run `gas` on the machine."""
SYSTEM = "system"
VISITOR = "visitor"
"""Somebody who is not signed in."""
ACCOUNT = "account"
"""The one kind of thing that is named by its id."""
BEGINNING = "0" * 64
"""What the first entry has for the hash of the one before it."""
DIGEST_LETTERS = 20


class AuditOutcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"  # not allowed, not there, not in this state
    FAILED = "failed"  # the service broke


@dataclass(frozen=True, slots=True)
class Deed:
    """What shall be written down."""

    actor: str
    """An account's id, TERMINAL, SYSTEM or VISITOR."""
    action: str
    """'job.deleted': stable, listed in docs/privacy.md."""
    kind: str = ""
    """Of the thing that it was done to: 'job', 'account'."""
    thing: str = ""
    """See `mark`."""
    outcome: AuditOutcome = AuditOutcome.DONE
    detail: str = ""
    """A code, a plan, names of fields, a count; nothing that a person typed."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    number: int
    """From 1, without a gap."""
    at: datetime
    deed: Deed
    hash: str
    """Of this entry and of the hash before it, so that nothing can be changed in between."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found."""

    entries: int
    last_hash: str
    """Noted down elsewhere, it shows later that nothing was cut off at the end."""
    broken_at: int | None
    """Number of the first entry that does not fit, or is missing."""


def mark(kind: str, thing_id: str) -> str:
    """How an entry names a thing."""
    if kind == ACCOUNT or not thing_id:
        return thing_id
    return hashlib.sha256(f"{kind}/{thing_id}".encode(errors="replace")).hexdigest()[
        :DIGEST_LETTERS
    ]


def deed(
    actor: str,
    action: str,
    *,
    kind: str = "",
    thing_id: str = "",
    outcome: AuditOutcome = AuditOutcome.DONE,
    detail: str = "",
) -> Deed:
    return Deed(actor, action, kind, mark(kind, thing_id), outcome, detail)


def chained(before: str, number: int, at: datetime, told: Deed) -> str:
    """SHA-256 of the hash before and of all that the entry says."""
    said = [number, at.astimezone(UTC).isoformat(timespec="microseconds")]
    said += [told.actor, told.action, told.kind, told.thing, told.outcome.value, told.detail]
    text = json.dumps([before, *said], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
