"""`gas worker NAME`: one worker, in the foreground; for systemd, containers and debugging."""

from __future__ import annotations

import click

from gas.cli.given import home_option, settings_from


@click.command("worker")
@click.argument("name")
@home_option
def command(name: str, home: str | None) -> None:
    """Run the worker NAME (annotate, notify or sweep) until SIGTERM or Ctrl-C."""
    from gas.cli.lives import worker_life

    raise SystemExit(worker_life(name, settings_from(home)))
