"""Counts of a run, as a job keeps them: pairs of a name and a number, in order.

A name may begin with the group it belongs to, 'Located: CDS', so that a page can show each group
as a table of its own and a list of all pairs can still be read.
"""

from __future__ import annotations

from collections.abc import Iterable

MARK = ": "


def named(group: str, name: str) -> str:
    return f"{group}{MARK}{name}"


def groups(counts: Iterable[tuple[str, int]]) -> dict[str, list[tuple[str, int]]]:
    """Pairs by group, both in the order in which they come; those without a group are under ''."""
    found: dict[str, list[tuple[str, int]]] = {}
    for name, count in counts:
        group, mark, rest = name.partition(MARK)
        found.setdefault(group if mark else "", []).append((rest if mark else name, count))
    return found
