"""DBOS on PostgreSQL, polling every 50 ms (1 s by default), 50 workflows at once per process.
Loses nothing on kill -9 or a power cut; a workflow goes on when its own executor is started
again, not before."""

from __future__ import annotations

import signal
import threading
from typing import Any

from dbos import DBOS, DBOSClient

from benchmarks.role import Role, Submit, play
from benchmarks.stamps import Stamps

VERSION = "1"


def _launch(url: str, stamps: Stamps | None) -> None:
    settings: dict[str, Any] = {
        "name": "bench",
        "system_database_url": url,
        "application_version": VERSION,
        "log_level": "ERROR",
    }
    DBOS(config=settings)

    def annotate(key: str) -> None:
        if stamps:
            stamps.mark(key)

    DBOS.workflow(name="annotate")(annotate)
    DBOS.launch()
    DBOS.register_queue("bench", worker_concurrency=50, polling_interval_sec=0.05)


def _prepare(url: str) -> None:
    _launch(url, None)
    DBOS.destroy()


def _open_submit(url: str) -> Submit:
    client = DBOSClient(system_database_url=url)

    def submit(number: int) -> str:
        key = f"job-{number}"
        options = {"queue_name": "bench", "workflow_name": "annotate", "app_version": VERSION}
        client.enqueue(options, key)
        return key

    return submit


def _work(url: str, stamps: Stamps) -> None:
    _launch(url, stamps)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()
    DBOS.destroy()


if __name__ == "__main__":
    play(Role(prepare=_prepare, open_submit=_open_submit, work=_work))
