"""Forget: `AccountDeleted` in -> nothing of the account is left but its id in the audit log.

The account is marked first, by compare-and-set and together with the message: from then on it
signs in nowhere, and every step finds no account. What was on its way at that moment (a request,
a run, a mail) may still write, so the row goes only in a round of removals that began when no
message of the account was in anybody's hands and SETTLE had passed. Until then the message comes
back; each round is safe to repeat and to cut short.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from gas.domain.account import Account
from gas.domain.audit import ACCOUNT, SYSTEM, deed
from gas.domain.errors import GasError, NotFound, Unavailable
from gas.domain.messages import FORGET, AccountDeleted, decode_account
from gas.journey.forget.removers import (
    remove_access,
    remove_files,
    remove_jobs,
    remove_mails,
    remove_payer,
    remove_sessions,
    remove_webhooks,
    stop_jobs,
)
from gas.ports.accounts import Accounts
from gas.ports.audit import Audit
from gas.ports.clock import Clock
from gas.ports.queues import Delivery, QueueDesk, Queues
from gas.ports.together import Together

__all__ = [
    "SETTLE",
    "delete_account",
    "forget",
    "remove_access",
    "remove_files",
    "remove_jobs",
    "remove_mails",
    "remove_payer",
    "remove_sessions",
    "remove_webhooks",
    "stop_jobs",
    "take_up",
]

SETTLE = timedelta(seconds=10)
"""Longer than a request that was let in before the mark goes on to write."""
PATIENCE = timedelta(minutes=10)
BATCH = 100

Remover = Callable[[Account], None]
"""Removes one kind of thing of a marked account, in bounded batches. Runs again after a crash at
any point, and when there is nothing left."""


def delete_account(
    account: Account,
    *,
    accounts: Accounts,
    queues: Queues,
    together: Together,
    clock: Clock,
) -> None:
    """Marks it. NotFound NO_ACCOUNT if it was marked, or is gone, already."""
    current: Account | None = account
    while current is not None:
        with together():
            marked = accounts.mark_deleted(current, clock())
            if marked is not None:
                queues.publish(AccountDeleted(marked.id))
        if marked is not None:
            return
        current = accounts.get(account.id)  # lost to another change of it: look again
    raise NotFound("NO_ACCOUNT", "The account is deleted already.", cure="Nothing is left to do.")


def forget(
    delivery: Delivery,
    *,
    removers: Sequence[Remover],
    accounts: Accounts,
    audit: Audit,
    desk: QueueDesk,
    together: Together,
    clock: Clock,
) -> None:
    """Returns when the message is done with; Unavailable when it shall come back later. A remover
    that cannot do all now holds up no other."""
    message = decode_account(delivery.body)
    account = accounts.marked(message.account_id)
    if account is None or account.deleted_at is None:
        return  # forgotten already, or never marked
    in_hand = desk.forget(account.id, apart_from=FORGET.name)
    settled = clock() - account.deleted_at >= SETTLE
    trouble: GasError | None = None
    for remove in removers:
        try:
            remove(account)
        except GasError as error:
            trouble = error
    if trouble:
        raise trouble
    if in_hand or not settled:
        raise Unavailable(
            "ACCOUNT_IN_USE",
            f"Something of account {account.id} is still on its way.",
            cure="Wait: it is looked at again in a moment.",
        )
    with together():
        if accounts.remove(account.id):  # else a double of this message has
            audit.add(deed(SYSTEM, "account.forgotten", kind=ACCOUNT, thing_id=account.id))


def take_up(*, accounts: Accounts, queues: Queues, clock: Clock) -> int:
    """For the sweep: accounts marked long ago whose message may be lost get another."""
    found = accounts.marked_before(clock() - PATIENCE, limit=BATCH)
    for account in found:
        queues.publish(AccountDeleted(account.id))
    return len(found)
