"""`gas` at a real service, from a folder and a configuration of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from client.service import LiveService, live_service
from client.test_uploads import vcf
from gas.cli import main

Gas = Callable[..., Result]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LiveService]:
    with live_service(tmp_path / "service") as opened:
        yield opened


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GAS_SERVER", "GAS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "gas" / "servers.json"


@pytest.fixture
def stranger(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gas:
    """Runs `gas ARGUMENTS` in a folder of its own; an unforeseen error fails the test."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("gas.client.line.Patience.wait", lambda *_, **__: None)
    monkeypatch.setattr("gas.cli.jobs.follow.POLL_SECONDS", (0.01, 0.02))

    def run(*arguments: str, said: str = "") -> Result:
        return CliRunner().invoke(main, arguments, input=said, catch_exceptions=False)

    return run


@pytest.fixture
def gas(stranger: Gas, service: LiveService) -> Gas:
    done = stranger("login", service.url, "--token-stdin", said=service.token + "\n")
    assert done.exit_code == 0, done.output
    return stranger


def at_work(service: LiveService) -> None:
    """From now on a job that is looked at is run."""

    def annotate(what: str) -> None:
        if what.startswith("GET /api/v1/jobs/"):
            delivery = service.journey.receive()
            if delivery:
                service.journey.annotate(delivery)
                service.journey.store.queues.delete(delivery.receipt)

    service.way.before = annotate


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def submitted(gas: Gas, name: str = "a.vcf", *more: str) -> str:
    vcf(Path(name), 2.5)
    done = gas("jobs", "submit", name, "-r", "demo", *more)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()
