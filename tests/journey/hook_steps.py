"""The steps of webhooks, one message at a time, as a test asks for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from gas.domain.errors import Later
from gas.domain.ids import new_id
from gas.domain.webhook import CHOICES, Announcement, HookEvent, Webhook
from gas.journey.announce import announce
from gas.journey.deliver import Dispatch, deliver
from gas.ports.queues import Delivery
from rig import Journey

URL = "https://lab.example.org/hook?key=canary"


def add_hook(journey: Journey, *events: HookEvent, owner_id: str = "") -> Webhook:
    now = journey.clock()
    owner_id = owner_id or journey.account.id
    webhook = Webhook(new_id(now), owner_id, URL, events or CHOICES, now)
    assert journey.store.webhooks.add(webhook, most=99)
    return webhook


def finish(journey: Journey) -> str:
    job = journey.submit(journey.upload())
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    journey.store.queues.delete(delivery.receipt)
    return job.id


def taken(journey: Journey, queue: str) -> Delivery:
    delivery = journey.receive(queue)
    assert delivery is not None, f"nothing in {queue}"
    return delivery


def announce_one(journey: Journey, delivery: Delivery | None = None) -> None:
    delivery = delivery or taken(journey, "announce")
    announce(
        delivery,
        jobs=journey.store.jobs,
        webhooks=journey.store.webhooks,
        queues=journey.store.queues,
        together=journey.store.together,
        site_url="https://gas.example.org",
        clock=journey.clock,
    )
    journey.store.queues.delete(delivery.receipt)


def deliver_one(journey: Journey, delivery: Delivery | None = None) -> None:
    dispatch = Dispatch(
        webhooks=journey.store.webhooks,
        sender=journey.hooks,
        accounts=journey.store.accounts,
        mail=journey.postbox,
        site_secret=b"k" * 32,
        site_url="https://gas.example.org",
        clock=journey.clock,
    )
    deliver(delivery or taken(journey, "deliver"), dispatch)


def last(journey: Journey, webhook: Webhook) -> Announcement:
    return journey.store.webhooks.announcements(webhook.id, limit=1)[0]


def now_of(journey: Journey, webhook: Webhook) -> Webhook:
    found = journey.store.webhooks.get(webhook.id)
    assert found is not None
    return found


def answer_with(status: int) -> Callable[[], int]:
    return lambda: status


def try_for(journey: Journey, span: timedelta) -> int:
    """Delivers what is due, again and again, as late as it is told to; says how often."""
    until = journey.clock() + span
    while journey.clock() <= until:
        delivery = taken(journey, "deliver")
        try:
            deliver_one(journey, delivery)
        except Later as later:
            journey.store.queues.release(delivery.receipt, later.seconds)
            journey.clock.forward(seconds=later.seconds + 0.001)
        else:
            journey.store.queues.delete(delivery.receipt)
            break
    return len(journey.hooks.posts)
