"""What every `Payers` keeps to. A runner gives the fixtures `accounts` and `payers`, of one
store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.accounts import known, refused_once_it_goes
from gas.domain.billing import Payer, Standing, Subscription
from gas.domain.errors import GasError
from gas.ports.accounts import Accounts
from gas.ports.billing import Payers

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA = Payer("ada", "ada@example.org", NOW)
WHOLE = Payer(
    account_id="ada",
    email="ada@example.org",
    created_at=NOW,
    customer_id="cus_1",
    customer_gone=True,
    customer_number=2,
    checkout_number=3,
    subscription=Subscription("sub_1", Standing.OVERDUE, NOW + HOUR, NOW + 2 * HOUR),
    live_count=4,
    overdue_since=NOW - HOUR,
    granted=True,
    failure_number=5,
    told_number=4,
    checked_at=NOW - 2 * HOUR,
    check_due_at=NOW + 3 * HOUR,
    version=2,
)


def begun(payers: Payers, name: str, due: datetime | None, customer: str = "") -> Payer:
    first = payers.begin(Payer(name, "", NOW))
    after = replace(first, customer_id=customer or f"cus_{name}", check_due_at=due, version=2)
    assert payers.change(after)
    return after


class PayersContract:
    @pytest.fixture(autouse=True)
    def people(self, accounts: Accounts) -> None:
        known(accounts, "ada", "bob", "eve", "max", "tim")

    def test_absent(self, payers: Payers) -> None:
        assert payers.get("nobody") is None
        assert payers.of_customer("") is None
        assert payers.of_customer("cus_nobody") is None
        assert payers.due(NOW, limit=9) == []
        assert not payers.change(WHOLE)
        assert not payers.remove(WHOLE)

    def test_nothing_is_lost_on_the_way(self, payers: Payers) -> None:
        assert payers.begin(ADA) == ADA
        assert payers.get("ada") == ADA
        assert payers.change(WHOLE)
        assert payers.get("ada") == WHOLE
        assert payers.of_customer("cus_1") == WHOLE

    def test_a_change_needs_the_version_before(self, payers: Payers) -> None:
        payers.begin(ADA)
        assert payers.change(WHOLE)
        assert not payers.change(replace(WHOLE, granted=False))
        assert not payers.change(replace(WHOLE, version=4))
        assert payers.get("ada") == WHOLE

    def test_beginning_again_finds_the_first(self, payers: Payers) -> None:
        payers.begin(ADA)
        payers.change(WHOLE)
        assert payers.begin(replace(ADA, email="new@example.org")) == WHOLE

    def test_of_many_at_once_one_is_recorded(self, payers: Payers) -> None:
        emails = [f"{number}@example.org" for number in range(16)]
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda email: payers.begin(replace(ADA, email=email)), emails))
        assert len(found) == 1

    def test_many_without_a_customer_but_a_customer_of_one_alone(self, payers: Payers) -> None:
        for name in ("ada", "bob", "eve"):
            payers.begin(Payer(name, "", NOW))
        begun(payers, "ada", None, customer="cus_1")
        with pytest.raises(GasError):
            begun(payers, "bob", None, customer="cus_1")

    def test_an_account_that_goes_gets_none(self, accounts: Accounts, payers: Payers) -> None:
        gone = refused_once_it_goes(accounts, lambda it: payers.begin(replace(ADA, account_id=it)))
        assert payers.get(gone) is None

    def test_the_longest_due_come_first(self, payers: Payers) -> None:
        second = begun(payers, "bob", NOW)
        first = begun(payers, "ada", NOW - HOUR)
        begun(payers, "eve", NOW + HOUR)
        begun(payers, "max", None)
        payers.begin(Payer("tim", "", NOW, check_due_at=NOW))
        assert payers.due(NOW, limit=9) == [first, second]
        assert payers.due(NOW, limit=1) == [first]

    def test_removed(self, payers: Payers) -> None:
        before = payers.begin(Payer("ada", "", NOW))
        payer = begun(payers, "ada", NOW)
        assert not payers.remove(before)
        assert payers.get("ada") == payer
        assert payers.remove(payer)
        assert not payers.remove(payer)
        assert payers.get("ada") is None
        assert payers.of_customer("cus_ada") is None

    def test_events_are_noted_once_and_forgotten(self, payers: Payers) -> None:
        assert not payers.heard("evt_1")
        payers.note("evt_1", NOW)
        payers.note("evt_1", NOW + HOUR)
        payers.note("evt_2", NOW + HOUR)
        assert payers.heard("evt_1")
        assert payers.expire(NOW + HOUR) == 1
        assert not payers.heard("evt_1")
        assert payers.heard("evt_2")
