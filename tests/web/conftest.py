"""The pages of every test here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from web_rig import Pages, open_pages


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with open_pages(tmp_path) as opened:
        yield opened
