"""The log: one event per line, `key=value`. Never contents, tokens, links or genotypes."""

from __future__ import annotations

import contextlib
import sys
import traceback
from typing import Any

import structlog

from gas.domain.errors import GasError


def write_events_to_output() -> None:
    """Sets structlog up for this process: lines on standard output, written whole."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.add_log_level,
            structlog.processors.LogfmtRenderer(
                key_order=["at", "level", "event"], drop_missing=True, sort_keys=False
            ),
            visible,
        ],
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )


def visible(_logger: object, _name: str, line: Any) -> Any:
    """Nothing in a value ends the line, or tells a terminal to do something. The renderer escapes
    newlines alone, not the other control characters."""
    if line.isprintable():
        return line
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in line
    )


class _Lines:
    """Where lines go. A reader that went away must not end the writer: a worker whose supervisor
    died still has to give back what it holds."""

    def __init__(self, *_names: str) -> None: ...

    def msg(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    debug = info = warning = error = critical = exception = msg


def describe(error: BaseException) -> dict[str, str]:
    """An error for the log. Of one that is not ours only kind and place are told: its text may
    hold what was in a file."""
    if isinstance(error, GasError):
        return {"code": error.reason.code}
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    place = " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames)
    return {"error": type(error).__name__, "at_code": place}
