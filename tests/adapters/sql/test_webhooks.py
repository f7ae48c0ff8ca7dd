"""The contract of webhooks, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from contracts.webhooks import WebhooksContract
from gas.adapters.sql.store import SqlStore
from gas.ports.accounts import Accounts
from gas.ports.webhooks import Webhooks


@pytest.fixture
def accounts(store: SqlStore) -> Accounts:
    return store.accounts


@pytest.fixture
def webhooks(store: SqlStore) -> Webhooks:
    return store.webhooks


class TestWebhooks(WebhooksContract):
    """On both databases."""
