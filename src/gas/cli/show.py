"""How commands show what they found: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import click

Row = Mapping[str, object]


def show(rows: Sequence[Row], *, as_json: bool, empty: str) -> None:
    """Rows of the same keys, which are the headings; `empty` says that there are none."""
    if as_json:
        click.echo(json.dumps(list(rows), indent=2, default=str))
        return
    if not rows:
        click.echo(empty)
        return
    click.echo(table(rows), nl=False)


def table(rows: Sequence[Row]) -> str:
    """Aligned columns. Nothing is cut or wrapped: what people copy from here must be whole."""
    from rich.cells import cell_len

    headings = list(rows[0])
    cells = [[_text(row[heading]) for heading in headings] for row in rows]
    right = [all(isinstance(row[heading], int | float) for row in rows) for heading in headings]
    widths = [
        max(cell_len(line[column]) for line in [headings, *cells])
        for column in range(len(headings))
    ]

    def aligned(line: Sequence[str]) -> str:
        parts = []
        for text, width, to_right in zip(line, widths, right, strict=True):
            space = " " * (width - cell_len(text))
            parts.append(space + text if to_right else text + space)
        return "  ".join(parts).rstrip()

    lines = [click.style(aligned(headings), bold=True), *map(aligned, cells)]
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    """Without what would move the cursor: names come from users."""
    return plain(f"{value:g}" if isinstance(value, float) else str(value))


def plain(text: str) -> str:
    """`text` in one line, with nothing that a terminal would obey."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
