"""The steps of the journey, bound to the services that they need. See also `account_steps`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import structlog

from gas.domain.audit import SYSTEM
from gas.domain.errors import InputError
from gas.journey.annotate import Bench, begin
from gas.journey.announce import announce
from gas.journey.deliver import Dispatch, deliver
from gas.journey.notify import notify
from gas.journey.settle import Bursary, settle
from gas.journey.subscribe import change_plan
from gas.ports.queues import Delivery
from gas.ports.services import Services
from gas.workers.loop import Begin, whole
from gas.workers.results_steps import grace_of
from gas.workers.shares import shared

DELIVERIES_AT_ONCE, DELIVERIES_EACH = 8, 2
"""Webhooks posted to at once by one worker, and those of one account among them."""

log = structlog.get_logger()


def annotate_step(services: Services, holder: str, work_path: Path) -> Begin:
    bench = Bench(
        worker=holder,
        jobs=services.jobs,
        files=services.files,
        queues=services.queues,
        together=services.together,
        engine=services.engine,
        limits=services.limits,
        work_path=work_path,
        clock=services.clock,
    )

    return lambda delivery: begin(delivery, bench)


def notify_step(services: Services) -> Begin:
    def step(delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        notify(
            delivery,
            jobs=services.jobs,
            accounts=services.accounts,
            mail=services.mail,
            site_url=services.site.url,
            grace=lambda: grace_of(services),
            clock=services.clock,
        )

    return whole(step)


def announce_step(services: Services) -> Begin:
    def step(delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        announce(
            delivery,
            jobs=services.jobs,
            webhooks=services.webhooks,
            queues=services.queues,
            together=services.together,
            site_url=services.site.url,
            clock=services.clock,
        )

    return whole(step)


def settle_step(services: Services) -> Begin:
    """InputError NO_BILLING where nobody takes money."""
    if services.billing is None:
        raise InputError(
            "NO_BILLING",
            "Nobody takes money for this service: there is nothing to settle.",
            cure="Set GAS_BILLING; docs/backends/stripe.md says how.",
        )
    bursary = Bursary(
        billing=services.billing,
        payers=services.payers,
        accounts=services.accounts,
        change_plan=partial(
            change_plan,
            actor=SYSTEM,
            accounts=services.accounts,
            queues=services.queues,
            audit=services.audit,
            together=services.together,
            clock=services.clock,
        ),
        together=services.together,
        mail=services.mail,
        site_url=services.site.url,
        clock=services.clock,
    )

    def step(delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        payer = settle(delivery, bursary)
        if payer:
            log.info("billing", user_id=payer.account_id, standing=payer.standing)
        if payer and payer.live_count > 1:
            # For the operator: one of them is to be cancelled, and its payment given back.
            log.warning(
                "paid twice",
                user_id=payer.account_id,
                customer_id=payer.customer_id,
                subscriptions=payer.live_count,
            )

    return whole(step)


def deliver_step(services: Services) -> Begin:
    """Whoever's receivers are slow waits for them; the others do not."""
    dispatch = Dispatch(
        webhooks=services.webhooks,
        sender=services.hook_sender,
        accounts=services.accounts,
        mail=services.mail,
        site_secret=services.site.secret_key,
        site_url=services.site.url,
        clock=services.clock,
    )
    return whole(shared(lambda delivery, _: deliver(delivery, dispatch), each=DELIVERIES_EACH))
