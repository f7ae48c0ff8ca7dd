"""Deliver: `AnnouncementDue` in -> posted to its webhook, signed; or the message comes back.

At least once: a receiver tells repeats by `webhook-id`. A receiver that does not take it is tried
again, ever more seldom, for a day; after a try in vain nothing goes to that webhook for a while, so
that it costs the others nothing. One that never answers is switched off, and its owner told.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from gas.domain.errors import GasError, InputError, Later, Unavailable
from gas.domain.messages import AnnouncementDue, decode_job
from gas.domain.webhook import (
    GONE,
    Announcement,
    AnnouncementState,
    HookEvent,
    Webhook,
    after,
    signed_headers,
    signing_key,
    tried,
    wait_after,
)
from gas.ports.accounts import Accounts
from gas.ports.clock import Clock
from gas.ports.mail import Mail, MailSender, letter
from gas.ports.queues import Delivery
from gas.ports.webhooks import HookSender, Webhooks


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What the step works with."""

    webhooks: Webhooks
    sender: HookSender
    accounts: Accounts
    mail: MailSender
    site_secret: bytes
    site_url: str
    clock: Clock


def deliver(delivery: Delivery, dispatch: Dispatch) -> None:
    """Returns when the message is done with; Later when it shall come back."""
    message = decode_job(delivery.body)
    if not isinstance(message, AnnouncementDue):
        raise InputError("BAD_MESSAGE", "A message of this topic has nothing to deliver.")
    webhooks = dispatch.webhooks
    announcement = webhooks.announcement(message.announcement_id)
    if announcement is None or announcement.state is not AnnouncementState.OPEN:
        return
    webhook = webhooks.get(announcement.webhook_id)
    if webhook is None:
        return
    is_test = announcement.event is HookEvent.TEST
    if not webhook.on and not is_test:
        _give_up(announcement, dispatch)
        return
    if not is_test:
        _respect_wait(webhook, dispatch)
    done = _try(webhook, announcement, dispatch)
    webhook = _record(webhook, done, dispatch)
    if done.state is AnnouncementState.OPEN:
        _respect_wait(webhook, dispatch)
        raise Later("HOOK_WAITS", "The webhook is tried again.", seconds=1.0)


def _respect_wait(webhook: Webhook, dispatch: Dispatch) -> None:
    now = dispatch.clock()
    if webhook.not_before and webhook.not_before > now:
        seconds = (webhook.not_before - now).total_seconds()
        raise Later("HOOK_WAITS", "The webhook is tried again later.", seconds=seconds)


def _try(webhook: Webhook, announcement: Announcement, dispatch: Dispatch) -> Announcement:
    key = signing_key(dispatch.site_secret, webhook.id)
    headers = signed_headers(key, announcement, dispatch.clock())
    status, trouble = 0, ""
    try:
        status = dispatch.sender.send(webhook.url, announcement.body.encode(), headers=headers)
    except (InputError, Unavailable) as error:
        trouble = error.reason.code
    else:
        trouble = "" if 200 <= status < 300 else "HOOK_REFUSED"
    now = dispatch.clock()
    return tried(announcement, status=status, trouble=trouble, now=now)


def _record(webhook: Webhook, done: Announcement, dispatch: Dispatch) -> Webhook:
    """A rival that delivers the same announcement may have won: then its word stands."""
    if not dispatch.webhooks.change_announcement(done):
        return webhook
    share = random.uniform(0.5, 1.0)  # noqa: S311 (no secret)
    current: Webhook | None = webhook
    while current is not None:
        changed = after(current, done, wait=wait_after(current.failures + 1, share=share))
        if changed == current or dispatch.webhooks.change(changed):
            if current.on and not changed.on:
                _tell(changed, done, dispatch)
            return changed
        current = dispatch.webhooks.get(webhook.id)  # lost to another try: count from there
    return webhook


def _give_up(announcement: Announcement, dispatch: Dispatch) -> None:
    dispatch.webhooks.change_announcement(
        replace(
            announcement,
            state=AnnouncementState.GIVEN_UP,
            trouble="HOOK_OFF",
            version=announcement.version + 1,
        )
    )


def _tell(webhook: Webhook, done: Announcement, dispatch: Dispatch) -> None:
    """The page says it too, so a mail that cannot be sent now holds nothing up."""
    account = dispatch.accounts.get(webhook.account_id)
    if account is None:
        return
    try:
        dispatch.mail.send(_mail(webhook, done, account.email, dispatch.site_url))
    except GasError:
        return


def _mail(webhook: Webhook, done: Announcement, to: str, site_url: str) -> Mail:
    host = urlsplit(webhook.url).hostname or "its address"
    why = "answered that it is gone" if done.status == GONE else "did not take what it was told"
    return letter(
        f"webhook-{webhook.id}.off-{webhook.version}",
        to=to,
        account_id=webhook.account_id,
        subject="a webhook is switched off",
        paragraphs=(
            f"Your webhook at {host} {why}, and is switched off. Jobs go on as before.",
            "Mend the receiver, then switch the webhook on again.",
        ),
        link=("See your webhooks", f"{site_url}/account/webhooks"),
        site_url=site_url,
    )
