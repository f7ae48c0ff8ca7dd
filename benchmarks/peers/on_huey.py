"""huey on SQLite with fsync. A job in the hands of a killed worker is lost; there is no setting
that keeps it. No state is recorded. Polls every 10 to 100 ms here (by default up to 10 s)."""

from __future__ import annotations

from typing import Any

from huey import SqliteHuey
from huey.consumer import Consumer

from benchmarks.role import Role, Submit, play
from benchmarks.stamps import Stamps


def _queue(path: str) -> Any:
    return SqliteHuey("bench", filename=path, fsync=True, timeout=30)


def _task(queue: Any, stamps: Stamps | None) -> Any:
    def annotate(key: str) -> None:
        if stamps:
            stamps.mark(key)

    return queue.task()(annotate)


def _open_submit(path: str) -> Submit:
    task = _task(_queue(path), None)

    def submit(number: int) -> str:
        key = f"job-{number}"
        task(key)
        return key

    return submit


def _work(path: str, stamps: Stamps) -> None:
    queue = _queue(path)
    _task(queue, stamps)
    Consumer(
        queue, workers=2, worker_type="process", periodic=False, initial_delay=0.01, max_delay=0.1
    ).run()


if __name__ == "__main__":
    play(Role(prepare=lambda path: _queue(path) and None, open_submit=_open_submit, work=_work))
