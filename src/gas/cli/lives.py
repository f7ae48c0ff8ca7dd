"""What the processes of the service do from beginning to end."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from gas.settings import Settings

WEB_APP = "gas.cli.lives:served_app"


def worker_life(name: str, settings: Settings) -> int:
    """Opens its own services and works until told to stop."""
    from gas.wiring import opened
    from gas.workers.events import write_events_to_output
    from gas.workers.roster import run_worker
    from gas.workers.stop import Stop, stop_on_signals

    write_events_to_output()
    stop = Stop()
    stop_on_signals(stop)
    with opened(settings) as services:
        run_worker(name, services, stop, sweep_seconds=settings.sweep_seconds)
    return 0


def web_life(settings: Settings) -> int:
    from gas.home import prepare_home
    from gas.web.server import serve
    from gas.wiring import check_host, find_backends
    from gas.workers.events import write_events_to_output

    write_events_to_output()
    find_backends(settings)  # what is wrong with them is told here, not in the server's child
    prepare_home(settings.home)
    check_host(settings)
    settings.export()
    serve(settings.host, settings.port, target=WEB_APP)
    return 0


def served_app() -> WSGIApplication:
    """Called in the process that answers, a child of the one that listens. Without its parent
    nobody could stop it, and its port would stay taken."""
    from gas.wiring import web_app
    from gas.workers.events import write_events_to_output
    from gas.workers.process import die_with_parent

    die_with_parent(sign=signal.SIGKILL)
    write_events_to_output()  # a server that starts its processes anew does not hand it down
    return web_app()


def web_command(settings: Settings) -> list[str]:
    """The web as a program of its own: its server starts processes and threads at will, which a
    fork of the supervisor would not like."""
    options = {"--home": settings.home, "--host": settings.host, "--port": settings.port}
    given = [part for name, value in options.items() for part in (name, str(value))]
    return [sys.executable, "-m", "gas.cli", "web", *given]


def prepare(settings: Settings, *, say_link: bool) -> int:
    """Before anything runs: the home, the database at its newest, the first operator."""
    from gas.cli.first_operator import first_words, operator_link
    from gas.domain.errors import GasError
    from gas.wiring import opened

    try:
        with opened(settings) as services:
            link = operator_link(services, settings.operator_email) if say_link else None
            hint = first_words(services)
    except GasError as error:
        click.echo(str(error.reason), err=True)
        return 1
    if link:
        click.echo(f"\n  Sign in as operator ({settings.operator_email}), once, within an hour:")
        click.echo(f"  {link}\n")
    else:
        click.echo(f"\n  GAS at {settings.url} ({hint})\n")
    return 0
