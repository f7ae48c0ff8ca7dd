"""`gas annotate`: one file here and now, without the service; all of its results, or none."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gas.cli.given import home_option, settings_from
from gas.domain.errors import Conflict

if TYPE_CHECKING:
    from gas.domain.options import AnnotationOptions
    from gas.ports.annotation import Engine, Outcome
    from gas.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
HIDDEN = re.compile(r"\.gas-annotate-(\d+)-[0-9a-f]{8}\Z")
SHARED_NAMES = ("summary.json", "provenance.json")
"""Files of every run, whatever its input is called."""
SOMETIMES = (".annot.vcf.gz.tbi", ".annot.vcf.gz.csi", ".rejected.vcf")
"""What not every run leaves."""
STOPS = (signal.SIGINT, signal.SIGTERM)
MOST_ROWS = 12
"""Of a group of counts on the screen; the count log has all."""


@click.command("annotate")
@click.argument("input_path", metavar="IN", type=FILE)
@click.option("--reference", required=True, help="What it is annotated against.")
@click.option("--out", type=FOLDER, required=True, help="Where the results go; made if need be.")
@click.option("--haplotypes", is_flag=True, help="Phased genotypes together, too.")
@click.option("--ann", is_flag=True, help="INFO/ANN as well as INFO/CSQ.")
@click.option("--keep-csq", is_flag=True, help="Keep the CSQ that the input has.")
@click.option("--force", is_flag=True, help="Replace results that are there.")
@home_option
def command(
    input_path: Path,
    *,
    reference: str,
    out: Path,
    haplotypes: bool,
    ann: bool,
    keep_csq: bool,
    force: bool,
    home: str | None,
) -> None:
    """Annotate IN (VCF or BCF, plain or compressed) against an installed reference.

    The results appear in the folder of --out at the end, all of them; when the run fails or is
    stopped there are none. Exit code 1: it failed, and the first line says why, by a code that
    docs/errors.md explains; 130: stopped by Ctrl-C.
    """
    from gas.domain.keys import stem
    from gas.domain.options import AnnotationOptions
    from gas.ports.annotation import LOG_NAME
    from gas.wiring import find_engine

    settings = settings_from(home)
    if not force:
        _refuse_existing(out, [f"{stem(input_path.name)}.annot.vcf.gz", *SHARED_NAMES])
    engine, _ = find_engine(settings)
    options = AnnotationOptions(haplotypes=haplotypes, ann=ann, keep_csq=keep_csq)
    with stopped_cleanly(), _hidden_folder(out) as folder:
        outcome = run_here(
            engine,
            settings,
            input_path=input_path,
            input_name=input_path.name,
            reference=reference,
            options=options,
            work_path=folder,
        )
        found = {file.path.name: file.path for file in outcome.files}
        found[f"{stem(input_path.name)}.log"] = folder / LOG_NAME
        if not force:
            _refuse_existing(out, found)
        earlier = [f"{stem(input_path.name)}{ending}" for ending in SOMETIMES] if force else []
        _publish(found, out, gone=[name for name in earlier if name not in found])
    _show(outcome, out, found)


def run_here(
    engine: Engine,
    settings: Settings,
    *,
    input_path: Path,
    input_name: str,
    reference: str,
    options: AnnotationOptions,
    work_path: Path,
) -> Outcome:
    """One run in the empty folder `work_path`, with a bar on standard error."""
    from gas.cli.progress import told
    from gas.ports.annotation import AnnotationTask

    limits = settings.limits
    task = AnnotationTask(
        input_path=input_path,
        input_name=input_name,
        reference=reference,
        work_path=work_path,
        seconds=limits.run_seconds,
        memory_bytes=limits.run_memory_bytes,
        processes=limits.run_processes,
        options=options,
    )
    with told(input_path.stat().st_size) as report:
        return engine.annotate(task, report)


@contextmanager
def stopped_cleanly() -> Iterator[None]:
    """Ctrl-C and SIGTERM unwind what is open, then end the command with 130 or 143."""
    number = signal.SIGINT

    def stop(received: int, _frame: object) -> None:
        nonlocal number
        number = signal.Signals(received)
        raise KeyboardInterrupt

    before = {one: signal.signal(one, stop) for one in STOPS}
    try:
        yield
    except KeyboardInterrupt:
        click.echo("Stopped; nothing was left behind.", err=True)
        sys.exit(128 + number)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _hidden_folder(out: Path) -> Iterator[Path]:
    """In the folder of the results, so that a rename moves them there; gone at the end."""
    existed = out.exists()
    out.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(out)
    folder = out / f".gas-annotate-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not existed:
            with suppress(OSError):  # it holds results
                out.rmdir()


def _remove_leftovers(out: Path) -> None:
    """Of runs that were killed."""
    for entry in out.iterdir():
        found = HIDDEN.match(entry.name)
        if found and not Path(f"/proc/{found[1]}").exists():
            shutil.rmtree(entry, ignore_errors=True)


def _refuse_existing(out: Path, names: Iterable[str]) -> None:
    taken = [name for name in names if (out / name).exists()]
    if taken:
        raise Conflict(
            "OUTPUT_EXISTS",
            f"There is a file {taken[0]} in {out} already.",
            cure="Choose another folder with --out, or replace what is there with --force.",
        )


def _publish(found: Mapping[str, Path], out: Path, *, gone: Iterable[str]) -> None:
    """Renames only, which nobody can stop half way: it takes no time, and a half is no result.
    `gone`: what results that are replaced may have had and these have not."""
    before = {one: signal.signal(one, signal.SIG_IGN) for one in STOPS}
    try:
        for name, path in found.items():
            path.replace(out / name)
        for name in gone:
            (out / name).unlink(missing_ok=True)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _show(outcome: Outcome, out: Path, found: Mapping[str, Path]) -> None:
    from gas.cli.show import table
    from gas.domain.counts import groups

    for group, rows in groups(outcome.counts).items():
        shown = [row for row in rows if row[1] or not group][:MOST_ROWS]
        if shown:
            click.echo(
                table([{group or "records": name, "number": count} for name, count in shown])
            )
    sizes = [{"file": name, "bytes": (out / name).stat().st_size} for name in found]
    click.echo(f"Results in {out}:\n")
    click.echo(table(sizes), nl=False)
