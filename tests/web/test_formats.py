"""Every state, event and kind of file has a word on the pages."""

from __future__ import annotations

from gas.domain.job import EventKind, FileKind, JobState
from gas.web.formats import sentence_by_event, sentence_by_kind, with_code, word_by_state


def test_nothing_is_without_a_word() -> None:
    assert set(word_by_state) == set(JobState)
    assert set(sentence_by_event) == set(EventKind)
    assert set(sentence_by_kind) == set(FileKind)


def test_commands_in_a_cure_are_code_and_all_else_is_text() -> None:
    assert with_code("Ask: `gas user link` <b>`x") == "Ask: <code>gas user link</code> &lt;b&gt;`x"
    assert with_code("`<img src=x>`") == "<code>&lt;img src=x&gt;</code>"
