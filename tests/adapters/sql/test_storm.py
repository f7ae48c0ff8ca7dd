"""The storm over every address, on PostgreSQL: there, writers are at work side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from web.test_storm import ROUNDS, VISITORS, Storm, Things
from web.test_walks import visitor
from web_rig import Pages, open_pages


@pytest.fixture
def pages(tmp_path: Path, postgres: Callable[[str], str]) -> Iterator[Pages]:
    with open_pages(tmp_path, postgres("storm")) as pages:
        yield pages


@pytest.mark.timeout(600)
def test_nothing_breaks_while_what_is_asked_for_comes_and_goes(pages: Pages) -> None:
    things = Things(pages)
    visitors = [visitor(pages, pages.ada(), pages.journey.account) for _ in range(VISITORS)]
    things.renew()
    with Storm(visitors, lambda: things.whose).blowing():
        for _ in range(ROUNDS):
            things.renew()
