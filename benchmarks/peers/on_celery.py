"""Celery on Redis, set so that a killed worker's job is delivered again.

On kill -9 of a worker's child the job starts again after about 3 s; on kill -9 of everything it
waits for the visibility timeout (3,600 s by default). With `appendfsync everysec` a power cut
loses up to a second of accepted jobs; with `always` none. There is no record of a job's state:
with a result backend (`--broker URL#states`) STARTED and SUCCESS are written to Redis, and a
follow-up message is published, which is the same work as ours.
"""

from __future__ import annotations

from typing import Any

from celery import Celery

from benchmarks.role import Role, Submit, play
from benchmarks.stamps import Stamps


def _app(broker: str) -> Any:
    url, _, states = broker.partition("#")
    app = Celery("bench", broker=url, backend=url if states else None)
    app.conf.update(
        broker_connection_retry_on_startup=True,
        task_acks_late=True,
        task_ignore_result=not states,
        task_reject_on_worker_lost=True,
        task_track_started=bool(states),
        worker_prefetch_multiplier=1,
    )
    return app


def _task(app: Any, stamps: Stamps | None, *, states: bool) -> Any:
    finished = app.task(_nothing, name="finished", queue="notify", ignore_result=True)

    def annotate(key: str) -> None:
        if states:
            finished.delay(key)
        if stamps:
            stamps.mark(key)

    return app.task(annotate, name="annotate")


def _nothing(key: str) -> None:
    """Never worked on here."""


def _open_submit(broker: str) -> Submit:
    task = _task(_app(broker), None, states=False)

    def submit(number: int) -> str:
        key = f"job-{number}"
        task.delay(key)
        return key

    return submit


def _work(broker: str, stamps: Stamps) -> None:
    app = _app(broker)
    _task(app, stamps, states=broker.endswith("#states"))
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
    app.worker_main(["worker", "--pool=prefork", "--concurrency=2", "-Q", "celery", *quiet])


if __name__ == "__main__":
    play(Role(prepare=lambda _: None, open_submit=_open_submit, work=_work))
