"""`gas worker NAME`: one worker, in the foreground; for systemd, containers and debugging."""

from __future__ import annotations

import click

from gas.cli.given import home_option, settings_from

BESIDE_LIFECYCLE = (
    "lifecycle decides where results shall be, and moves none itself: `gas worker cold` has to run"
    " beside it, or results that are to be archived or to come back stay where they are."
)


@click.command("worker")
@click.argument("name")
@home_option
def command(name: str, home: str | None) -> None:
    """Run the worker NAME until SIGTERM or Ctrl-C.

    \b
    annotate   runs jobs; any number of it
    notify     sends mails
    errands    announce, deliver, export and forget, and settle where people
               pay, in one process
    lifecycle  archive, restore, thaw and inspect, in one process: decides
               where results shall be. Needs cold beside it.
    cold       moves results to cold storage and back, where lifecycle wants
               them. Apart from it, since each would hold up the other.
    sweep      finds what a crash left

    Those that share a process can run alone as well: announce, deliver, export, forget, settle,
    archive, restore, thaw, inspect. `gas up` runs all of them.
    """
    from gas.cli.lives import worker_life

    if name == "lifecycle":
        click.echo(BESIDE_LIFECYCLE, err=True)
    raise SystemExit(worker_life(name, settings_from(home)))
