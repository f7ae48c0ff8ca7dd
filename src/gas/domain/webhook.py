"""Webhooks: an address of an account's own that is told, signed, how its jobs end, and when their
results come back from cold storage.

The signature is that of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over
`id.timestamp.body`. The key is derived from the secret of the site and the webhook's id: nothing
of it is stored, so nothing can be read out of a database.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from gas.domain.job import Job, JobState, ResultsState

SECRET_PREFIX = "whsec_"  # noqa: S105 - what Standard Webhooks puts before every secret
MOST_WEBHOOKS = 5
"""Of one account."""
TRIED_FOR = timedelta(hours=24)
"""An announcement is given up once it is this old."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=2)
GIVEN_UP_IN_A_ROW = 3
"""So many announcements are given up one after the other; then the webhook is switched off."""
GONE = 410
"""The receiver says that nobody is there any more: switched off at once."""


class HookEvent(StrEnum):
    COMPLETED = "job.completed"
    FAILED = "job.failed"
    CANCELLED = "job.cancelled"
    BACK = "results.back"  # from cold storage, all of a job's
    DAMAGED = "results.damaged"  # they will not come back before an operator puts them right
    TEST = "webhook.test"  # asked for on the page; every webhook is told of it


CHOICES = (
    HookEvent.COMPLETED,
    HookEvent.FAILED,
    HookEvent.BACK,
    HookEvent.DAMAGED,
    HookEvent.CANCELLED,
)
"""What a user may choose."""
UNASKED = HookEvent.CANCELLED
"""Whoever cancels knows it: it is not chosen from the start."""
event_by_state = {
    JobState.COMPLETED: HookEvent.COMPLETED,
    JobState.FAILED: HookEvent.FAILED,
    JobState.CANCELLED: HookEvent.CANCELLED,
}
event_by_results_state = {
    ResultsState.AVAILABLE: HookEvent.BACK,
    ResultsState.DAMAGED: HookEvent.DAMAGED,
}
"""Of results that were waited for; the others are still away."""


class AnnouncementState(StrEnum):
    OPEN = "OPEN"  # to be sent, now or after a wait
    TAKEN = "TAKEN"  # the receiver answered 2xx
    GIVEN_UP = "GIVEN_UP"  # tried for TRIED_FOR, or nobody may be told any more


@dataclass(frozen=True, slots=True)
class Webhook:
    id: str
    account_id: str
    url: str
    events: tuple[HookEvent, ...]
    created_at: datetime
    on: bool = True
    given_up: int = 0
    """Announcements given up since one was taken."""
    failures: int = 0
    """Tries in vain since one was taken."""
    not_before: datetime | None = None
    """After a try in vain nothing at all is sent to it until then."""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event, for one webhook. Its id goes out with it and stays the same at every try."""

    id: str
    webhook_id: str
    event: HookEvent
    body: str
    created_at: datetime
    state: AnnouncementState = AnnouncementState.OPEN
    tries: int = 0
    status: int = 0
    """What the receiver answered last; 0 if it did not."""
    trouble: str = ""
    """The code of what was in the way at the last try."""
    tried_at: datetime | None = None
    version: int = 1


def announced(webhook: Webhook, job: Job, *, site_url: str, now: datetime) -> Announcement:
    """What is said of a job that is final: ids, states and times. No name of a file: those tell
    of patients. No link that would open anything."""
    event = event_by_state[job.state]
    data: dict[str, object] = {
        "job_id": job.id,
        "state": job.state.value,
        "reference": job.reference,
        "attempt": job.attempt,
        "created_at": _time(job.created_at),
        "finished_at": _time(job.finished_at) if job.finished_at else None,
        "reason": job.reason.code if job.reason else None,
        "url": f"{site_url}/api/v1/jobs/{job.id}",
    }
    body = _body(event, job.finished_at or now, data)
    return Announcement(f"msg_{webhook.id}_{job.id}", webhook.id, event, body, now)


def announced_results(webhook: Webhook, job: Job, *, site_url: str, now: datetime) -> Announcement:
    """What is said of results that are not away any more. They may come back several times: each
    has an announcement of its own."""
    event = event_by_results_state[job.results_state]
    since = job.results_since or now
    data: dict[str, object] = {
        "job_id": job.id,
        "results_state": job.results_state.value,
        "results_since": _time(since),
        "url": f"{site_url}/api/v1/jobs/{job.id}",
    }
    said_id = f"msg_{webhook.id}_{job.id}_{int(since.timestamp() * 1000)}"
    return Announcement(said_id, webhook.id, event, _body(event, since, data), now)


def announced_test(webhook: Webhook, test_id: str, now: datetime) -> Announcement:
    body = _body(HookEvent.TEST, now, {"webhook_id": webhook.id})
    return Announcement(f"msg_{webhook.id}_{test_id}", webhook.id, HookEvent.TEST, body, now)


def _body(event: HookEvent, at: datetime, data: dict[str, object]) -> str:
    whole = {"type": event.value, "timestamp": _time(at), "data": data}
    return json.dumps(whole, separators=(",", ":"))


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def signing_key(site_secret: bytes, webhook_id: str) -> bytes:
    return hmac.digest(site_secret, b"gas webhook " + webhook_id.encode(), sha256)


def shown_secret(key: bytes) -> str:
    """As its owner gets to see it, once."""
    return SECRET_PREFIX + b64encode(key).decode()


def signed_headers(key: bytes, announcement: Announcement, now: datetime) -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    content = f"{announcement.id}.{stamp}.{announcement.body}".encode()
    signature = b64encode(hmac.digest(key, content, sha256)).decode()
    return {
        "webhook-id": announcement.id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }


def tried(announcement: Announcement, *, status: int, trouble: str, now: datetime) -> Announcement:
    """After a try: TAKEN, OPEN still, or GIVEN_UP."""
    state = AnnouncementState.TAKEN
    if trouble:
        late = now - announcement.created_at >= TRIED_FOR or status == GONE
        # A test is for somebody who looks at it now.
        late |= announcement.event is HookEvent.TEST
        state = AnnouncementState.GIVEN_UP if late else AnnouncementState.OPEN
    return replace(
        announcement,
        state=state,
        tries=announcement.tries + 1,
        status=status,
        trouble=trouble,
        tried_at=now,
        version=announcement.version + 1,
    )


def after(webhook: Webhook, announcement: Announcement, *, wait: timedelta) -> Webhook:
    """What a try means for the webhook: a clean slate, a wait, or the end of it."""
    version = webhook.version + 1
    if announcement.state is AnnouncementState.TAKEN:
        return replace(webhook, given_up=0, failures=0, not_before=None, version=version)
    if announcement.event is HookEvent.TEST:
        return webhook
    counts = announcement.state is AnnouncementState.GIVEN_UP
    given_up = webhook.given_up + counts
    assert announcement.tried_at is not None  # noqa: S101 - it was tried just now
    return replace(
        webhook,
        failures=webhook.failures + 1,
        given_up=given_up,
        on=given_up < GIVEN_UP_IN_A_ROW and announcement.status != GONE,
        not_before=announcement.tried_at + wait,
        version=version,
    )


def wait_after(failures: int, *, share: float) -> timedelta:
    """How long after so many tries in vain: doubled each time, up to LONGEST_WAIT; `share` of it,
    from 0.5 to 1, so that a herd spreads."""
    doubled: timedelta = FIRST_WAIT * 2.0 ** min(max(failures - 1, 0), 20)
    return min(doubled, LONGEST_WAIT) * share
