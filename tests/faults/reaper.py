"""Kills a random worker, and measures how soon what it had in hand is taken up.

A victim is stopped before it is killed, so that what it holds at its death is known for certain.
`lifecycle` and `cold` are idle most of the time, so every other time they are waited for until they
are not.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from faults.service import Service
from gas.domain.job import deaths
from gas.domain.messages import JobSubmitted, decode
from gas.ports.jobs import Jobs

WEIGHTS = {
    "lifecycle": 5,
    "cold": 4,
    "annotate": 6,
    "notify": 3,
    "errands": 1,
    "sweep": 1,
    "web": 1,
}
LOOP_OF = {"lifecycle": "archive", "errands": "announce"}
"""A worker that shares a process is known by the name of one of those in it."""
FEW_DEATHS = 8
"""A job is given up after ten, rightly; so many are left to chance."""
LOOK_SECONDS = 0.01
AMBUSH_SECONDS = 0.6
IN_HAND = (
    "SELECT queue, id, body, holder FROM message"
    " WHERE holder GLOB ? AND token <> '' AND visible_at > ?"
)


@dataclass(frozen=True, slots=True)
class Held:
    queue: str
    message_id: str
    body: str
    holder: str

    def is_taken(self, connection: sqlite3.Connection) -> bool:
        """Received by somebody else since: held, given back or done with."""
        row = connection.execute(
            "SELECT holder, abandoned FROM message WHERE queue = ? AND id = ?",
            (self.queue, self.message_id),
        ).fetchone()
        return row is None or (row[0] != self.holder and not row[1])


@dataclass
class Reaper(threading.Thread):
    service: Service
    jobs: Jobs
    dice: random.Random
    struck: Counter[str] = field(default_factory=Counter)
    taken_up: list[tuple[float, str]] = field(default_factory=list)
    """Seconds from the kill until a message in hand was received again, and its queue."""
    began_again: list[tuple[float, str]] = field(default_factory=list)
    """Seconds from the kill of a worker of which there is one until the next of it receives."""
    in_a_move: int = 0
    """So many were killed while a file was on its way into the cold folder."""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.stopping = threading.Event()
        self._changing = threading.Lock()
        self._open: dict[Held, float] = {}
        self._missing: dict[str, tuple[float, frozenset[int]]] = {}

    __hash__ = threading.Thread.__hash__

    def __enter__(self) -> Reaper:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.join()

    def strike(self) -> None:
        """One worker, by the dice; another if there is none of that name, or it is to be spared."""
        while True:
            name = self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            pids = self._pids(name)
            if pids and name in ("lifecycle", "cold") and self.dice.random() < 0.5:
                self._lie_in_wait(pids[0])
            if pids and self._kill(name, self.dice.choice(pids)):
                self.struck[name] += 1
                return

    def waits(self) -> list[str]:
        """What nobody has taken up yet."""
        with self._changing:
            return [f"{each.queue} {each.body}" for each in self._open] + list(self._missing)

    def run(self) -> None:
        """Looks, until told to stop."""
        with closing(self._connection()) as connection:
            while not self.stopping.wait(LOOK_SECONDS):
                now = time.monotonic()
                with self._changing:
                    for held in [each for each in self._open if each.is_taken(connection)]:
                        self.taken_up.append((now - self._open.pop(held), held.queue))
                    for name, (killed_at, before) in list(self._missing.items()):
                        if self._seen(name) - before:
                            del self._missing[name]
                            self.began_again.append((now - killed_at, name))

    def _lie_in_wait(self, pid: int) -> None:
        """Until it does something, but not for long."""
        deadline = time.monotonic() + AMBUSH_SECONDS
        while time.monotonic() < deadline and not self._in_hand(pid) and not self._moves():
            time.sleep(0.001)

    def _moves(self) -> bool:
        folder = self.service.home / "cold" / "tmp"
        return folder.exists() and any(folder.iterdir())

    def _kill(self, name: str, pid: int) -> bool:
        try:
            os.kill(pid, signal.SIGSTOP)
            while psutil.Process(pid).status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE):
                time.sleep(0.001)
        except (ProcessLookupError, psutil.NoSuchProcess):
            return False
        in_hand = self._in_hand(pid)
        if any(self._has_seen_enough(each) for each in in_hand):
            os.kill(pid, signal.SIGCONT)
            return False
        self.in_a_move += name == "cold" and self._moves()
        with self._changing:
            before = self._seen(name)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            killed_at = time.monotonic()
            self._open |= dict.fromkeys(in_hand, killed_at)
            if name in ("lifecycle", "notify"):
                self._missing[name] = (killed_at, before)
        return True

    def _in_hand(self, pid: int) -> list[Held]:
        with closing(self._connection()) as connection:
            values = (f"*-{pid}-*", int(time.time() * 1_000_000))
            return [Held(*row) for row in connection.execute(IN_HAND, values)]

    def _has_seen_enough(self, held: Held) -> bool:
        message = decode(held.body)
        if not isinstance(message, JobSubmitted):
            return False
        return deaths(self.jobs.events(message.job_id)) >= FEW_DEATHS

    def _pids(self, name: str) -> list[int]:
        if name == "web":
            return self.service.web()
        if name in ("sweep", "cold"):
            return self._by_log(name)
        return self.service.workers(LOOP_OF.get(name, name))

    def _by_log(self, name: str) -> list[int]:
        """It holds nothing, and so no file either: the supervisor says who it is."""
        log = (self.service.home / "output.log").read_bytes()
        last = re.findall(rf"{name} starts as process (\d+)".encode(), log)[-1:]
        alive = {process.pid for process in self.service.processes()}
        return [pid for pid in map(int, last) if pid in alive]

    def _seen(self, name: str) -> frozenset[int]:
        holders = self._folder.glob(f"{LOOP_OF.get(name, name)}-*")
        return frozenset(int(holder.name.split("-")[1]) for holder in holders)

    @property
    def _folder(self) -> Path:
        return self.service.home / "run" / "holders"

    def _connection(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.service.home / 'gas.sqlite3'}?mode=ro", uri=True)
