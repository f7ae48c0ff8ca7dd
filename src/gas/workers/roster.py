"""Which workers there are: name -> queue and step, or step and period."""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import structlog

from gas.domain.errors import InputError, NotFound
from gas.domain.messages import (
    ANNOTATE,
    ANNOUNCE,
    DELIVER,
    EXPORT,
    FORGET,
    NOTIFY,
    SETTLE,
    QueueSpec,
)
from gas.journey.annotate import Bench, begin
from gas.journey.announce import announce
from gas.journey.deliver import Dispatch, deliver
from gas.journey.notify import notify
from gas.journey.settle import Bursary, ask_due, forget_events, settle
from gas.journey.subscribe import change_plan
from gas.journey.sweep import Memory, Swept, sweep
from gas.journey.tidy import Round, forget, tidy
from gas.ports.queues import Delivery
from gas.ports.services import Services
from gas.workers.account_steps import FORGET_AGAIN, export_step, forget_step, tend_accounts
from gas.workers.back_off import BackOff
from gas.workers.events import describe
from gas.workers.loop import RETRY, Begin, Loop, Post, whole
from gas.workers.shares import shared
from gas.workers.stop import Stop
from gas.workers.workplace import workplace

SWEEP_SECONDS = 5.0
TIDY_SECONDS = 600.0
DELIVERIES_AT_ONCE, DELIVERIES_EACH = 8, 2
"""Webhooks posted to at once by one worker, and those of one account among them."""
ANNOTATE_AGAIN = BackOff(first_seconds=1.0, most_seconds=120.0)
"""Once there is room on the disk again, a job shall not wait much longer."""

log = structlog.get_logger()


def new_holder(worker: str) -> str:
    return f"{worker}-{os.getpid()}-{secrets.token_hex(2)}"


def run_worker(
    name: str, services: Services, stop: Stop, *, sweep_seconds: float = SWEEP_SECONDS
) -> None:
    """Runs this worker until told to stop. NotFound for a name that is not on the roster."""
    holder = new_holder(name)
    log.info("worker", action="begin", worker=holder)
    if name == "annotate":
        with workplace(services.site.work_path, holder) as work_path:
            step = annotate_step(services, holder, work_path)
            _feed(ANNOTATE, step, services, holder, stop, back_off=ANNOTATE_AGAIN)
    elif name == "notify":
        _feed(NOTIFY, notify_step(services), services, holder, stop)
    elif name == "settle":
        _feed(SETTLE, settle_step(services), services, holder, stop)
    elif name == "announce":
        _feed(ANNOUNCE, announce_step(services), services, holder, stop)
    elif name == "deliver":
        _feed_by_many(DELIVER, deliver_step(services), services, holder, stop)
    elif name == "forget":
        _feed(FORGET, forget_step(services), services, holder, stop, back_off=FORGET_AGAIN)
    elif name == "export":
        with workplace(services.site.work_path, holder) as work_path:
            _feed(EXPORT, export_step(services, work_path), services, holder, stop)
    elif name == "sweep":
        _repeat(sweep_round(services), sweep_seconds, stop)
    else:
        raise NotFound(
            "UNKNOWN_WORKER",
            f"There is no worker '{name}'.",
            cure=f"Choose one of {', '.join(WORKERS)}.",
        )
    log.info("worker", action="end", worker=holder)


WORKERS = ("annotate", "notify", "settle", "announce", "deliver", "export", "forget", "sweep")


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
            accounts=services.accounts,
            queues=services.queues,
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


def sweep_round(services: Services) -> Callable[[], Swept]:
    """The sweep, and now and then the tidying."""
    once = _sweep_once(services)
    round_, tidied_at = Round(), time.monotonic()

    def both() -> Swept:
        nonlocal tidied_at
        swept = once()
        _ask_due(services)
        if time.monotonic() - tidied_at >= TIDY_SECONDS:
            tidied_at = time.monotonic()
            forget_events(payers=services.payers, clock=services.clock)
            removed = tidy(
                round_,
                jobs=services.jobs,
                files=services.files,
                limits=services.limits,
                clock=services.clock,
            ) + forget(
                api_tokens=services.api_tokens,
                request_keys=services.request_keys,
                clock=services.clock,
            )
            if removed:
                log.info("tidy", removed=removed)
            if tended := tend_accounts(services):
                log.info("tend", accounts=tended)
        return swept

    return both


def _ask_due(services: Services) -> None:
    if services.billing is None:
        return
    asked = ask_due(
        billing=services.billing,
        payers=services.payers,
        queues=services.queues,
        together=services.together,
        clock=services.clock,
    )
    if asked:
        log.info("billing", asked=asked)


def _sweep_once(services: Services) -> Callable[[], Swept]:
    return partial(
        sweep,
        Memory(),
        jobs=services.jobs,
        files=services.files,
        queues=services.queues,
        queue_desk=services.queue_desk,
        sessions=services.sessions,
        together=services.together,
        limits=services.limits,
        clock=services.clock,
    )


def _feed(
    spec: QueueSpec,
    step: Begin,
    services: Services,
    holder: str,
    stop: Stop,
    *,
    back_off: BackOff = RETRY,
) -> None:
    post = Post(spec.name, spec.name, spec.visibility_seconds, step, back_off)
    queues, together = services.queues, services.together
    Loop(post, queues=queues, together=together, holder=holder, stop=stop).run()


def _feed_by_many(
    spec: QueueSpec, step: Begin, services: Services, holder: str, stop: Stop
) -> None:
    """Several loops in one process, for a step that mostly waits for others."""
    post = Post(spec.name, spec.name, spec.visibility_seconds, step)
    queues, together = services.queues, services.together

    def one(number: int) -> None:
        mine = f"{holder}{number:x}"
        Loop(post, queues=queues, together=together, holder=mine, stop=stop).run()

    with ThreadPoolExecutor(DELIVERIES_AT_ONCE) as pool:
        list(pool.map(one, range(DELIVERIES_AT_ONCE)))


def _repeat(sweep_once: Callable[[], Swept], seconds: float, stop: Stop) -> None:
    """With jitter: the sweepers of several machines shall not march in step."""
    while not stop.wait(seconds * random.uniform(0.5, 1.5)):  # noqa: S311 (no secret)
        try:
            swept = sweep_once()
        except Exception as error:  # noqa: BLE001 (the next round may go well)
            log.warning("sweep", **describe(error))
            continue
        if swept != Swept(0, 0, 0, 0, 0):
            log.info(
                "sweep",
                republished=swept.republished,
                failed=swept.failed,
                purged=swept.purged,
                uploads=swept.uploads,
                sessions=swept.sessions,
            )
