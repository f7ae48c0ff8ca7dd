"""Shows how an installation goes on: bars on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from gas.engines.bcftools.shelf.report import Download, Event, Note, Work, silent

if TYPE_CHECKING:
    from gas.engines.bcftools.shelf.report import Report

LINE_SHARE = 0.1
"""Of a download for each line, where there is no terminal."""


@contextmanager
def told(*, quiet: bool = False) -> Iterator[Report]:
    """What to report to; on standard error, so that what a command answers stays apart."""
    console = Console(stderr=True)
    if quiet:
        yield silent
    elif console.is_terminal:
        with Progress(*columns(), console=console) as progress:
            yield Bars(progress)
    else:
        yield Lines()


def columns() -> tuple[ProgressColumn, ...]:
    return TextColumn("{task.description}", markup=False), BarColumn(), _Amount()


class Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note):
            self._progress.console.print(event.text, highlight=False, markup=False)
            return
        if isinstance(event, Download):
            done, total = float(event.done), float(event.total) or None
        else:
            done, total = event.fraction, 1.0
        if event.name not in self._tasks:
            # what was there before this run is no part of the rate
            self._tasks[event.name] = self._progress.add_task(
                event.name, total=total, completed=int(done), in_bytes=isinstance(event, Download)
            )
        self._progress.update(self._tasks[event.name], completed=done, total=total)


class _Amount(ProgressColumn):
    """Bytes, rate and time left of a download; the share of anything else."""

    def render(self, task: Task) -> Text:
        left = f", {_span(task.time_remaining)} left" if task.time_remaining else ""
        if not task.fields["in_bytes"]:
            return Text(f"{task.percentage:.0f} %{left}")
        of = f" of {decimal(int(task.total))}" if task.total else ""
        rate = f", {decimal(int(task.speed))}/s" if task.speed else ""
        return Text(f"{decimal(int(task.completed))}{of}{rate}{left}")


@dataclass(slots=True)
class _Begun:
    at: float
    done: int
    said: float


class Lines:
    """For logs and pipes."""

    def __init__(self) -> None:
        self._begun: dict[str, _Begun] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note):
            click.echo(event.text, err=True)
            return
        now = time.monotonic()
        if isinstance(event, Work):
            if event.name not in self._begun:
                self._begun[event.name] = _Begun(now, 0, 0.0)
                click.echo(f"{event.name}...", err=True)
            return
        if event.name not in self._begun:
            self._begun[event.name] = _Begun(now, event.done, 0.0)
            click.echo(f"{event.name}: {decimal(event.total)}", err=True)
        begun = self._begun[event.name]
        share = event.done / event.total if event.total else 0.0
        if share >= begun.said + LINE_SHARE or share == 1.0:
            begun.said = share
            click.echo(_line(event, begun, now, share), err=True)


def _line(event: Download, begun: _Begun, now: float, share: float) -> str:
    rate = (event.done - begun.done) / max(now - begun.at, 1e-3)
    left = f", {_span((event.total - event.done) / rate)} left" if rate and share < 1 else ""
    return f"{event.name}: {share:.0%}" + (f", {decimal(int(rate))}/s{left}" if rate else "")


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
