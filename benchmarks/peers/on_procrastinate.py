"""procrastinate on PostgreSQL, woken by LISTEN/NOTIFY. Loses nothing on kill -9 or a power cut,
but a killed worker's job stays `doing` until somebody calls `retry_stalled_jobs`."""

from __future__ import annotations

from typing import Any

from procrastinate import (
    App,
    PsycopgConnector,
    SyncPsycopgConnector,
)

from benchmarks.role import Role, Submit, play
from benchmarks.stamps import Stamps


def _task(app: Any, stamps: Stamps | None) -> Any:
    def annotate(key: str) -> None:
        if stamps:
            stamps.mark(key)

    return app.task(name="annotate")(annotate)


def _prepare(url: str) -> None:
    with App(connector=SyncPsycopgConnector(conninfo=url)).open() as app:
        app.schema_manager.apply_schema()


def _open_submit(url: str) -> Submit:
    app = App(connector=SyncPsycopgConnector(conninfo=url))
    app.open()
    task = _task(app, None)

    def submit(number: int) -> str:
        key = f"job-{number}"
        task.defer(key=key)
        return key

    return submit


def _work(url: str, stamps: Stamps) -> None:
    app = App(connector=PsycopgConnector(conninfo=url))
    _task(app, stamps)
    app.run_worker(concurrency=1)


if __name__ == "__main__":
    play(Role(prepare=_prepare, open_submit=_open_submit, work=_work))
