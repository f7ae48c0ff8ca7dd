"""Counts and their groups."""

from __future__ import annotations

from gas.domain.counts import groups, named


def test_a_name_carries_its_group_and_order_is_kept() -> None:
    counts = [("Total", 3), (named("Located", "5' UTR"), 1), ("Known", 2), ("Located: CDS", 2)]
    assert groups(counts) == {
        "": [("Total", 3), ("Known", 2)],
        "Located": [("5' UTR", 1), ("CDS", 2)],
    }
