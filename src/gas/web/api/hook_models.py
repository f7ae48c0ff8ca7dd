"""What the API takes and gives of webhooks; see `models` for the rest."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gas.domain.webhook import MOST_WEBHOOKS
from gas.web.api.models import Given, Moment, Shown

EventName = Literal[
    "job.completed", "job.failed", "results.back", "results.damaged", "job.cancelled"
]
SaidName = EventName | Literal["webhook.test"]
StateName = Literal["OPEN", "TAKEN", "GIVEN_UP"]


class NewWebhook(Given):
    url: str = Field(min_length=1, max_length=2000, examples=["https://lab.example.org/gas"])
    events: list[EventName] = Field(min_length=1, max_length=5)


class Webhook(Shown):
    """An address of yours that is told how your jobs end, and when results are back."""

    id: str
    url: str
    events: list[EventName]
    on: bool = Field(description="Off: it took nothing for days, and is told nothing more.")
    failures: int = Field(description="Tries in vain since one was taken.")
    not_before: Moment | None = Field(description="Nothing is posted to it until then.")
    created_at: Moment


class MadeWebhook(Webhook):
    secret: str = Field(description="What its posts are signed with. Shown this once.")


class Webhooks(Shown):
    webhooks: list[Webhook] = Field(
        description=f"Oldest first; {MOST_WEBHOOKS} at most.",
    )


class Announcement(Shown):
    """One event, for one webhook."""

    id: str = Field(description="Goes out as `webhook-id`, the same at every try.")
    event: SaidName
    state: StateName
    tries: int
    status: int = Field(description="What was answered last; 0 if nothing was.")
    trouble: str = Field(description="The code of what was in the way, or empty.")
    created_at: Moment
    tried_at: Moment | None


class Announcements(Shown):
    announcements: list[Announcement] = Field(description="The last ones, newest first.")
