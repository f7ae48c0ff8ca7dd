"""Receipts: queue, message and token in one, so that one of an earlier delivery fits nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from gas.domain.errors import StaleReceipt


def parsed(receipt: str) -> tuple[str, str, str]:
    parts = receipt.split("/")
    # An empty token would fit every message that nobody holds.
    if len(parts) != 3 or not all(parts):
        raise stale()
    return parts[0], parts[1], parts[2]


def well_formed(receipts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for receipt in receipts:
        with suppress(StaleReceipt):
            yield parsed(receipt)


def stale() -> StaleReceipt:
    return StaleReceipt(
        "STALE_RECEIPT",
        "The message is no longer held under this receipt.",
        cure="Leave it to whoever holds it now.",
    )
