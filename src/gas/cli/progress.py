"""How a run goes: a bar with stage, percent and rate on a terminal, else a line for each stage."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gas.domain.job import Progress
    from gas.ports.annotation import Progresses


@contextmanager
def told(input_bytes: int) -> Iterator[Progresses]:
    """Takes what an engine reports. On standard error: the results are on the other."""
    if sys.stderr.isatty():
        with _bar(input_bytes) as tell:
            yield tell
    else:
        yield _by_lines()


@contextmanager
def _bar(input_bytes: int) -> Iterator[Progresses]:
    from rich import progress as shown
    from rich.console import Console

    columns = (
        shown.TextColumn("{task.description}"),
        shown.BarColumn(),
        shown.TaskProgressColumn(),
        shown.TransferSpeedColumn(),
        shown.TimeElapsedColumn(),
    )
    with shown.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("begins", total=input_bytes)

        def tell(progress: Progress) -> None:
            # of the whole input, so that the speed is in bytes of what the user gave
            done = progress.fraction * input_bytes
            bar.update(task, completed=done, description=progress.stage)

        yield tell


def _by_lines() -> Progresses:
    last = ""

    def tell(progress: Progress) -> None:
        nonlocal last
        if progress.stage != last:
            last = progress.stage
            click.echo(f"  {last} ({progress.fraction:.0%})", err=True)

    return tell
