"""Announce: each event reaches each webhook once, whatever breaks on the way."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gas.domain.job import ResultsState
from gas.domain.messages import JobFinished, ResultsBack
from gas.domain.results import stands
from gas.domain.webhook import AnnouncementState, HookEvent
from journey.hook_steps import (
    URL,
    add_hook,
    announce_one,
    deliver_one,
    finish,
    last,
    taken,
)
from rig import Journey


def test_a_finished_job_is_posted_signed(journey: Journey) -> None:
    webhook = add_hook(journey)
    job_id = finish(journey)
    announce_one(journey)
    deliver_one(journey)
    ((url, body, headers),) = journey.hooks.posts
    assert url == URL
    assert json.loads(body)["type"] == "job.completed"
    assert json.loads(body)["data"]["job_id"] == job_id
    assert headers["webhook-id"] == f"msg_{webhook.id}_{job_id}"
    said = last(journey, webhook)
    assert (said.state, said.status, said.tries) == (AnnouncementState.TAKEN, 200, 1)


def test_a_cancelled_job_too(journey: Journey) -> None:
    add_hook(journey, HookEvent.CANCELLED)
    job = journey.submit(journey.upload())
    journey.cancel(job.id)
    announce_one(journey)
    deliver_one(journey)
    assert json.loads(journey.hooks.posts[0][1])["type"] == "job.cancelled"
    journey.cancel(job.id)
    assert journey.receive("announce") is None, "cancelled once is told once"


def came_back(journey: Journey, job_id: str, state: ResultsState) -> None:
    journey.clock.forward(minutes=1)
    change = stands(journey.job(job_id), state, check_at=None, now=journey.clock())
    assert journey.store.jobs.change(change)
    journey.store.queues.publish(ResultsBack(job_id, journey.account.id))


def test_results_that_come_back_are_told_each_time_and_once(journey: Journey) -> None:
    add_hook(journey, HookEvent.BACK, HookEvent.DAMAGED)
    job_id = finish(journey)
    announce_one(journey)
    for state in (ResultsState.ARCHIVED, ResultsState.AVAILABLE) * 2:
        came_back(journey, job_id, state)
        journey.store.queues.publish(ResultsBack(job_id, journey.account.id))
        announce_one(journey)
        announce_one(journey)
    came_back(journey, job_id, ResultsState.DAMAGED)
    announce_one(journey)
    while delivery := journey.receive("deliver"):
        deliver_one(journey, delivery)
        journey.store.queues.delete(delivery.receipt)
    told = [json.loads(body) for _, body, _ in journey.hooks.posts]
    assert [each["type"] for each in told] == ["results.back"] * 2 + ["results.damaged"]
    assert [each["data"]["results_state"] for each in told] == ["AVAILABLE"] * 2 + ["DAMAGED"]
    assert told[2]["data"]["results_since"] == told[2]["timestamp"]
    assert len({headers["webhook-id"] for _, _, headers in journey.hooks.posts}) == 3


def test_results_that_are_away_again_are_not_told(journey: Journey) -> None:
    add_hook(journey, HookEvent.BACK)
    job_id = finish(journey)
    announce_one(journey)
    came_back(journey, job_id, ResultsState.AVAILABLE)
    change = stands(journey.job(job_id), ResultsState.ARCHIVED, check_at=None, now=journey.clock())
    assert journey.store.jobs.change(change)
    announce_one(journey)
    assert journey.receive("deliver") is None


def test_only_what_was_chosen_and_only_ones_own(journey: Journey) -> None:
    add_hook(journey, HookEvent.FAILED)
    add_hook(journey, owner_id=journey.sign_in("bob@example.org").id)
    finish(journey)
    announce_one(journey)
    assert journey.receive("deliver") is None


def test_one_that_is_off_is_told_nothing(journey: Journey) -> None:
    webhook = add_hook(journey)
    journey.store.webhooks.change(replace(webhook, on=False, version=2))
    finish(journey)
    announce_one(journey)
    assert journey.receive("deliver") is None


def test_doubled_messages_make_one_announcement_and_one_post(journey: Journey) -> None:
    webhook = add_hook(journey)
    job_id = finish(journey)
    journey.store.queues.publish(JobFinished(job_id, journey.account.id))
    announce_one(journey)
    announce_one(journey)
    assert len(journey.store.webhooks.announcements(webhook.id, limit=9)) == 1
    deliver_one(journey)
    deliver_one(journey)
    assert len(journey.hooks.posts) == 1


def test_a_message_that_comes_after_the_job_is_gone_is_done_with(journey: Journey) -> None:
    add_hook(journey)
    journey.store.queues.publish(JobFinished("0" * 26, journey.account.id))
    announce_one(journey)
    assert journey.receive("deliver") is None


def test_a_message_that_comes_after_the_webhook_is_gone_is_done_with(journey: Journey) -> None:
    webhook = add_hook(journey)
    finish(journey)
    announce_one(journey)
    journey.store.webhooks.remove(webhook.id)
    deliver_one(journey)
    assert journey.hooks.posts == []


def test_what_is_switched_off_meanwhile_is_given_up(journey: Journey) -> None:
    webhook = add_hook(journey)
    finish(journey)
    announce_one(journey)
    journey.store.webhooks.change(replace(webhook, on=False, version=2))
    deliver_one(journey)
    assert journey.hooks.posts == []
    assert last(journey, webhook).state is AnnouncementState.GIVEN_UP


def test_a_crash_after_the_post_posts_the_same_again(journey: Journey) -> None:
    add_hook(journey)
    finish(journey)
    announce_one(journey)
    delivery = taken(journey, "deliver")

    def die() -> int:
        raise KeyboardInterrupt  # as good as kill -9: nothing is recorded

    journey.hooks.answer = die
    with pytest.raises(KeyboardInterrupt):
        deliver_one(journey, delivery)
    journey.hooks.answer = lambda: 200
    deliver_one(journey, delivery)
    first, second = journey.hooks.posts
    assert first[1] == second[1]
    assert first[2]["webhook-id"] == second[2]["webhook-id"]


def test_a_crash_between_the_announcement_and_its_message_loses_nothing(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = add_hook(journey)
    finish(journey)
    delivery = taken(journey, "announce")
    with monkeypatch.context() as broken:
        broken.setattr(journey.store.queues, "publish", _die)
        with pytest.raises(KeyboardInterrupt):
            announce_one(journey, delivery)
    assert journey.store.webhooks.announcements(webhook.id, limit=9) == []
    announce_one(journey, delivery)
    deliver_one(journey)
    assert len(journey.hooks.posts) == 1


def _die(message: object) -> None:
    raise KeyboardInterrupt
