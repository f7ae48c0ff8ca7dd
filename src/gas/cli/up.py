"""`gas up`: the web, the annotators, the notifier and the sweeper under one supervisor."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gas.cli.given import home_option, settings_from
from gas.domain.errors import Conflict, InputError

if TYPE_CHECKING:
    from gas.settings import Settings
    from gas.workers.fleet import Berth

PORT_PATIENCE_SECONDS = 6.0
STOP_WEB, STOP_WORKERS, STOP_REST = 0, 1, 2


@click.command("up")
@click.option("--host", help="Address to listen on [GAS_HOST; 127.0.0.1].")
@click.option("--port", type=int, help="Port to listen on [GAS_PORT; 8000].")
@click.option("--annotators", type=int, help="How many [GAS_ANNOTATORS; one per core].")
@click.option("--no-link", is_flag=True, help="Print no sign-in link.")
@home_option
def command(
    host: str | None,
    port: int | None,
    annotators: int | None,
    no_link: bool,
    home: str | None,
) -> None:
    """Run the whole service on this machine until Ctrl-C or SIGTERM."""
    from gas.home import prepare_home
    from gas.wiring import check_host

    settings = settings_from(home, host=host, port=port, annotators=annotators)
    prepare_home(settings.home)
    check_host(settings)
    with only_one(settings.home):
        require_free(settings.host, settings.port)
        raise SystemExit(supervise(settings, say_link=not no_link))


def supervise(settings: Settings, *, say_link: bool) -> int:
    from gas.cli.lives import prepare
    from gas.wiring import preload
    from gas.workers.fleet import Fleet
    from gas.workers.logs import MergedLog

    preload(settings)
    # What is imported by now is never freed: keep the collector from touching (and so copying)
    # the pages that the children share.
    gc.collect()
    gc.freeze()
    if code := _run_apart(partial(prepare, settings, say_link=say_link)):
        return code
    berths = fleet_of(settings)
    width = max(len(berth.name) for berth in berths)
    log = MergedLog(settings.home / "logs" / "gas.log", name_width=width)
    try:
        return Fleet(berths, log).run()
    finally:
        log.close()


def fleet_of(settings: Settings) -> list[Berth]:
    from gas.cli.lives import web_command, worker_life
    from gas.workers.fleet import Berth
    from gas.workers.process import exec_command

    def worker(name: str, berth: str, stop_order: int) -> Berth:
        return Berth(berth, partial(worker_life, name, settings), stop_order)

    return [
        Berth("web", exec_command(web_command(settings)), STOP_WEB),
        *(
            worker("annotate", f"annotate-{number}", STOP_WORKERS)
            for number in range(1, settings.annotators + 1)
        ),
        worker("notify", "notify", STOP_WORKERS),
        worker("errands", "errands", STOP_WORKERS),
        worker("lifecycle", "lifecycle", STOP_WORKERS),
        worker("cold", "cold", STOP_WORKERS),
        worker("sweep", "sweep", STOP_REST),
    ]


def require_free(host: str, port: int) -> None:
    """Conflict PORT_TAKEN. Patient: the web of a service just killed may still be ending."""
    deadline = time.monotonic() + PORT_PATIENCE_SECONDS
    while not _is_free(host, port):
        if time.monotonic() > deadline:
            raise Conflict(
                "PORT_TAKEN",
                f"Another program listens on {host}, port {port}, already.",
                cure="Choose another port with --port or GAS_PORT, or stop that program.",
            )
        time.sleep(0.1)


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise InputError(
                "ADDRESS_UNUSABLE",
                f"GAS cannot listen on {host}, port {port}: {error.strerror}.",
                cure="Choose an address of this machine, and a port above 1023.",
            ) from error
    return True


def _run_apart(run: partial[int]) -> int:
    """In a child that ends: the supervisor itself opens no database."""
    from gas.workers.process import fork_child

    child = fork_child(run, output=1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """One service per home: the kernel's lock ends with the supervisor, however it ends."""
    descriptor = os.open(home / "run" / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Conflict(
            "ALREADY_UP",
            f"The service of {home} runs already.",
            cure="Stop that one first, or choose another --home.",
        ) from error
    else:
        yield
    finally:
        os.close(descriptor)
