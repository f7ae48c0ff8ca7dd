"""Which workers there are: name -> queue and step, or step and period."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog

from gas.domain.errors import NotFound
from gas.domain.messages import (
    ANNOTATE,
    ANNOUNCE,
    ARCHIVE,
    DELIVER,
    EXPORT,
    FORGET,
    NOTIFY,
    RESTORE,
    SETTLE,
    THAW,
    QueueSpec,
)
from gas.ports.services import Services
from gas.workers.account_steps import FORGET_AGAIN, export_step, forget_step
from gas.workers.back_off import BackOff
from gas.workers.loop import RETRY, Begin, Loop, Post
from gas.workers.results_steps import (
    archive_step,
    inspect_store,
    restore_step,
    tend_store,
    thaw_step,
)
from gas.workers.rounds import repeat, sweep_round
from gas.workers.steps import (
    DELIVERIES_AT_ONCE,
    annotate_step,
    announce_step,
    deliver_step,
    notify_step,
    settle_step,
)
from gas.workers.stop import Stop
from gas.workers.workplace import workplace

SWEEP_SECONDS = 5.0
ANNOTATE_AGAIN = BackOff(first_seconds=1.0, most_seconds=120.0)
"""Once there is room on the disk again, a job shall not wait much longer."""
RESULTS_AGAIN = BackOff(first_seconds=0.5, most_seconds=120.0)
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
    elif name in (feeds := _feeds()):
        spec, make_step, back_off = feeds[name]
        _feed(spec, make_step(services), services, holder, stop, back_off=back_off)
    elif name == "deliver":
        _feed_by_many(DELIVER, deliver_step(services), services, holder, stop)
    elif name == "export":
        with workplace(services.site.work_path, holder) as work_path:
            _feed(EXPORT, export_step(services, work_path), services, holder, stop)
    elif name == "errands":
        _together(errands(services), services, stop)
    elif name == "lifecycle":
        _together(LIFECYCLE, services, stop)
    elif name == "cold":
        tend_store(services, stop)
    elif name == "inspect":
        inspect_store(services, stop)
    elif name == "sweep":
        repeat(sweep_round(services), sweep_seconds, stop)
    else:
        raise NotFound(
            "UNKNOWN_WORKER",
            f"There is no worker '{name}'.",
            cure=f"Choose one of {', '.join(WORKERS)}.",
        )
    log.info("worker", action="end", worker=holder)


WORKERS = (
    "annotate",
    "notify",
    "settle",
    "announce",
    "deliver",
    "export",
    "forget",
    "errands",
    "archive",
    "restore",
    "thaw",
    "cold",
    "inspect",
    "lifecycle",
    "sweep",
)
LIFECYCLE = ("archive", "restore", "thaw", "inspect")
"""Workers that see to results, and share a process where one machine has all. `cold` does not:
looking through ten thousand files it would wait for the others at every one."""


def _feeds() -> dict[str, tuple[QueueSpec, Callable[[Services], Begin], BackOff]]:
    """Workers that need nothing but a queue and a step."""
    return {
        "notify": (NOTIFY, notify_step, RETRY),
        "settle": (SETTLE, settle_step, RETRY),
        "announce": (ANNOUNCE, announce_step, RETRY),
        "forget": (FORGET, forget_step, FORGET_AGAIN),
        "archive": (ARCHIVE, archive_step, RESULTS_AGAIN),
        "restore": (RESTORE, restore_step, RESULTS_AGAIN),
        "thaw": (THAW, thaw_step, RESULTS_AGAIN),
    }


def errands(services: Services) -> tuple[str, ...]:
    """Workers that wait most of the time, and so share a process where one machine has all."""
    paid = ("settle",) if services.billing else ()
    return ("announce", "deliver", "export", "forget", *paid)


def _together(names: Sequence[str], services: Services, stop: Stop) -> None:
    """Each in a thread of its own. Should one break, all end, and are started anew."""

    def one(name: str) -> None:
        try:
            run_worker(name, services, stop)
        finally:
            stop.ask()

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(one, names))


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
