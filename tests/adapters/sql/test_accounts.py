from __future__ import annotations

import pytest

from contracts.accounts import (
    AccountsContract,
    ForgettingContract,
    SessionsContract,
    SignInLinksContract,
)
from gas.adapters.sql.store import SqlStore
from gas.ports.accounts import Accounts, Sessions, SignInLinks


@pytest.fixture
def accounts(store: SqlStore) -> Accounts:
    return store.accounts


@pytest.fixture
def sessions(store: SqlStore) -> Sessions:
    return store.sessions


@pytest.fixture
def sign_in_links(store: SqlStore) -> SignInLinks:
    return store.sign_in_links


class TestAccounts(AccountsContract):
    pass


class TestSessions(SessionsContract):
    pass


class TestSignInLinks(SignInLinksContract):
    pass


class TestForgetting(ForgettingContract):
    pass
