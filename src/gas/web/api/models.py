"""What the API takes and gives. What it takes is strict: an unknown field is refused.

The docstrings and descriptions are the reference of the API: they go into its OpenAPI document.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gas.domain.tokens import DEFAULT_DAYS, MAX_DAYS, MAX_NAME_LETTERS

Option = Literal["haplotypes", "ann", "keep_csq"]
ScopeName = Literal["jobs:read", "jobs:write", "account:read", "tokens:write"]
State = Literal["PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"]
Moment = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-01-02T03:04:05.678Z"])
]
"""ISO 8601, UTC, ending in Z."""


def _whole(value: object) -> object:
    """JSON has one kind of number: 90.0 is an integer to JSON Schema, and to many programs."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
Id = Annotated[str, Field(pattern="^[0-9abcdefghjkmnpqrstvwxyz]{26}$")]
Text = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]


class Given(BaseModel):
    """What comes in."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Shown(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True)


class InvalidField(Shown):
    place: str = Field(description="Where: `size_bytes`, `options.0`.")
    message: str


class Problem(Shown):
    """Anything that went wrong, after RFC 9457, as `application/problem+json`."""

    type: str = "about:blank"
    title: str = Field(description="The phrase of the status.")
    status: int
    detail: str = Field(description="What is wrong, for a person.")
    instance: str = Field(description="The path that was asked for.")
    code: str = Field(description="What is wrong, for a program: stable, one of docs/errors.md.")
    place: str = Field("", description="Where: `line 12`, or empty.")
    cure: str = Field("", description="What to do about it.")
    request_id: str = Field("", description="The number of this error, when the service broke.")
    fields: list[InvalidField] = Field(
        [], description="What does not fit, when a request is not valid."
    )


class References(Shown):
    references: list[Reference]


class Reference(Shown):
    name: str
    title: str
    release: str
    notes: str
    contigs: dict[str, int] = Field(description="Length in bases by contig.")
    known: list[KnownSource]


class KnownSource(Shown):
    """Known variants of a reference."""

    name: str
    release: str
    records: int


class NewUpload(Given):
    name: Text = Field(examples=["patient.vcf.gz"])
    size_bytes: Whole = Field(ge=1, le=2**53, examples=[1234])


class Upload(Shown):
    """A file on its way in. All parts have `part_bytes` but the last."""

    id: str
    name: str
    size_bytes: int
    part_bytes: int
    part_count: int
    parts: list[int] = Field(description="Numbers of the parts that are here, from 1.")
    finished: bool
    begun_at: Moment


class Uploads(Shown):
    uploads: list[Upload] = Field(description="Those not finished, oldest first.")


class NewJob(Given):
    upload_id: Id
    reference: Text = Field(examples=["grch38"])
    options: list[Option] = Field([], max_length=3)


class Again(Given):
    """What is left out stays as it was."""

    reference: Text | None = None
    options: list[Option] | None = Field(None, max_length=3)


class Input(Shown):
    name: str
    size_bytes: int
    sha256: str


class Progress(Shown):
    stage: str
    fraction: float = Field(ge=0, le=1)


class Reason(Shown):
    """Why a job FAILED."""

    code: str
    message: str
    place: str
    cure: str


class Count(Shown):
    name: str
    value: int


class Links(Shown):
    self: str = Field(description="This job in the API.")
    page: str = Field(description="This job's page, for people.")


class Job(Shown):
    id: str
    state: State
    results_state: Literal["AVAILABLE", "ARCHIVED", "RESTORING", "DAMAGED"] = Field(
        description="Of a COMPLETED job: whether the results can be downloaded."
    )
    results_since: Moment | None = Field(description="Since when they are in this state.")
    available_until: Moment | None = Field(
        description="They can be downloaded until then; null if no end is set."
    )
    reference: str
    options: list[Option]
    input: Input
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    attempt: int
    progress: Progress
    position: int | None = Field(description="In the queue, 1 is next; null unless PENDING.")
    reason: Reason | None
    counts: list[Count]
    links: Links


class Jobs(Shown):
    jobs: list[Job] = Field(description="Newest first.")
    next: str | None = Field(description="The cursor of the next page; null at the end.")


class JobsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")
    limit: int = Field(20, ge=1, le=100)
    cursor: Id | None = None
    state: State | None = None


class Event(Shown):
    at: Moment
    kind: str
    attempt: int
    detail: str


class Events(Shown):
    events: list[Event] = Field(description="Oldest first.")


class File(Shown):
    kind: str
    name: str
    size_bytes: int
    sha256: str
    refused: str | None = Field(
        description="Why there is no link to it now: RESULTS_ARCHIVED, RESULTS_RESTORING or"
        " RESULTS_DAMAGED; null if there is."
    )


class Results(Shown):
    """The results, the log, and the input."""

    files: list[File]


class NewLink(Given):
    name: Text = Field(examples=["patient.annot.vcf.gz"])


class Link(Shown):
    """Needs no token: whoever has it may download until it expires."""

    url: str
    expires_at: Moment


class Limits(Shown):
    input_bytes: int
    open_uploads: int


class NewToken(Given):
    name: str = Field(min_length=1, max_length=MAX_NAME_LETTERS, examples=["nightly pipeline"])
    scopes: list[ScopeName] = Field(min_length=1, max_length=4)
    days: Whole = Field(DEFAULT_DAYS, ge=1, le=MAX_DAYS)


class Token(Shown):
    id: str
    name: str
    scopes: list[ScopeName]
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None = Field(description="To five minutes.")


class MadeToken(Token):
    token: str = Field(description="Shown this once.")


class Tokens(Shown):
    tokens: list[Token]


class Account(Shown):
    id: str
    email: str
    name: str
    role: str
    plan: str
    created_at: Moment
    limits: Limits
    token: Token = Field(description="The token that asks.")


class UploadPath(BaseModel):
    upload_id: str


class PartPath(BaseModel):
    upload_id: str
    number: int = Field(ge=1, description="From 1.")


class JobPath(BaseModel):
    job_id: str


class TokenPath(BaseModel):
    token_id: str


class KeyHeader(BaseModel):
    idempotency_key: str | None = Field(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="The same key of the same account is the same job, for seven days.",
    )


class KnownHeader(BaseModel):
    if_none_match: str | None = Field(
        None, alias="If-None-Match", description="The ETag of an answer that you have."
    )
