"""Deliver: tried again ever more seldom, given up, switched off; and nobody else waits for it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gas.domain.errors import InputError, Later, Unavailable
from gas.domain.ids import new_id
from gas.domain.messages import JobSubmitted
from gas.domain.webhook import GIVEN_UP_IN_A_ROW, AnnouncementState
from gas.journey.announce import announce_test
from journey.hook_steps import (
    add_hook,
    announce_one,
    answer_with,
    deliver_one,
    finish,
    last,
    now_of,
    taken,
    try_for,
)
from rig import Journey


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
def test_what_is_not_taken_comes_back(journey: Journey, status: int) -> None:
    webhook = add_hook(journey)
    finish(journey)
    announce_one(journey)
    delivery = taken(journey, "deliver")
    journey.hooks.answer = answer_with(status)
    with pytest.raises(Later) as raised:
        deliver_one(journey, delivery)
    assert 5 <= raised.value.seconds <= 10
    said = last(journey, webhook)
    assert (said.state, said.status, said.trouble) == (
        AnnouncementState.OPEN,
        status,
        "HOOK_REFUSED",
    )
    journey.hooks.answer = lambda: 204
    journey.clock.forward(seconds=11)
    deliver_one(journey, delivery)
    assert last(journey, webhook).state is AnnouncementState.TAKEN
    assert now_of(journey, webhook).failures == 0


@pytest.mark.parametrize("kind", [Unavailable, InputError])
def test_one_that_cannot_be_posted_to_comes_back_with_the_reason(
    journey: Journey, kind: type[Unavailable] | type[InputError]
) -> None:
    webhook = add_hook(journey)
    finish(journey)
    announce_one(journey)

    def refuse() -> int:
        raise kind("HOOK_SOMETHING", "No.")

    journey.hooks.answer = refuse
    with pytest.raises(Later):
        deliver_one(journey)
    assert last(journey, webhook).trouble == "HOOK_SOMETHING"


def test_while_a_webhook_waits_nothing_else_is_posted_to_it(journey: Journey) -> None:
    """A receiver that hangs would otherwise take a thread for each of a thousand jobs."""
    add_hook(journey)
    finish(journey)
    finish(journey)
    announce_one(journey)
    announce_one(journey)
    journey.hooks.answer = answer_with(500)
    with pytest.raises(Later):
        deliver_one(journey)
    with pytest.raises(Later):
        deliver_one(journey)
    assert len(journey.hooks.posts) == 1


def test_it_is_tried_about_twenty_times_in_a_day_and_then_given_up(journey: Journey) -> None:
    webhook = add_hook(journey)
    finish(journey)
    announce_one(journey)
    journey.hooks.answer = answer_with(500)
    tries = try_for(journey, timedelta(days=9))
    assert 18 <= tries <= 32
    assert last(journey, webhook).state is AnnouncementState.GIVEN_UP
    assert last(journey, webhook).tries == tries
    assert now_of(journey, webhook).on


def test_after_some_given_up_it_is_switched_off_and_the_owner_told_once(journey: Journey) -> None:
    webhook = add_hook(journey)
    journey.hooks.answer = answer_with(500)
    for _ in range(GIVEN_UP_IN_A_ROW):
        finish(journey)
        announce_one(journey)
        try_for(journey, timedelta(days=9))
    assert not now_of(journey, webhook).on
    (mail,) = journey.postbox.sent
    assert mail.to == "ada@example.org"
    assert "lab.example.org" in mail.text
    assert "/account/webhooks" in mail.text
    assert "canary" not in mail.text + mail.html


def test_a_receiver_that_is_gone_is_told_no_more(journey: Journey) -> None:
    webhook = add_hook(journey)
    finish(journey)
    announce_one(journey)
    journey.hooks.answer = answer_with(410)
    deliver_one(journey)
    assert not now_of(journey, webhook).on
    assert len(journey.postbox.sent) == 1


def test_a_mail_that_cannot_go_holds_nothing_up(journey: Journey) -> None:
    webhook = add_hook(journey)
    finish(journey)
    announce_one(journey)
    journey.hooks.answer = answer_with(410)

    def refuse() -> None:
        raise Unavailable("MAIL_UNAVAILABLE", "No answer.")

    journey.postbox.before = refuse
    deliver_one(journey)
    assert not now_of(journey, webhook).on


def test_a_rival_that_changed_the_webhook_meanwhile_costs_no_count(journey: Journey) -> None:
    webhook = add_hook(journey)
    finish(journey)
    announce_one(journey)

    def rival() -> int:
        journey.store.webhooks.change(replace(webhook, failures=5, version=2))
        return 500

    journey.hooks.answer = rival
    with pytest.raises(Later):
        deliver_one(journey)
    assert now_of(journey, webhook).failures == 6


def test_a_test_is_posted_even_to_one_that_is_off_and_once(journey: Journey) -> None:
    webhook = add_hook(journey)
    journey.store.webhooks.change(replace(webhook, on=False, version=2))
    announce_test(
        webhook,
        new_id(journey.clock()),
        webhooks=journey.store.webhooks,
        queues=journey.store.queues,
        together=journey.store.together,
        clock=journey.clock,
    )
    journey.hooks.answer = answer_with(500)
    deliver_one(journey)
    assert json.loads(journey.hooks.posts[0][1])["type"] == "webhook.test"
    assert last(journey, webhook).state is AnnouncementState.GIVEN_UP


def test_a_message_of_another_topic_is_refused(journey: Journey) -> None:
    journey.submit(journey.upload())
    delivery = taken(journey, "annotate")
    for run in (announce_one, deliver_one):
        with pytest.raises(InputError, match="BAD_MESSAGE"):
            run(journey, delivery)
    assert JobSubmitted.__name__ in delivery.body
