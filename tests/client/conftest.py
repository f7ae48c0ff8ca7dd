"""A service and a client for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from client.service import LiveService, live_service
from gas.client import Client


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LiveService]:
    with live_service(tmp_path / "service") as opened:
        yield opened


@pytest.fixture
def gas(service: LiveService) -> Iterator[Client]:
    with service.client() as client:
        yield client
