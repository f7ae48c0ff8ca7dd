from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from oidc_rig import RealProvider, real_provider


@pytest.fixture(scope="session")
def plain() -> Iterator[RealProvider]:
    with real_provider("plain") as provider:
        yield provider


@pytest.fixture(scope="session")
def globus() -> Iterator[RealProvider]:
    with real_provider("globus") as provider:
        yield provider


@pytest.fixture(params=["plain", "globus"])
def provider(request: pytest.FixtureRequest) -> RealProvider:
    found: RealProvider = request.getfixturevalue(request.param)
    return found


def real_clock() -> datetime:
    """The provider's own: its tokens carry real times."""
    return datetime.now(UTC)
