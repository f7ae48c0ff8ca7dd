"""Webhooks: the signature others expect, what is said, when it is tried again and when no more."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gas.domain.errors import Reason
from gas.domain.job import FileKind, Job, JobFile, JobState
from gas.domain.webhook import (
    GIVEN_UP_IN_A_ROW,
    Announcement,
    AnnouncementState,
    HookEvent,
    Webhook,
    after,
    announced,
    announced_test,
    shown_secret,
    signed_headers,
    signing_key,
    tried,
    wait_after,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOOK = Webhook("h" * 26, "ada", "https://lab.example.org", (HookEvent.FAILED,), NOW)
JOB = Job(
    "j" * 26,
    "ada",
    "key",
    JobFile(FileKind.INPUT, "Maria_Muster_BRCA.vcf", "inputs/ada/x", 1, "0" * 64),
    "demo",
    NOW,
    state=JobState.FAILED,
    finished_at=NOW,
    reason=Reason("BAD_HEADER", "The header of Maria_Muster_BRCA.vcf is bad.", "line 1"),
)
SAID = announced(HOOK, JOB, site_url="https://gas.example.org", now=NOW)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of the specification, and of its libraries.
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    said = replace(SAID, id="msg_p5jXN8AQM9LWM0D4loKWxJek", body='{"test": 2432232314}')
    headers = signed_headers(key, said, datetime.fromtimestamp(1614265330, UTC))
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_webhook_has_a_secret_of_its_own() -> None:
    keys = {signing_key(secret, name) for secret in (b"a", b"b") for name in ("1", "2")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert shown_secret(b"\0" * 32) == "whsec_" + "A" * 43 + "="


def test_what_is_said_names_no_file_and_opens_nothing() -> None:
    assert "Maria" not in SAID.body
    assert json.loads(SAID.body) == {
        "type": "job.failed",
        "timestamp": "2026-01-02T03:04:05Z",
        "data": {
            "job_id": JOB.id,
            "state": "FAILED",
            "reference": "demo",
            "attempt": 0,
            "created_at": "2026-01-02T03:04:05Z",
            "finished_at": "2026-01-02T03:04:05Z",
            "reason": "BAD_HEADER",
            "url": f"https://gas.example.org/api/v1/jobs/{JOB.id}",
        },
    }


def try_it(status: int, *, hours: float = 0, said: Announcement = SAID) -> Announcement:
    trouble = "" if status == 200 else "HOOK_REFUSED"
    return tried(said, status=status, trouble=trouble, now=NOW + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("status", "hours", "state"),
    [
        (200, 0, AnnouncementState.TAKEN),
        (200, 30, AnnouncementState.TAKEN),
        (500, 23.9, AnnouncementState.OPEN),
        (302, 0, AnnouncementState.OPEN),
        (500, 24, AnnouncementState.GIVEN_UP),
        (410, 0, AnnouncementState.GIVEN_UP),
    ],
)
def test_it_is_tried_for_a_day(status: int, hours: float, state: AnnouncementState) -> None:
    done = try_it(status, hours=hours)
    assert (done.state, done.tries, done.status, done.version) == (state, 1, status, 2)


def test_a_webhook_that_takes_nothing_is_switched_off() -> None:
    hook = HOOK
    for number in range(GIVEN_UP_IN_A_ROW):
        assert hook.on, number
        hook = after(hook, try_it(500, hours=24), wait=timedelta(seconds=10))
    assert not hook.on
    assert hook.not_before == NOW + timedelta(hours=24, seconds=10)


def test_one_that_takes_again_begins_anew() -> None:
    hook = replace(HOOK, failures=9, given_up=GIVEN_UP_IN_A_ROW - 1, not_before=NOW)
    hook = after(hook, try_it(200), wait=timedelta(0))
    assert (hook.failures, hook.given_up, hook.not_before) == (0, 0, None)


def test_one_that_is_gone_is_switched_off_at_once() -> None:
    assert not after(HOOK, try_it(410), wait=timedelta(0)).on


def test_a_test_in_vain_is_given_up_and_counts_for_nothing() -> None:
    done = try_it(500, said=announced_test(HOOK, "t" * 26, NOW))
    assert done.state is AnnouncementState.GIVEN_UP
    assert after(HOOK, done, wait=timedelta(hours=1)) == HOOK


def test_waits_grow_to_two_hours() -> None:
    seconds = [wait_after(n, share=1.0).total_seconds() for n in (1, 2, 3, 10, 11, 10_000)]
    assert seconds == [10, 20, 40, 5120, 7200, 7200]
    assert wait_after(1, share=0.5) == timedelta(seconds=5)
