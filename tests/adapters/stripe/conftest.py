"""A fake Stripe for each test, and our backend that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.stripe.fake import FakeStripe, fake_stripe
from adapters.stripe.rig import billing_of
from gas.adapters.stripe.billing import StripeBilling
from rig import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def fake(clock: SetClock) -> Iterator[FakeStripe]:
    with fake_stripe(clock) as opened:
        yield opened


@pytest.fixture
def billing(fake: FakeStripe) -> StripeBilling:
    return billing_of(fake)
