"""Webhooks made, tried out and revoked by a program. They outlive its token, hence the scope."""

from __future__ import annotations

from typing import cast

from flask import Response, url_for
from pydantic import BaseModel

from gas.domain.webhook import Announcement, Webhook
from gas.ports.webhooks import own_webhook
from gas.web.api import hook_models as models
from gas.web.api.answers import answer, blueprint, empty, instant, maybe_instant
from gas.web.webhooks import add_webhook, secret_of, try_out
from gas.web.wired import me, services

operations = blueprint("webhooks", "Addresses that are told how jobs end.")
SHOWN = 50


class WebhookPath(BaseModel):
    webhook_id: str


@operations.get("/webhooks", responses={200: models.Webhooks})
def mine() -> Response:
    """The account's webhooks, without their secrets."""
    found = services().webhooks.owned_by(me().id)
    return answer(models.Webhooks(webhooks=list(map(_shown, found))))


@operations.post("/webhooks", responses={201: models.MadeWebhook})
def make(body: models.NewWebhook) -> Response:
    """Make a webhook. Its secret is in this answer, and nowhere else ever after."""
    webhook = add_webhook(body.url, list(body.events))
    made = models.MadeWebhook(secret=secret_of(webhook), **_shown(webhook).model_dump())
    response = answer(made, 201)
    response.headers["Location"] = url_for("api_webhooks.mine")
    return response


@operations.get("/webhooks/<webhook_id>/announcements", responses={200: models.Announcements})
def announcements(path: WebhookPath) -> Response:
    """What was announced to a webhook, and how it was taken."""
    found = services().webhooks.announcements(_own(path).id, limit=SHOWN)
    return answer(models.Announcements(announcements=list(map(_said, found))))


@operations.post("/webhooks/<webhook_id>/test", responses={204: None})
def test(path: WebhookPath) -> Response:
    """Post a test to a webhook; its announcements say how it was taken."""
    try_out(_own(path))
    return empty()


@operations.delete("/webhooks/<webhook_id>", responses={204: None})
def revoke(path: WebhookPath) -> Response:
    """Revoke a webhook; nothing is posted to it from now on."""
    services().webhooks.remove(_own(path).id)
    return empty()


def _own(path: WebhookPath) -> Webhook:
    return own_webhook(services().webhooks.get(path.webhook_id), me().id)


def _shown(webhook: Webhook) -> models.Webhook:
    return models.Webhook(
        id=webhook.id,
        url=webhook.url,
        events=cast("list[models.EventName]", [event.value for event in webhook.events]),
        on=webhook.on,
        failures=webhook.failures,
        not_before=maybe_instant(webhook.not_before),
        created_at=instant(webhook.created_at),
    )


def _said(said: Announcement) -> models.Announcement:
    return models.Announcement(
        id=said.id,
        event=said.event.value,
        state=said.state.value,
        tries=said.tries,
        status=said.status,
        trouble=said.trouble,
        created_at=instant(said.created_at),
        tried_at=maybe_instant(said.tried_at),
    )
