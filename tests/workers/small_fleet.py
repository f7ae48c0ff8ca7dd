"""`python -m workers.small_fleet KIND FOLDER`: a supervisor with the children of one test."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

from gas.cli.lives import worker_life
from gas.home import prepare_home
from gas.settings import read_settings
from gas.wiring import preload
from gas.workers import fleet
from gas.workers.fleet import Berth, Fleet
from gas.workers.logs import MergedLog
from workers.fake_engine import PATH


def sleeper(name: str) -> int:
    """Says so, and ends when it is told."""

    def end(_number: int, _frame: object) -> None:
        print(f"{name} ends", flush=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    print(f"{name} is here", flush=True)
    while True:
        signal.pause()


def deaf() -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        signal.pause()
    print("deaf is here", flush=True)
    while True:
        signal.pause()


def mayfly() -> int:
    return 3


def berths(kind: str, folder: Path) -> list[Berth]:
    if kind == "toys":
        return [
            Berth("late", partial(sleeper, "late"), 2),
            Berth("early", partial(sleeper, "early"), 0),
            Berth("middle", partial(sleeper, "middle"), 1),
        ]
    if kind == "mayfly":
        return [Berth("mayfly", mayfly), Berth("steady", partial(sleeper, "steady"))]
    if kind.startswith("deaf"):
        return [Berth("deaf", deaf)]
    settings = read_settings(home=folder / "home", engine=PATH)
    prepare_home(settings.home)
    preload(settings)
    lives = {"annotate-1": "annotate", "annotate-2": "annotate", "notify": "notify"}
    return [Berth(name, partial(worker_life, role, settings)) for name, role in lives.items()]


def main(kind: str, folder: Path) -> int:
    if kind == "mayfly":
        fleet.SETTLED_SECONDS = 60.0  # it dies young, however slow the machine is
    log = MergedLog(folder / "fleet.log", name_width=10, quiet=True)
    return Fleet(berths(kind, folder), log, patience_seconds=1.0 if kind == "deaf" else 60.0).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
