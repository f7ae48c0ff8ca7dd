"""What the API answers, parsed at once. Fields that this version does not know are passed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from gas.client.errors import ClientError

Fields = Mapping[str, Any]
T = TypeVar("T")
FINAL = frozenset({"COMPLETED", "FAILED", "CANCELLED"})


@dataclass(frozen=True, slots=True)
class Reference:
    name: str
    title: str
    release: str


@dataclass(frozen=True, slots=True)
class Upload:
    id: str
    name: str
    size_bytes: int
    part_bytes: int
    part_count: int
    parts: tuple[int, ...]
    """Numbers of those that are there, from 1."""
    finished: bool

    @property
    def missing(self) -> list[int]:
        return sorted(set(range(1, self.part_count + 1)) - set(self.parts))


@dataclass(frozen=True, slots=True)
class Progress:
    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a job FAILED."""

    code: str
    message: str
    place: str
    cure: str


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    state: str
    """PENDING, RUNNING, COMPLETED, FAILED or CANCELLED."""
    results_state: str
    """AVAILABLE, ARCHIVED, RESTORING or DAMAGED."""
    results_since: datetime | None
    available_until: datetime | None
    """The results can be downloaded until then; None: no end is set."""
    reference: str
    options: tuple[str, ...]
    input_name: str
    input_bytes: int
    input_sha256: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempt: int
    progress: Progress
    position: int | None
    """In the queue, 1 is next; None unless PENDING."""
    reason: Reason | None
    counts: tuple[tuple[str, int], ...]
    page: str
    """For people."""

    @property
    def final(self) -> bool:
        return self.state in FINAL


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    kind: str
    attempt: int
    detail: str


@dataclass(frozen=True, slots=True)
class ResultFile:
    kind: str
    name: str
    size_bytes: int
    sha256: str
    refused: str | None = None
    """The code that says why it cannot be downloaded now; None if it can."""


@dataclass(frozen=True, slots=True)
class Account:
    email: str
    name: str
    plan: str
    input_bytes: int
    """The largest input that the plan allows."""


def parsed(parse: Callable[[Any], T], answer: object) -> T:
    """ClientError BAD_ANSWER if it is not what the API promises."""
    try:
        return parse(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise bad_answer() from error


def bad_answer() -> ClientError:
    return ClientError(
        "BAD_ANSWER",
        "The service answered something that is not the API of GAS.",
        cure="See that the address is that of a GAS, and that this client is not too old for it.",
    )


def reference_of(fields: Fields) -> Reference:
    return Reference(str(fields["name"]), str(fields["title"]), str(fields.get("release", "")))


def upload_of(fields: Fields) -> Upload:
    return Upload(
        id=str(fields["id"]),
        name=str(fields["name"]),
        size_bytes=int(fields["size_bytes"]),
        part_bytes=int(fields["part_bytes"]),
        part_count=int(fields["part_count"]),
        parts=tuple(int(number) for number in fields["parts"]),
        finished=bool(fields["finished"]),
    )


def job_of(fields: Fields) -> Job:
    given, progress, reason = fields["input"], fields["progress"], fields["reason"]
    return Job(
        id=str(fields["id"]),
        state=str(fields["state"]),
        results_state=str(fields["results_state"]),
        results_since=_maybe_time(fields.get("results_since")),
        available_until=_maybe_time(fields.get("available_until")),
        reference=str(fields["reference"]),
        options=tuple(map(str, fields["options"])),
        input_name=str(given["name"]),
        input_bytes=int(given["size_bytes"]),
        input_sha256=str(given["sha256"]),
        created_at=_time(fields["created_at"]),
        started_at=_maybe_time(fields["started_at"]),
        finished_at=_maybe_time(fields["finished_at"]),
        attempt=int(fields["attempt"]),
        progress=Progress(str(progress["stage"]), float(progress["fraction"])),
        position=None if fields["position"] is None else int(fields["position"]),
        reason=_reason(reason) if reason else None,
        counts=tuple((str(it["name"]), int(it["value"])) for it in fields["counts"]),
        page=str(fields["links"]["page"]),
    )


def event_of(fields: Fields) -> Event:
    return Event(
        _time(fields["at"]), str(fields["kind"]), int(fields["attempt"]), str(fields["detail"])
    )


def file_of(fields: Fields) -> ResultFile:
    refused = fields.get("refused")
    return ResultFile(
        kind=str(fields["kind"]),
        name=str(fields["name"]),
        size_bytes=int(fields["size_bytes"]),
        sha256=str(fields["sha256"]),
        refused=None if refused is None else str(refused),
    )


def account_of(fields: Fields) -> Account:
    return Account(
        email=str(fields["email"]),
        name=str(fields["name"]),
        plan=str(fields["plan"]),
        input_bytes=int(fields["limits"]["input_bytes"]),
    )


def many(parse: Callable[[Fields], T], name: str) -> Callable[[Any], Sequence[T]]:
    """Parses the list in field `name`."""
    return lambda fields: [parse(one) for one in fields[name]]


def _reason(fields: Fields) -> Reason:
    return Reason(
        str(fields["code"]), str(fields["message"]), str(fields["place"]), str(fields["cure"])
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe_time(text: str | None) -> datetime | None:
    return None if text is None else _time(text)
