"""The log: a value never looks like another line, or tells a terminal to do something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from gas.workers.events import write_events_to_output


@pytest.fixture(autouse=True)
def written() -> Iterator[None]:
    write_events_to_output()
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "value",
    [
        "x\nat=2026-01-01T00:00:00Z level=info event=forged",
        "x\r\nlevel=info",
        "\x1b[2J\x1b]0;title\x07",
        "a\x85b\u2028c\u2029d",
        "\u202eesrever",
        "\x00",
    ],
)
def test_a_value_stays_in_its_line(capsys: pytest.CaptureFixture[str], value: str) -> None:
    structlog.get_logger().info("something", said=value, after="whole")
    line, _, rest = capsys.readouterr().out.partition("\n")
    assert rest == ""
    assert line.isprintable()
    assert line.endswith("after=whole")


def test_words_of_any_language_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().info("gesehen", name="Größe 大きさ")
    assert 'name="Größe 大きさ"' in capsys.readouterr().out


def test_each_line_says_when_and_how_grave(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().warning("late")
    said = capsys.readouterr().out
    assert said.startswith("at=20")
    assert "Z level=warning event=late" in said
