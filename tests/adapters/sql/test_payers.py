"""The payers' contract, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from contracts.accounts import ADA, fresh
from contracts.files import HandClock
from contracts.payers import PayersContract
from gas.adapters.sql.store import SqlStore, open_store
from gas.domain.billing import Payer, with_customer
from gas.ports.accounts import Accounts
from gas.ports.billing import Payers

ENOUGH_SECONDS = 30


@pytest.fixture
def accounts(store: SqlStore) -> Accounts:
    return store.accounts


@pytest.fixture
def payers(store: SqlStore) -> Payers:
    return store.payers


class TestPayers(PayersContract):
    pass


def test_a_late_begin_and_a_settling_do_not_wait_for_each_other(
    postgres_url: str, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one has the account and asks for the payer; the other has changed the payer, and is
    about to change the account."""
    has_account, has_payer = Event(), Event()
    with closing(open_store(postgres_url, run_path=tmp_path / "run", clock=clock)) as store:
        account = store.accounts.sign_in(ADA, fresh())
        first = store.payers.begin(Payer(account.id, account.email, clock()))

        def begin_late() -> Payer:
            # It looked before there was a payer.
            monkeypatch.setattr(store.payers, "get", lambda _: None)
            with store.together():
                store.accounts.require_living(account.id)
                has_account.set()
                assert has_payer.wait(ENOUGH_SECONDS)
                return store.payers.begin(first)

        def settle() -> None:
            with store.together():
                assert store.payers.change(with_customer(first, "cus_1", clock()))
                assert has_account.wait(ENOUGH_SECONDS)
                has_payer.set()
                named = replace(account, name="Ada", version=account.version + 1)
                assert store.accounts.change(named)

        with ThreadPoolExecutor(2) as pool:
            begun, settled = pool.submit(begin_late), pool.submit(settle)
            assert begun.result(ENOUGH_SECONDS) == first
            settled.result(ENOUGH_SECONDS)
        monkeypatch.undo()
        found = store.payers.get(account.id)
        assert found
        assert found.customer_id == "cus_1"
