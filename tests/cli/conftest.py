"""The `gas` command on a home of its own, with the fake engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gas.cli import main
from gas.ports.services import Services
from gas.settings import read_settings
from gas.wiring import opened
from workers.errands import make_home
from workers.fake_engine import PATH

Gas = Callable[..., Result]


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("first") / "home")


@pytest.fixture
def home(tmp_path: Path, first_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GAS_ENGINE", PATH)
    shutil.copytree(first_home, tmp_path / "home", ignore=shutil.ignore_patterns("run"))
    return tmp_path / "home"


@pytest.fixture
def gas(home: Path) -> Gas:
    """Runs `gas ARGUMENTS`; an unforeseen error fails the test."""

    def run(*arguments: str) -> Result:
        options = ["--home", str(home)]
        return CliRunner().invoke(main, [*options, *arguments], catch_exceptions=False)

    return run


@pytest.fixture
def services(home: Path) -> Iterator[Services]:
    with opened(read_settings(home=home)) as wired:
        yield wired
