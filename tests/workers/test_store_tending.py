"""The store's own work, where it is a part of this service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import opened
from gas.workers.results_steps import TEND_SECONDS, is_told, tend_store
from gas.workers.stop import Stop
from workers.fake_engine import PATH


class Turns(Stop):
    """So many, without waiting; `seconds` are those that it should have waited."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self.turns = turns
        self.seconds: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return len(self.seconds) > self.turns


@pytest.fixture
def services(home: Path) -> Iterator[Services]:
    with opened(Settings(home=home, engine=PATH)) as services:
        yield services


def mark(services: Services, folder: Path, key: str) -> None:
    (folder / "made").write_bytes(b"x")
    services.files.store(key, folder / "made")
    services.cold_storage.mark(key)


def test_one_file_that_fails_does_not_make_the_others_wait(
    services: Services, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gas.workers.results_steps.TURN_SECONDS", 0.0)  # a file at a time
    for number in range(4):
        mark(services, tmp_path, f"results/ada/{number}/1/a")
    (home / "files" / "cold" / "marked" / f"{'0' * 16}~{'0' * 32}").write_text("torn")
    turns = Turns(9)
    tend_store(services, turns)
    moved = {state.name: state for state in services.queue_desk.states()}["thaw"]
    assert moved.visible + moved.delayed == 4
    # Each turn sees to one. That nothing was left to do but what fails, it waits for.
    assert turns.seconds[0] == 0.0
    assert turns.seconds.count(0.0) >= 5
    assert turns.seconds[-1] > TEND_SECONDS


def test_what_fails_again_and_again_is_told_less_and_less_often() -> None:
    assert [tries for tries in range(1, 40) if is_told(tries)] == [1, 2, 4, 8, 16, 32]
