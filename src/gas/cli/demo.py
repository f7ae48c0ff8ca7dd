"""`gas demo`: the synthetic reference, one job through the whole service, what was found."""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gas.cli.given import home_option, settings_from
from gas.domain.errors import EngineFailed

if TYPE_CHECKING:
    from gas.settings import Settings

DEMO = "demo"
LOOPBACK = "127.0.0.1"
SHOWN_OUTPUT = 2000


@click.command("demo")
@click.option("--exit", "leave", is_flag=True, help="Stop after the job; 0 only if COMPLETED.")
@click.option("--port", type=int, help="Port to listen on; a free one if not given.")
@home_option
def command(leave: bool, port: int | None, home: str | None) -> None:
    """Run one job through the whole service and show what was found; then keep serving."""
    from gas.cli.demo_job import run_job

    port = port or _free_port()
    url = f"http://{LOOPBACK}:{port}"
    settings = settings_from(home, host=LOOPBACK, port=port, site_url=url, sign_in="links")
    _install_reference(settings)
    with _service(settings) as pid:
        link = run_job(settings, lambda: _require_alive(settings, pid))
        if leave:
            return
        click.echo(f"\nSee it in a browser; this link signs you in, once:\n  {link}")
        click.echo(f"\nServing on {settings.url}. Ctrl-C stops it.")
        _wait_for(pid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _install_reference(settings: Settings) -> None:
    from gas.engines.bcftools import add_reference, make_demo
    from gas.home import prepare_home
    from gas.wiring import find_engine

    prepare_home(settings.home)
    _, references = find_engine(settings)
    if references.get(DEMO):
        return
    click.echo("Making the demo reference, a small synthetic genome.")
    with tempfile.TemporaryDirectory() as name:
        files = make_demo(Path(name))
        add_reference(
            settings.home / "references",
            DEMO,
            fasta=files.fasta,
            gff=files.gff,
            title="Demo (synthetic)",
            report=lambda _text: None,
        )


@contextmanager
def _service(settings: Settings) -> Iterator[int]:
    """`gas up` as a child that cannot outlive us; its output goes to its log."""
    from gas.workers.process import exec_command, fork_child

    settings.export()
    command = [sys.executable, "-m", "gas.cli", "up", "--no-link"]
    output_path = settings.home / "logs" / "demo.log"
    with output_path.open("wb") as output:
        pid = fork_child(exec_command(command), output=output.fileno())
    try:
        yield pid
    finally:
        _stop(pid)


def _stop(pid: int) -> None:
    """In order; Ctrl-C again forces."""
    try:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    except KeyboardInterrupt:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        return


def _require_alive(settings: Settings, pid: int) -> None:
    if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        text = (settings.home / "logs" / "demo.log").read_text(errors="replace")
        click.echo(text[-SHOWN_OUTPUT:], err=True)
        raise EngineFailed(
            "SERVICE_ENDED",
            "The service did not start, or ended.",
            cure="Its last words are above.",
        )


def _wait_for(pid: int) -> None:
    """Until the service ends, or Ctrl-C or SIGTERM comes."""

    def leave(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    try:
        os.waitpid(pid, 0)
    except KeyboardInterrupt:
        click.echo("\nStopping.")
    else:
        raise EngineFailed(
            "SERVICE_ENDED", "The service ended.", cure="Look into logs/gas.log in its home."
        )
