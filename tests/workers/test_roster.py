"""The errands, several workers in one process; and the chores of the sweep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gas.domain.account import Account, Identity
from gas.domain.errors import Unavailable
from gas.domain.ids import new_id
from gas.journey.export import ask_export
from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import opened
from gas.workers import roster, rounds
from gas.workers.roster import errands, run_worker
from gas.workers.stop import Stop
from workers.errands import eventually
from workers.fake_engine import PATH


def account(services: Services, name: str) -> Account:
    now = services.clock()
    new = Account(new_id(now), "test", name, f"{name}@example.org", "", now)
    return services.accounts.sign_in(Identity("test", name, new.email), new)


def test_they_work_side_by_side_and_end_together(home: Path) -> None:
    with opened(Settings(home=home, engine=PATH)) as services:
        assert errands(services) == ("announce", "deliver", "export", "forget")
        ada = account(services, "ada")
        stop = Stop()
        process = threading.Thread(target=run_worker, args=("errands", services, stop))
        process.start()
        try:
            ask_export(
                ada,
                with_files=False,
                exports=services.exports,
                files=services.files,
                queues=services.queues,
                together=services.together,
                clock=services.clock,
            )
            eventually(lambda: _ready(services, ada))
        finally:
            stop.ask()
            process.join(20)
        assert not process.is_alive()


def _ready(services: Services, ada: Account) -> bool:
    export = services.exports.of_account(ada.id)
    return export is not None and export.state == "READY"


def test_one_that_breaks_ends_them_all(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broke(Exception):
        pass

    def broken(_services: Services) -> Callable[[], None]:
        raise Broke

    monkeypatch.setattr(roster, "forget_step", broken)
    with opened(Settings(home=home, engine=PATH)) as services, pytest.raises(Broke):
        run_worker("errands", services, Stop())


def test_a_chore_that_breaks_holds_up_no_other(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> int:
        raise OSError

    tended: list[Services] = []

    def tend(services: Services) -> int:
        tended.append(services)
        return 1

    monkeypatch.setattr(rounds, "TIDY_SECONDS", 0.0)
    monkeypatch.setattr(rounds, "tidy", broken)
    monkeypatch.setattr(rounds, "_ask_due", broken)
    monkeypatch.setattr(rounds, "tend_accounts", tend)
    with opened(Settings(home=home, engine=PATH)) as services:
        rounds.sweep_round(services)()
        assert tended == [services]


def test_a_deletion_that_has_to_wait_holds_up_no_chore(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> list[object]:
        raise Unavailable("COLD_STORE_MISSING", "Not mounted.")

    done: list[str] = []

    def note(chore: str) -> Callable[..., int]:
        def noted(*_: object) -> int:
            done.append(chore)
            return 1

        return noted

    for chore in ("_ask_due", "take_up_results", "_tidy", "tend_accounts"):
        monkeypatch.setattr(rounds, chore, note(chore))
    monkeypatch.setattr(rounds, "TIDY_SECONDS", 0.0)
    told: list[tuple[str, str]] = []

    class Log:
        def info(self, *_: object, **__: object) -> None: ...

        def warning(self, event: str, *, code: str) -> None:
            told.append((event, code))

    monkeypatch.setattr(rounds, "log", Log())
    with opened(Settings(home=home, engine=PATH)) as services:
        monkeypatch.setattr(services.jobs, "deleted", broken)
        monkeypatch.setattr(services.jobs, "unfinished", broken)
        rounds.sweep_round(services)()
    assert done == ["_ask_due", "take_up_results", "_tidy", "tend_accounts"]
    assert told == [("republish", "COLD_STORE_MISSING"), ("purge", "COLD_STORE_MISSING")]
