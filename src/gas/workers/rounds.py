"""What is done now and then, whoever asked: the sweep, the tidying, the look at who paid."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial

import structlog

from gas.journey.inspect import Asked
from gas.journey.settle import ask_due, forget_events
from gas.journey.sweep import Memory, Swept, sweep
from gas.journey.tidy import Round, forget, tidy
from gas.ports.services import Services
from gas.workers.account_steps import tend_accounts
from gas.workers.events import describe
from gas.workers.results_steps import take_up_results
from gas.workers.stop import Stop

TIDY_SECONDS = 600.0

log = structlog.get_logger()


def repeat(sweep_once: Callable[[], Swept], seconds: float, stop: Stop) -> None:
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


def sweep_round(services: Services) -> Callable[[], Swept]:
    """The sweep, and now and then the tidying; each part apart from the others."""
    once = _sweep_once(services)
    round_, asked, tidied_at = Round(), Asked(), time.monotonic()

    def both() -> Swept:
        nonlocal tidied_at
        swept = once()
        _told("ask_due", lambda: _ask_due(services))
        _told("take_up", lambda: take_up_results(asked, services))
        if time.monotonic() - tidied_at >= TIDY_SECONDS:
            tidied_at = time.monotonic()
            _told("tidy", lambda: _tidy(round_, services))
            _told("tend", lambda: tend_accounts(services))
        return swept

    return both


def _told(action: str, chore: Callable[[], int]) -> None:
    if count := _apart(action, chore):
        log.info(action, count=count)


def _apart(action: str, chore: Callable[[], int]) -> int:
    """One that breaks, and may do so each time, holds up none of the others."""
    try:
        return chore()
    except Exception as error:  # noqa: BLE001 (the next round may go well)
        log.warning(action, **describe(error))
        return 0


def _tidy(round_: Round, services: Services) -> int:
    forget_events(payers=services.payers, clock=services.clock)
    return tidy(
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


def _ask_due(services: Services) -> int:
    if services.billing is None:
        return 0
    return ask_due(
        billing=services.billing,
        payers=services.payers,
        queues=services.queues,
        together=services.together,
        clock=services.clock,
    )


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
        apart=_apart,
    )
