"""Messages: facts, named in the past. A topic is a message's class name; queues subscribe to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import get_args

from gas.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class JobSubmitted:
    job_id: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class JobFinished:
    """COMPLETED or FAILED: what the owner is told by mail."""

    job_id: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """By its owner, who is told by webhook only."""

    job_id: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class ArchiveDue:
    """The grace period may be over, for whatever reason it was begun."""

    job_id: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class ThawDue:
    """A restore may be done."""

    job_id: str
    owner_id: str
    mends: bool = False
    """An operator put back what was damaged: it is tried anew."""


@dataclass(frozen=True, slots=True)
class ResultsMoved:
    """The store did something with a file of this job."""

    job_id: str
    owner_id: str
    what: str
    """A `StoreEventKind`; for the log: who gets this looks for himself."""


@dataclass(frozen=True, slots=True)
class ResultsBack:
    """From cold storage, all of this job's; or it is known that they will not come."""

    job_id: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class AnnouncementDue:
    """An event for one webhook."""

    job_id: str
    """Empty if it is about no job."""
    owner_id: str
    announcement_id: str


@dataclass(frozen=True, slots=True)
class AccountDeleted:
    """Marked so; everything of it is to be removed."""

    account_id: str


@dataclass(frozen=True, slots=True)
class ExportAsked:
    """Somebody wants a copy of all that is theirs."""

    account_id: str
    export_id: str


@dataclass(frozen=True, slots=True)
class PlanChanged:
    account_id: str
    epoch: int
    """Of the plan that it was changed to. A message of an older epoch has been overtaken."""


@dataclass(frozen=True, slots=True)
class RestoreContinued:
    """The change of plan was applied to the jobs up to this one, and goes on past it."""

    account_id: str
    epoch: int
    job_id: str


@dataclass(frozen=True, slots=True)
class BillingChanged:
    """Something about this customer may have changed; the vendor knows what."""

    customer_id: str
    event_id: str = ""
    """The vendor's event that said so, if one did."""


JobMessage = (
    JobSubmitted
    | JobFinished
    | JobCancelled
    | ArchiveDue
    | ThawDue
    | ResultsMoved
    | ResultsBack
    | AnnouncementDue
)
AccountMessage = AccountDeleted | ExportAsked | PlanChanged | RestoreContinued
Message = JobMessage | AccountMessage | BillingChanged


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue as the code wants it. What an operator set since then is kept."""

    name: str
    topics: tuple[str, ...]
    delay_seconds: float = 0.0
    visibility_seconds: float = 30.0
    max_receives: int = 3
    """After so many receives without a delete a message goes to the dead letters."""
    group_limit: int = 0
    """So many messages of one group are in hand at once; 0: any number."""


# Broken engines and dead workers are counted by the step itself. The queue's limit is the last
# resort: an outage of a day (a full disk, a mail server that is down) must not use it up.
ANNOTATE = QueueSpec("annotate", (JobSubmitted.__name__,), max_receives=1000)
NOTIFY = QueueSpec(
    "notify",
    (JobFinished.__name__, PlanChanged.__name__, ResultsBack.__name__),
    max_receives=1000,
)
SETTLE = QueueSpec("settle", (BillingChanged.__name__,), max_receives=1000)
ANNOUNCE = QueueSpec(
    "announce",
    (JobFinished.__name__, JobCancelled.__name__, ResultsBack.__name__),
    max_receives=1000,
)
# Its step gives up by itself after a day. A wait for its webhook is not counted; to be passed over
# since its account is busy is, and that happens all the time.
DELIVER = QueueSpec("deliver", (AnnouncementDue.__name__,), max_receives=100_000)
FORGET = QueueSpec("forget", (AccountDeleted.__name__,), max_receives=1000)
EXPORT = QueueSpec("export", (ExportAsked.__name__,), visibility_seconds=60.0, max_receives=1000)
# Its delay is the grace period, read from the queue by whoever needs it: an operator changes it
# there and nowhere else.
ARCHIVE = QueueSpec(
    "archive",
    (JobFinished.__name__, ArchiveDue.__name__),
    delay_seconds=300.0,
    max_receives=1000,
)
RESTORE = QueueSpec("restore", (PlanChanged.__name__, RestoreContinued.__name__), max_receives=1000)
THAW = QueueSpec("thaw", (ThawDue.__name__, ResultsMoved.__name__), max_receives=1000)
QUEUES = (
    ANNOTATE,
    NOTIFY,
    SETTLE,
    ANNOUNCE,
    DELIVER,
    FORGET,
    EXPORT,
    ARCHIVE,
    RESTORE,
    THAW,
)


def topic_of(message: Message) -> str:
    return type(message).__name__


def job_of(message: Message) -> str:
    """The id of the job that it speaks of; empty if of none."""
    return message.job_id if isinstance(message, JobSubmitted | JobFinished) else ""


def group_of(message: Message) -> str:
    """Whose message it is: a queue takes groups in turn. Empty for what is nobody's."""
    if isinstance(message, JobMessage):
        return message.owner_id
    return message.account_id if isinstance(message, AccountMessage) else ""


def encode(message: Message) -> str:
    told = {"topic": topic_of(message), **fields_of(message)}
    return json.dumps(told, separators=(",", ":"))


def fields_of(message: Message) -> dict[str, str | int]:
    """By name."""
    return {field.name: getattr(message, field.name) for field in fields(message)}


@lru_cache(maxsize=64)  # a worker asks for that of the message in its hand more than once
def decode(body: str) -> Message:
    """The message in `body`; InputError BAD_MESSAGE if it is none of ours."""
    try:
        told = json.loads(body)
        return _types[told.pop("topic")](**told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise bad_message() from error


def decode_job(body: str) -> JobMessage:
    """The same; BAD_MESSAGE too if it speaks of no job."""
    message = decode(body)
    if not isinstance(message, JobMessage):
        raise bad_message()
    return message


def decode_account(body: str) -> AccountMessage:
    """The same; BAD_MESSAGE too if it speaks of no account."""
    message = decode(body)
    if not isinstance(message, AccountMessage):
        raise bad_message()
    return message


def bad_message() -> InputError:
    return InputError(
        "BAD_MESSAGE",
        "A message on a queue cannot be read.",
        cure="Look at it with `gas queue peek`, and remove it.",
    )


_types: dict[str, type[Message]] = {kind.__name__: kind for kind in get_args(Message)}
