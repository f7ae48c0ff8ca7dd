"""`gas reproduce`: makes the results of a run again, and says which are the same."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gas.cli.annotate import FILE, FOLDER, run_here, stopped_cleanly
from gas.cli.given import home_option, settings_from
from gas.domain.errors import Conflict, InputError

if TYPE_CHECKING:
    from gas.domain.options import AnnotationOptions
    from gas.ports.annotation import Outcome


@click.command("reproduce")
@click.argument("provenance_path", metavar="PROVENANCE", type=FILE)
@click.option("--input", "input_path", type=FILE, help="The input; else looked for beside it.")
@click.option("--out", type=FOLDER, help="Keep what is made in this empty folder.")
@home_option
def command(
    provenance_path: Path, *, input_path: Path | None, out: Path | None, home: str | None
) -> None:
    """Run again what PROVENANCE, a provenance.json, tells of, and compare the checksums.

    With the reference, the known variants and the versions that are here now; what of them
    differs is named. Exit code 0: every result is the same; 1: one is not, or it failed.
    """
    from gas.engines.bcftools.outputs.origin import file_used
    from gas.engines.bcftools.outputs.provenance import read_provenance
    from gas.engines.bcftools.outputs.reproduce import Verdict, compare, differences
    from gas.wiring import find_engine

    told = read_provenance(provenance_path)
    input_path = input_path or provenance_path.parent / Path(told["input"]["name"]).name
    _check_input(input_path, told["input"], file_used)
    settings = settings_from(home)
    engine, _ = find_engine(settings)
    with stopped_cleanly(), _work_folder(out) as folder:
        outcome = run_here(
            engine,
            settings,
            input_path=input_path,
            input_name=told["input"]["name"],
            reference=told["reference"]["name"],
            options=_options(told["options"]),
            work_path=folder,
        )
        now = read_provenance(_provenance_of(outcome, engine.name))
    compared = compare(told, now)
    _show([{"file": one.file, "it is": one.verdict.value} for one in compared])
    differing = differences(told, now)
    for one in differing:
        click.echo(str(one))
    if any(one.verdict is not Verdict.SAME for one in compared):
        if not differing:
            click.echo("Input, reference, known variants, options and versions are the same.")
        sys.exit(1)


def _check_input(path: Path, told: Mapping[str, Any], file_used: Any) -> None:
    if not path.is_file():
        raise InputError(
            "NO_SUCH_FILE",
            f"There is no file {path.name} beside the provenance.",
            cure="Say where the input is with --input.",
        )
    if file_used(path).sha256 != told["sha256"]:
        raise InputError(
            "INPUT_DIFFERS",
            f"{path.name} is not the input of that run: its checksum differs.",
            cure="Give the very file with --input; its SHA-256 is in the provenance.",
        )


def _options(told: Mapping[str, Any]) -> AnnotationOptions:
    """Those that this version knows; others are named as differing afterwards."""
    from gas.domain.options import AnnotationOptions

    known = {one.name for one in fields(AnnotationOptions)}
    return AnnotationOptions(**{name: bool(told[name]) for name in known & told.keys()})


def _provenance_of(outcome: Outcome, engine: str) -> Path:
    from gas.domain.job import FileKind

    for file in outcome.files:
        if file.kind is FileKind.PROVENANCE:
            return file.path
    raise Conflict(
        "NO_PROVENANCE",
        f"The engine {engine} does not say what its results were made from.",
        cure="Choose the engine bcftools (GAS_ENGINE).",
    )


@contextmanager
def _work_folder(out: Path | None) -> Iterator[Path]:
    if out is None:
        with tempfile.TemporaryDirectory(prefix="gas-reproduce-") as name:
            yield Path(name)
        return
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise Conflict(
            "OUTPUT_EXISTS",
            f"The folder {out} is not empty.",
            cure="Choose another with --out.",
        )
    yield out


def _show(rows: list[dict[str, object]]) -> None:
    from gas.cli.show import table

    click.echo(table(rows))
