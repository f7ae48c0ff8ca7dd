"""Services of their own for each test, with the fake engine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gas.ports.services import Services
from gas.settings import Settings, read_settings
from gas.wiring import opened
from workers.errands import make_home
from workers.fake_engine import PATH


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("first") / "home")


@pytest.fixture
def settings(tmp_path: Path, first_home: Path) -> Settings:
    shutil.copytree(first_home, tmp_path / "home", ignore=shutil.ignore_patterns("run"))
    return read_settings(home=tmp_path / "home", engine=PATH, annotators=1)


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    with opened(settings) as wired:
        yield wired
