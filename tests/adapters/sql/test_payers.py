"""The payers' contract, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from contracts.payers import PayersContract
from gas.adapters.sql.store import SqlStore
from gas.ports.accounts import Accounts
from gas.ports.billing import Payers


@pytest.fixture
def accounts(store: SqlStore) -> Accounts:
    return store.accounts


@pytest.fixture
def payers(store: SqlStore) -> Payers:
    return store.payers


class TestPayers(PayersContract):
    pass
