"""The steps of whole accounts at their queues, and what the sweep sees to for them.

What else an account has is removed by one more line in `removers`, and exported by one more in
`sections`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from gas.domain.account import Account
from gas.journey.export import Desk, Section, export, tend_exports
from gas.journey.forget import (
    Remover,
    forget,
    remove_access,
    remove_files,
    remove_jobs,
    remove_mails,
    remove_payer,
    remove_sessions,
    remove_webhooks,
    stop_jobs,
    take_up,
)
from gas.ports.queues import Delivery
from gas.ports.services import Services
from gas.workers.back_off import BackOff
from gas.workers.loop import Begin, whole
from gas.workers.results_steps import grace_of

FORGET_AGAIN = BackOff(first_seconds=1.0, most_seconds=30.0)
"""Somebody waits for it to be over."""


def removers(services: Services) -> Sequence[Remover]:
    """In this order: access first, then what could still write, then what it wrote. Whoever takes
    the payments may be down for days, and must not hold up the rest."""
    return (
        partial(remove_sessions, sessions=services.sessions),
        partial(remove_access, tokens=services.api_tokens, keys=services.request_keys),
        partial(remove_webhooks, webhooks=services.webhooks),
        partial(stop_jobs, jobs=services.jobs, clock=services.clock),
        partial(remove_jobs, jobs=services.jobs, files=services.files),
        partial(remove_files, files=services.files, exports=services.exports),
        partial(remove_mails, outbox=services.outbox),
        partial(remove_payer, billing=services.billing, payers=services.payers),
    )


def sections(services: Services) -> Sequence[Section]:
    """What an export tells beside account, sessions and jobs."""

    def tokens(account: Account) -> object:
        return [asdict(each) for each in services.api_tokens.of_account(account.id)]

    def webhooks(account: Account) -> object:
        return [asdict(each) for each in services.webhooks.owned_by(account.id)]

    def payment(account: Account) -> object:
        payer = services.payers.get(account.id)
        return asdict(payer) if payer else None

    return (("tokens", tokens), ("webhooks", webhooks), ("payment", payment))


def forget_step(services: Services) -> Begin:
    def step(delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        forget(
            delivery,
            removers=removers(services),
            accounts=services.accounts,
            audit=services.audit,
            desk=services.queue_desk,
            together=services.together,
            clock=services.clock,
        )

    return whole(step)


def export_step(services: Services, work_path: Path) -> Begin:
    def step(delivery: Delivery, should_stop: Callable[[], bool]) -> None:
        desk = Desk(
            accounts=services.accounts,
            sessions=services.sessions,
            exports=services.exports,
            jobs=services.jobs,
            files=services.files,
            mail=services.mail,
            site_url=services.site.url,
            work_path=work_path,
            clock=services.clock,
            grace=lambda: grace_of(services),
            unhurried=services.unhurried,
            sections=sections(services),
            should_stop=should_stop,
        )
        export(delivery, desk)

    return whole(step)


def tend_accounts(services: Services) -> int:
    """Says how much there was to see to."""
    again = take_up(accounts=services.accounts, queues=services.queues, clock=services.clock)
    return again + tend_exports(
        exports=services.exports,
        files=services.files,
        queues=services.queues,
        clock=services.clock,
    )
