"""Webhooks of an account: made, tried out, switched on again, revoked, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.domain.errors import Conflict, InputError
from gas.domain.ids import new_id
from gas.domain.webhook import (
    CHOICES,
    MOST_WEBHOOKS,
    UNASKED,
    Announcement,
    HookEvent,
    Webhook,
    shown_secret,
    signing_key,
)
from gas.journey.announce import announce_test
from gas.ports.webhooks import own_webhook
from gas.web.rates import require_rate
from gas.web.wired import me, services

pages = Blueprint("webhooks", __name__, url_prefix="/account/webhooks")
SHOWN = 10
sentence_by_event = {
    HookEvent.COMPLETED: "A job completed",
    HookEvent.FAILED: "A job failed",
    HookEvent.CANCELLED: "A job was cancelled",
    HookEvent.BACK: "Archived results are back",
    HookEvent.DAMAGED: "Results turned out damaged",
    HookEvent.TEST: "Test",
}
sentence_by_trouble = {
    "HOOK_REFUSED": "not taken",
    "HOOK_SILENT": "no answer",
    "HOOK_URL": "address not allowed",
    "HOOK_ADDRESS": "host not on the public internet",
    "HOOK_OFF": "switched off",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A webhook with what was announced to it last."""

    webhook: Webhook
    announcements: tuple[Announcement, ...]


@pages.get("")
def mine() -> str:
    return _page()


@pages.post("")
def add() -> tuple[str, int]:
    """The answer shows the secret, this once."""
    chosen = request.form.getlist("events")
    webhook = add_webhook(request.form.get("url", "").strip(), chosen)
    return _page(made=webhook), 201


@pages.post("/<webhook_id>/test")
def test(webhook_id: str) -> Response:
    try_out(_own(webhook_id))
    return _back()


@pages.post("/<webhook_id>/on")
def switch_on(webhook_id: str) -> Response:
    """With a clean slate; lost to another change, it is tried again by who looks at the page."""
    webhook = _own(webhook_id)
    version = webhook.version + 1
    clean = replace(webhook, on=True, given_up=0, failures=0, not_before=None, version=version)
    services().webhooks.change(clean)
    return _back()


@pages.post("/<webhook_id>/revoke")
def revoke(webhook_id: str) -> Response:
    services().webhooks.remove(_own(webhook_id).id)
    return _back()


def add_webhook(url: str, events: list[str]) -> Webhook:
    """A new one of who is signed in. InputError, or Conflict if there are too many."""
    wired = services()
    wired.hook_sender.check(url)
    names = {choice.value for choice in CHOICES}
    if not events or not set(events) <= names:
        raise InputError(
            "HOOK_EVENTS",
            "The webhook would be told of nothing, or of something that there is not.",
            place="events",
            cure=f"Choose one or more of {', '.join(sorted(names))}.",
        )
    now = wired.clock()
    chosen = tuple(choice for choice in CHOICES if choice.value in events)
    webhook = Webhook(new_id(now), me().id, url, chosen, now)
    if not wired.webhooks.add(webhook, most=MOST_WEBHOOKS):
        raise Conflict(
            "TOO_MANY_WEBHOOKS",
            f"You have {MOST_WEBHOOKS} webhooks already.",
            cure="Revoke one of them first.",
        )
    g.made_id = webhook.id  # for the audit log
    return webhook


def try_out(webhook: Webhook) -> None:
    """Has a test posted to it. Refusal 429 for who asks too often: by the pages or the API."""
    wired = services()
    require_rate("hook-tests", webhook.account_id, wired.rates.hook_tests_per_minute)
    announce_test(
        webhook,
        new_id(wired.clock()),
        webhooks=wired.webhooks,
        queues=wired.queues,
        together=wired.together,
        clock=wired.clock,
    )


def secret_of(webhook: Webhook) -> str:
    return shown_secret(signing_key(services().site.secret_key, webhook.id))


def shown_webhooks() -> list[Shown]:
    """For `parts/account_webhooks.html`, wherever it is included."""
    kept = services().webhooks
    return [
        Shown(webhook, tuple(kept.announcements(webhook.id, limit=SHOWN)))
        for webhook in kept.owned_by(me().id)
    ]


def _page(made: Webhook | None = None) -> str:
    return render_template(
        "webhooks.html",
        webhooks=shown_webhooks(),
        made=made,
        secret=secret_of(made) if made else "",
        choices=CHOICES,
        unasked=UNASKED,
        most=MOST_WEBHOOKS,
        event_words=sentence_by_event,
        trouble_words=sentence_by_trouble,
    )


def _own(webhook_id: str) -> Webhook:
    return own_webhook(services().webhooks.get(webhook_id), me().id)


def _back() -> Response:
    return redirect(url_for("webhooks.mine"), 303)
