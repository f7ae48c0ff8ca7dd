"""How long something takes or lasts, in words for people."""

from __future__ import annotations

from datetime import timedelta

UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
BEGINS_AT = 2
"""A unit is taken from so many of it on: `90 minutes`, not `2 hours`."""


def in_words(span: timedelta) -> str:
    """`5 minutes`, `36 hours`, `1 second`; exact to the unit named, never less than it is."""
    seconds = max(0.0, span.total_seconds())
    name, length = next((each for each in UNITS if _fits(seconds, each[1])), UNITS[-1])
    count = max(0, -int(-seconds // length))
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _fits(seconds: float, length: int) -> bool:
    return seconds >= BEGINS_AT * length or (seconds >= length and seconds % length == 0)
