"""How the templates write sizes, times and states."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, g, url_for
from markupsafe import Markup, escape

from gas import __version__
from gas.domain.account import Account, Role
from gas.domain.counts import groups
from gas.domain.job import EventKind, FileKind, JobState, ResultsState
from gas.domain.spans import in_words
from gas.web.rows import JobRows
from gas.web.times import when_for_reader

UNITS = ("kB", "MB", "GB", "TB")

word_by_state = {
    JobState.PENDING: "Waiting",
    JobState.RUNNING: "Running",
    JobState.COMPLETED: "Completed",
    JobState.FAILED: "Failed",
    JobState.CANCELLED: "Cancelled",
}
word_by_results_state = {
    ResultsState.AVAILABLE: "Available",
    ResultsState.ARCHIVED: "Archived",
    ResultsState.RESTORING: "Coming back",
    ResultsState.DAMAGED: "Damaged",
}
sentence_by_event = {
    EventKind.SUBMITTED: "Submitted",
    EventKind.STARTED: "Annotation started",
    EventKind.INTERRUPTED: "Interrupted; it will be tried again",
    EventKind.RELEASED: "Given back; another annotator takes it up",
    EventKind.COMPLETED: "Completed",
    EventKind.FAILED: "Failed",
    EventKind.CANCELLED: "Cancelled by you",
    EventKind.NOTIFIED: "You were told by mail",
    EventKind.DELETED: "Deleted",
    EventKind.ARCHIVED: "Archived: the results can no longer be downloaded",
    EventKind.COLD: "In cold storage",
    EventKind.RESTORING: "Asked back from cold storage",
    EventKind.RESTORED: "Back: the results can be downloaded again",
    EventKind.DAMAGED: "A file of the results is lost or changed",
}
sentence_by_kind = {
    FileKind.INPUT: "What you uploaded",
    FileKind.ANNOTATED: "Annotated variants (VCF, bgzip)",
    FileKind.INDEX: "Index of the annotated variants (tabix)",
    FileKind.VARIANTS: "Table of the variants (Parquet)",
    FileKind.TRANSCRIPTS: "Table of each variant in each transcript (Parquet)",
    FileKind.SUMMARY: "Summary in numbers (JSON)",
    FileKind.COUNT_LOG: "Counts of what was found",
    FileKind.REJECTED: "Records that could not be annotated, with the reasons",
    FileKind.PROVENANCE: "What it was made from, with checksums (JSON)",
    FileKind.LOG: "Log of the run",
}


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        size=size,
        when=when_for_reader,
        duration=duration,
        in_words=in_words,
        state_word=word_by_state.__getitem__,
        results_word=word_by_results_state.__getitem__,
        event_sentence=sentence_by_event.__getitem__,
        kind_sentence=sentence_by_kind.__getitem__,
        thousands=thousands,
        count_groups=groups,
        with_code=with_code,
    )
    app.jinja_env.globals.update(
        asset=asset,
        fixed=fixed,
        job_rows=JobRows().rows,
        menu=menu,
        plain_url=plain_url,
        version=__version__,
    )
    app.context_processor(_of_everybody)


def _of_everybody() -> dict[str, object]:
    account: Account | None = g.get("account")
    return {"account": account, "operator": bool(account and account.role is Role.OPERATOR)}


def size(count: int) -> str:
    """`999 bytes`, `1.5 kB`, `150 kB`: decimal units, at most three digits that matter."""
    if count < 1000:
        return f"{count} byte" if count == 1 else f"{count} bytes"
    value = float(count)
    for unit in UNITS:
        value /= 1000
        if value < 999.5 or unit == UNITS[-1]:
            break
    text = f"{value:.1f}" if value < 99.95 else f"{value:.0f}"
    return f"{text.removesuffix('.0')} {unit}"


def thousands(count: int) -> str:
    return f"{count:,}"


def duration(span: timedelta) -> str:
    seconds = max(0, span.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def with_code(text: str) -> Markup:
    """What stands between backticks, as commands in cures do, as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped)


@lru_cache(maxsize=8)
def fixed(template: str) -> Markup:
    """A part of every page that says the same to everybody, rendered once."""
    return Markup(current_app.jinja_env.get_template(template).render())  # noqa: S704 (escaped)


@lru_cache(maxsize=256)
def menu(here: str | None, signed_in: bool, operator: bool) -> Markup:
    """The main menu as seen on the page `here`: the same for all who see the same pages."""
    made = current_app.jinja_env.get_template("parts/menu.html")
    return Markup(made.render(here=here, signed_in=signed_in, operator=operator))  # noqa: S704


@lru_cache(maxsize=64)
def plain_url(endpoint: str) -> str:
    """The address of a page that takes no values: the same for everybody, on every page."""
    return url_for(endpoint)


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so it may be kept for good."""
    path = Path(__file__).parent / "static" / name
    found = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "absent"
    return url_for("static", filename=name, v=found)
