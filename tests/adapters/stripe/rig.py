"""Our backend, wired to the fake."""

from __future__ import annotations

from adapters.stripe.books import PRICE
from adapters.stripe.fake import KEY, FakeStripe
from gas.adapters.stripe.billing import StripeBilling
from gas.domain.billing import Terms


def billing_of(
    fake: FakeStripe,
    *,
    key: str = KEY,
    price: str = PRICE,
    secrets: tuple[str, ...] = (),
    retries: int = 0,
    terms: Terms = Terms(),  # noqa: B008 - frozen
) -> StripeBilling:
    return StripeBilling(
        key,
        secrets=secrets or (fake.secret,),
        price=price,
        offer="10 EUR a month",
        origins=(fake.url,),
        terms=terms,
        clock=fake.clock,
        api=fake.url,
        timeout_seconds=5.0,
        retries=retries,
    )
