"""What the job's page says of results."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gas.domain.job import FileKind
from gas.web.formats import sentence_by_kind
from web_rig import Pages


@pytest.mark.parametrize("kind", FileKind)
def test_every_kind_of_file_has_a_sentence(kind: FileKind) -> None:
    assert sentence_by_kind[kind]


def test_counts_are_shown_by_group(pages: Pages) -> None:
    counts = [("Total", 1200), ("Located: CDS", 7), ("Consequence: stop_gained", 2)]
    template = pages.app.jinja_env.get_template("parts/results.html")
    page = template.render(job=SimpleNamespace(counts=counts))
    assert page.count("<table") == 3
    assert ">Located</caption>" in page
    assert ">CDS</th>" in page
    assert "1,200" in page
    assert "Located: CDS" not in page
