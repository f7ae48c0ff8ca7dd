"""`gas doctor`: can this machine run GAS, and what has to be mended?"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from gas.cli.given import home_option, json_option, settings_from
from gas.cli.show import show
from gas.domain.errors import GasError

if TYPE_CHECKING:
    from gas.settings import Settings

ROOM_BYTES = 2**30
MOST_OVERDUE = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    state: str
    """'ok', 'weak' (it works, with less protection) or 'problem'."""
    detail: str
    cure: str = ""


@click.command("doctor")
@json_option
@home_option
def command(as_json: bool, home: str | None) -> None:
    """Look whether this machine can run GAS, and say what to mend."""
    findings = list(_examine(settings_from(home)))
    rows = [asdict(finding) for finding in findings]
    show(rows, as_json=as_json, empty="")
    if any(finding.state == "problem" for finding in findings):
        sys.exit(1)


def _examine(settings: Settings) -> Iterator[Finding]:
    for what, examine in (
        ("system", _system),
        ("home", _home),
        ("room", _room),
        ("database", _database),
        ("engine", _engine),
        ("walls", _walls),
        ("references", _references),
        ("address", _address),
        ("billing", _billing),
        ("results", _results),
        ("cold storage", _cold_storage),
    ):
        yield _examined(what, examine, settings)


def _examined(what: str, examine: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return examine(settings)
    except GasError as error:
        return Finding(what, "problem", error.reason.message, error.reason.cure)
    except (ImportError, OSError) as error:
        return Finding(what, "problem", str(error), "Install GAS anew, or mend what is named.")


def _system(_settings: Settings) -> Finding:
    if sys.platform != "linux":
        return Finding("system", "problem", sys.platform, "GAS runs on Linux.")
    cores = len(os.sched_getaffinity(0))
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("system", "ok", f"Linux, Python {version}, {cores} cores")


def _home(settings: Settings) -> Finding:
    from gas.home import prepare_home

    prepare_home(settings.home)
    if settings.home.stat().st_mode & 0o077:
        cure = f"Run `chmod 700 {settings.home}`."
        return Finding("home", "problem", f"{settings.home} is open to others", cure)
    if not os.access(settings.home, os.W_OK | os.X_OK):
        return Finding("home", "problem", f"{settings.home} cannot be written", "Mend its owner.")
    return Finding("home", "ok", str(settings.home))


def _room(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free
    detail = f"{free / 2**30:.1f} GiB free"
    if free < ROOM_BYTES:
        return Finding("room", "problem", detail, "Free at least 1 GiB, or move the home.")
    return Finding("room", "ok", detail)


def _database(settings: Settings) -> Finding:
    from gas.wiring import opened

    with opened(settings) as services:
        states = services.queue_desk.states()
    waiting = sum(state.visible + state.delayed for state in states)
    dead = sum(state.dead for state in states)
    return Finding("database", "ok", f"{waiting} messages wait, {dead} dead letters")


def _engine(settings: Settings) -> Finding:
    from gas.wiring import find_engine

    engine, _ = find_engine(settings)
    return Finding("engine", "ok", engine.name)


def _walls(settings: Settings) -> Finding:
    from gas.ports.annotation import Confines
    from gas.wiring import find_engine

    engine, _ = find_engine(settings)
    missing = engine.missing_walls() if isinstance(engine, Confines) else ["anything: it has none"]
    if missing:
        detail = f"the engine is not kept from {', '.join(missing)}"
        return Finding("walls", "weak", detail, "Run the annotators on Linux 5.19 or newer.")
    return Finding("walls", "ok", "the engine has no network, and sees the files of its run only")


def _references(settings: Settings) -> Finding:
    from gas.wiring import find_engine

    _, references = find_engine(settings)
    names = [found.name for found in references.all()]
    if not names:
        cure = "Install one with `gas reference add`, or run `gas demo`."
        return Finding("references", "problem", "none is installed", cure)
    return Finding("references", "ok", ", ".join(names))


def _address(settings: Settings) -> Finding:
    from gas.wiring import check_host

    check_host(settings)
    return Finding("address", "ok", settings.url)


def _billing(settings: Settings) -> Finding:
    from gas.wiring import opened

    if not settings.billing:
        return Finding("billing", "ok", "none: operators set plans with `gas user plan`")
    with opened(settings) as services:
        assert services.billing is not None  # noqa: S101 - it is set
        detail = services.billing.check()
    if not settings.url.startswith("https:"):
        cure = "Set GAS_SITE_URL to an https address that the billing vendor can reach."
        return Finding(
            "billing", "problem", f"{detail}; events cannot come to {settings.url}", cure
        )
    return Finding("billing", "ok", detail)


def _results(settings: Settings) -> Finding:
    """Of all jobs; and what the sweep and the inspection have left."""
    from gas.domain.job import ResultsState
    from gas.journey.inspect import PATIENCE
    from gas.wiring import opened

    with opened(settings) as services:
        totals = {each.state: each for each in services.jobs.results_totals()}
        settles_within = services.cold_storage.settles_within
        now = services.unhurried()
        overdue = len(services.jobs.unsettled(before=now - 2 * PATIENCE, limit=MOST_OVERDUE))
    archived, restoring, damaged = (
        totals[state].jobs if state in totals else 0
        for state in (ResultsState.ARCHIVED, ResultsState.RESTORING, ResultsState.DAMAGED)
    )
    detail = f"{archived} archived, {restoring} restoring"
    if damaged:
        cure = "`gas results ls` names the files. Put them back, then run `gas results check`."
        return Finding("results", "problem", f"{detail}, {damaged} DAMAGED", cure)
    if overdue:
        detail += f", {overdue}{'+' if overdue == MOST_OVERDUE else ''} overdue"
        cure = "See that the workers `sweep`, `lifecycle` and `cold` run."
        return Finding("results", "problem", detail, cure)
    oldest = totals[ResultsState.RESTORING].oldest_since if restoring else None
    if oldest is None:
        return Finding("results", "ok", detail)
    detail += f", the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
    if now - oldest > settles_within:
        cure = "See that the workers `lifecycle` and `cold` run; see `gas queue peek thaw`."
        return Finding("results", "problem", detail, cure)
    return Finding("results", "ok", detail)


def _cold_storage(settings: Settings) -> Finding:
    from gas.wiring import opened

    with opened(settings) as services:
        return Finding("cold storage", "ok", services.cold_storage.check())
