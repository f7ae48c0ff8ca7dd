from __future__ import annotations

import threading

import pytest

from contracts.accounts import ADA, fresh
from contracts.tokens import ApiTokensContract, RequestKeysContract, token_of
from gas.adapters.sql.store import SqlStore
from gas.ports.accounts import Accounts
from gas.ports.tokens import ApiTokens, RequestKeys


@pytest.fixture
def accounts(store: SqlStore) -> Accounts:
    return store.accounts


@pytest.fixture
def api_tokens(store: SqlStore) -> ApiTokens:
    return store.api_tokens


@pytest.fixture
def request_keys(store: SqlStore) -> RequestKeys:
    return store.request_keys


class TestApiTokens(ApiTokensContract):
    pass


def test_who_counts_waits_for_whoever_is_about_to_write(store: SqlStore) -> None:
    account = store.accounts.sign_in(ADA, fresh())
    added: list[bool] = []

    def add() -> None:
        added.append(store.api_tokens.add(token_of(account), "later", most=1))

    rival = threading.Thread(target=add)
    with store.together():
        assert store.api_tokens.add(token_of(account), "first", most=1)
        rival.start()
        rival.join(0.3)  # it has to wait; were it not to, it would be done by then
    rival.join(30)
    assert added == [False]


class TestRequestKeys(RequestKeysContract):
    pass
