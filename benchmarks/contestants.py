"""Who takes part in `benchmarks.journey`, and the broker each one stands on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Crowd, TooSlow, descendants, wait_until


@dataclass(frozen=True, slots=True)
class Contestant:
    name: str
    module: str
    broker: str
    """'everysec' or 'always' (Redis), 'postgres', or 'folder'."""
    loses: str
    """What kill -9 of all of it costs, and a power cut."""
    needs: str = ""
    """The package it needs; empty for ours, which runs under this interpreter."""
    worker_count: int = 2
    """Processes to start; 1 where that one starts its own two."""
    suffix: str = ""


CONTESTANTS = (
    Contestant(
        "gas",
        "benchmarks.ours.journey",
        "folder",
        "nothing; goes on in 0.3 s",
        suffix="#plain",
    ),
    Contestant(
        "gas + files on disk",
        "benchmarks.ours.journey",
        "folder",
        "nothing; goes on in 0.3 s",
        suffix="#disk",
    ),
    Contestant(
        "celery durable",
        "benchmarks.peers.on_celery",
        "everysec",
        "power cut: 1 s of jobs; waits 3,600 s",
        "celery",
        1,
    ),
    Contestant(
        "celery synced",
        "benchmarks.peers.on_celery",
        "always",
        "nothing; waits 3,600 s",
        "celery",
        1,
    ),
    Contestant(
        "celery synced with states",
        "benchmarks.peers.on_celery",
        "always",
        "nothing; waits 3,600 s",
        "celery",
        1,
        "#states",
    ),
    Contestant("huey", "benchmarks.peers.on_huey", "folder", "jobs in hand", "huey", 1, "/huey.db"),
    Contestant(
        "procrastinate",
        "benchmarks.peers.on_procrastinate",
        "postgres",
        "nothing; waits for an operator",
        "procrastinate",
    ),
    Contestant(
        "dbos",
        "benchmarks.peers.on_dbos",
        "postgres",
        "nothing; goes on at restart",
        "dbos",
    ),
)
YARDSTICK = "celery durable"


def interpreter_for(contestant: Contestant, peers_python: str) -> str:
    """TooSlow, with the reason, if it cannot take part."""
    if not contestant.needs:
        return sys.executable
    needs = [contestant.needs, *(["redis"] if contestant.needs == "celery" else [])]
    if contestant.broker == "postgres":
        needs += ["pgserver", "psycopg"]
    if contestant.needs == "celery" and not shutil.which("redis-server"):
        raise TooSlow("no redis-server on this machine")
    code = f"import importlib.util as u; print([n for n in {needs} if not u.find_spec(n)])"
    missing = _asked(peers_python, code)
    if missing != "[]":
        raise TooSlow(f"{peers_python} lacks {missing}")
    return peers_python


def _asked(interpreter: str, code: str) -> str:
    return subprocess.run(
        [interpreter, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()


@dataclass(frozen=True, slots=True)
class Broker:
    url: str
    pids: tuple[int, ...]
    """The processes to whose account its work goes; none for a file."""


def open_broker(contestant: Contestant, crowd: Crowd, folder: Path, interpreter: str) -> Broker:
    if contestant.broker == "folder":
        return Broker(f"{folder}{contestant.suffix}", ())
    if contestant.broker == "postgres":
        return _postgres(crowd, folder, interpreter)
    return _redis(crowd, folder, contestant)


def _redis(crowd: Crowd, folder: Path, contestant: Contestant) -> Broker:
    socket = folder / "redis"
    options = ["--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", ""]
    durable = ["--appendonly", "yes", "--appendfsync", contestant.broker]
    server = crowd.start(["redis-server", *options, *durable])
    wait_until("redis", socket.exists, seconds=10)
    return Broker(f"redis+socket://{socket}{contestant.suffix}", (server.pid,))


def _postgres(crowd: Crowd, folder: Path, interpreter: str) -> Broker:
    # The server runs as a user of its own when we are root, and must reach its folder.
    folder.chmod(0o755)
    server = crowd.start(
        [interpreter, "-m", "benchmarks.peers.postgres", str(folder / "postgres")], talks=True
    )
    url = server.stdout.readline().strip() if server.stdout else ""
    if not url:
        raise TooSlow("PostgreSQL did not start: " + (folder / "log").read_text()[-300:])
    postmaster = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    return Broker(url, (postmaster, *descendants([postmaster])))
