from __future__ import annotations

import pytest

from contracts.tokens import ApiTokensContract, RequestKeysContract
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


class TestRequestKeys(RequestKeysContract):
    pass
