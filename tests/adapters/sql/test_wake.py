"""Wakes: one byte, one receiver."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sql.children import until
from gas.adapters.sql.wake import Wakes


@pytest.fixture
def wakes(tmp_path: Path) -> Iterator[Wakes]:
    opened = Wakes(tmp_path)
    yield opened
    opened.close()


def test_a_wake_is_for_one_receiver(tmp_path: Path, wakes: Wakes) -> None:
    answers: list[bool] = []
    others = [Wakes(tmp_path) for _ in range(3)]
    threads = [
        threading.Thread(target=lambda one=one: answers.append(one.wait("a", 60.0)))
        for one in others
    ]
    for thread in threads:
        thread.start()
    wakes.wake("a")
    until(lambda: bool(answers))
    for thread in threads:
        thread.join(0.1)
    assert answers == [True]
    wakes.wake("a", 2)
    for thread in threads:
        thread.join()
    for one in others:
        one.close()
    assert answers == [True] * 3


def test_who_waits_in_vain_is_told(wakes: Wakes) -> None:
    assert not wakes.wait("a", 0.1)


def test_a_message_received_takes_one_byte_in_all(wakes: Wakes) -> None:
    wakes.wake("a", 2)
    assert wakes.wait("a", 1.0)
    wakes.taken("a", 1)  # the one that was waited for
    assert wakes.wait("a", 1.0)
    wakes.taken("a", 1)
    assert not wakes.wait("a", 0.0)


def test_what_was_received_without_waiting_wakes_nobody(wakes: Wakes) -> None:
    wakes.wake("a")
    wakes.taken("a", 1)
    assert not wakes.wait("a", 0.0)
