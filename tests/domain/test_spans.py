"""Spans in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.domain.spans import in_words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=0.4), "1 second"),
        (timedelta(seconds=5), "5 seconds"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=14), "14 days"),
    ],
)
def test_in_the_largest_unit_that_says_it(span: timedelta, words: str) -> None:
    assert in_words(span) == words
