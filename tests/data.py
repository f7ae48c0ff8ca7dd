"""Real test data, read in place where it is present."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("GAS_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")


def shared(path: str) -> Path:
    """A file of the shared test data; the test skips where it is not there."""
    found = ROOT / path
    if not found.exists():
        pytest.skip(f"test data {path} is not on this machine (set GAS_TEST_DATA)")
    return found
