"""Where webhooks and what was announced to them are kept, and who posts to their addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gas.domain.errors import InputError, NotFound
from gas.domain.ids import is_id
from gas.domain.webhook import Announcement, Webhook


class Webhooks(Protocol):
    def add(self, webhook: Webhook, *, most: int) -> bool:
        """False, and nothing recorded, if the account has `most` already; of many at once no more
        than that are recorded. AccountGone, and nothing recorded, if the account is marked deleted,
        or gone; see `Sessions.add`."""

    def get(self, webhook_id: str) -> Webhook | None: ...

    def owned_by(self, account_id: str) -> Sequence[Webhook]:
        """Oldest first."""

    def change(self, webhook: Webhook) -> bool:
        """Writes it if the store holds version `webhook.version - 1`; else False."""

    def remove(self, webhook_id: str) -> None:
        """With its announcements; nothing happens if it is gone."""

    def remove_all(self, account_id: str) -> int:
        """Those of an account, with their announcements. Says how many."""

    def announce(self, announcement: Announcement) -> Announcement | None:
        """Recorded; or as it is already, if there is one of this id. Old ones that are done with
        make room. None, and nothing recorded, if the webhook is gone."""

    def announcement(self, announcement_id: str) -> Announcement | None: ...

    def announcements(self, webhook_id: str, *, limit: int) -> Sequence[Announcement]:
        """Newest first."""

    def change_announcement(self, announcement: Announcement) -> bool:
        """Writes it if the store holds version `announcement.version - 1`; else False."""


class HookSender(Protocol):
    def check(self, url: str) -> None:
        """InputError (HOOK_URL, HOOK_ADDRESS) if nothing will ever be posted there. Looks at the
        address as it is written; who answers under its name is looked at when something is sent."""

    def send(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> int:
        """Posts, follows nothing, and gives the status of the answer. InputError if it must not
        be sent there (HOOK_URL, HOOK_ADDRESS); Unavailable HOOK_SILENT without an answer in time.
        On repetition it is posted again."""


def own_webhook(webhook: Webhook | None, account_id: str) -> Webhook:
    """NotFound for one that is absent and for one of somebody else, alike."""
    if webhook is None or webhook.account_id != account_id or not is_id(webhook.id):
        raise NotFound(
            "WEBHOOK_NOT_FOUND",
            "There is no such webhook among yours.",
            cure="Look at the webhooks of your account.",
        )
    return webhook


def bad_url(why: str) -> InputError:
    return InputError(
        "HOOK_URL",
        f"The address of the webhook cannot be used: {why}.",
        place="url",
        cure="Give a public https address, such as https://lab.example.org/gas.",
    )
