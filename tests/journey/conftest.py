"""A journey for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from billing_rig import Shop, open_shop
from journey.lifecycle_shift import Shift, guard_removals
from journey.lifecycle_world import World, open_world
from rig import Journey, open_journey


@pytest.fixture
def journey(tmp_path: Path) -> Iterator[Journey]:
    with open_journey(tmp_path) as opened:
        yield opened


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path) as opened:
        yield opened


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    folder = tmp_path / "world"
    folder.mkdir()
    with open_world(folder) as opened:
        yield opened


@pytest.fixture
def shift(world: World, monkeypatch: pytest.MonkeyPatch) -> Shift:
    guard_removals(world, monkeypatch)
    return Shift(world)
