"""`gas jobs results`: brings files of jobs, checked, and goes on where it broke off."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gas.cli import reach
from gas.cli.given import json_option
from gas.cli.jobs import tell
from gas.cli.show import show

if TYPE_CHECKING:
    from gas.client import Client, ResultFile


@click.command("results")
@click.argument("ids", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Into this folder; of several jobs, each into one of its own. Without it they are listed.",
)
@click.option("--with-input", is_flag=True, help="Bring what was uploaded, too.")
@json_option
@reach.server_options
def results(ids: tuple[str, ...], out: Path | None, with_input: bool, as_json: bool) -> None:
    """List the files of the jobs with these IDS, or bring them."""
    with reach.reaching(lambda: "Run the same command again to go on."):
        client = reach.client()
        if out is None:
            files = [{"job": it, **asdict(file)} for it in ids for file in client.results(it)]
            shown = files if as_json else [_for_people(file) for file in files]
            show(shown, as_json=as_json, empty="There are no files.")
            return
        paths: list[Path] = []
        try:
            for job_id in ids:
                folder = out / job_id if len(ids) > 1 else out
                bring(client, job_id, folder, with_input=with_input, brought=paths)
        finally:  # what came is told, whatever else did not
            _tell(paths, as_json=as_json)


def _for_people(file: dict[str, Any]) -> dict[str, Any]:
    return file | {"refused": file["refused"] or ""}


def _tell(paths: list[Path], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([str(path) for path in paths], indent=2))
    else:
        for path in paths:
            click.echo(path)


def bring(
    client: Client,
    job_id: str,
    folder: Path,
    *,
    with_input: bool = False,
    brought: list[Path] | None = None,
) -> list[Path]:
    """The files of a job, with a bar for each, added to those `brought` already. What is refused
    comes last, so that one archived file keeps back no other."""

    def wanted(file: ResultFile) -> bool:
        return with_input or file.kind != "input"

    paths = [] if brought is None else brought
    files = filter(wanted, client.results(job_id))
    for file in sorted(files, key=lambda each: each.refused is not None):
        with tell.bar(file.name) as moved:
            paths.append(client.fetch(job_id, file, folder, moved=moved))
    return paths
