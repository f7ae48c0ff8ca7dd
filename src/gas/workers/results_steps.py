"""The steps that see to results, bound to what they need; and what is done for them besides."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from gas.domain.keys import job_of_key
from gas.domain.messages import ARCHIVE, ResultsMoved
from gas.journey.archive import archive
from gas.journey.inspect import Asked, Round, inspect, take_up
from gas.journey.reconcile import Custody, reconcile
from gas.journey.restore import restore
from gas.journey.thaw import thaw
from gas.ports.cold_storage import StoreEvent
from gas.ports.queues import Delivery
from gas.ports.services import Services
from gas.workers.back_off import BackOff
from gas.workers.events import describe
from gas.workers.loop import Begin, whole
from gas.workers.stop import Stop

TEND_SECONDS = 0.25
TEND_AT_ONCE, TURN_SECONDS = 200, 0.5
"""After so long those who came meanwhile get their turn."""
TEND_AGAIN = BackOff(first_seconds=1.0, most_seconds=30.0)
"""A store that does not answer is asked again, without end."""
INSPECT_SECONDS = 10.0
CLOCK_JUMP = timedelta(minutes=1)

log = structlog.get_logger()


def grace_of(services: Services) -> timedelta:
    """The grace period as it is set now."""
    return timedelta(seconds=services.queue_desk.delay_seconds(ARCHIVE.name))


def custody(services: Services) -> Custody:
    return Custody(
        jobs=services.jobs,
        accounts=services.accounts,
        cold_storage=services.cold_storage,
        queues=services.queues,
        together=services.together,
        grace=lambda: grace_of(services),
        clock=services.unhurried,
    )


def archive_step(services: Services) -> Begin:
    see_to = partial(reconcile, custody=custody(services))

    def step(delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        archive(delivery, reconcile=see_to, clock=services.unhurried)

    return whole(step)


def restore_step(services: Services) -> Begin:
    see_to = partial(reconcile, custody=custody(services))

    def step(delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        restore(
            delivery,
            accounts=services.accounts,
            jobs=services.jobs,
            queues=services.queues,
            together=services.together,
            reconcile=see_to,
        )

    return whole(step)


def thaw_step(services: Services) -> Begin:
    see_to = partial(reconcile, custody=custody(services))

    def step(delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        thaw(delivery, reconcile=see_to, queues=services.queues, clock=services.unhurried)

    return whole(step)


def take_up_results(asked: Asked, services: Services) -> int:
    return take_up(
        asked,
        jobs=services.jobs,
        accounts=services.accounts,
        queues=services.queues,
        clock=services.unhurried,
    )


def tend_store(services: Services, stop: Stop) -> None:
    """Where the store is a part of this service, it does its work here, until told to stop."""

    def tell(event: StoreEvent) -> None:
        owner_id, job_id = job_of_key(event.key)
        services.queues.publish(ResultsMoved(job_id, owner_id, event.kind))

    failures = 0
    seconds = 0.0
    while not stop.wait(seconds):
        trouble: Exception | None
        began = time.monotonic()
        try:
            tended = services.cold_storage.tend(tell, limit=TEND_AT_ONCE, seconds=TURN_SECONDS)
        except Exception as error:  # noqa: BLE001 (it is tried again; the operator reads why)
            done, trouble = 0, error
        else:
            done, trouble = tended.done, tended.trouble
        failures = failures + 1 if trouble else 0
        if trouble and (not done or is_told(failures)):
            log.warning("tend", **describe(trouble), tries=failures)
        if done:
            seconds = 0.0  # one file that fails does not make the others wait
        elif trouble:
            seconds = TEND_AGAIN.seconds(failures)
        else:
            # To find nothing among many that are not due takes a tenth of the time at most.
            seconds = max(TEND_SECONDS, 9 * (time.monotonic() - began))


def is_told(failures: int) -> bool:
    """The 1st, 2nd, 4th, 8th time: turns are short while there is much to do."""
    return failures & (failures - 1) == 0


def inspect_store(services: Services, stop: Stop) -> None:
    """Goes through all jobs, slowly, for ever."""
    round_ = Round()
    while not stop.wait(INSPECT_SECONDS):
        _look_at_clock(services)
        try:
            wrong = inspect(
                round_,
                jobs=services.jobs,
                accounts=services.accounts,
                cold_storage=services.cold_storage,
                queues=services.queues,
                grace=lambda: grace_of(services),
                clock=services.unhurried,
            )
        except Exception as error:  # noqa: BLE001 (the next round may go well)
            log.warning("inspect", **describe(error))
            continue
        if wrong:
            log.warning("inspect", code="RESULTS_NOT_AS_RECORDED", count=wrong)


def _look_at_clock(services: Services) -> None:
    ahead = services.clock() - services.unhurried()
    if ahead > CLOCK_JUMP:
        log.warning("inspect", code="CLOCK_JUMPED", ahead_seconds=round(ahead.total_seconds()))
