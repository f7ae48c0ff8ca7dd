"""What every `Webhooks` keeps to. A runner gives the fixtures `accounts` and `webhooks`, of one
store that is empty."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.accounts import known, refused_once_it_goes
from gas.domain.ids import new_id
from gas.domain.webhook import Announcement, AnnouncementState, HookEvent, Webhook
from gas.ports.accounts import Accounts
from gas.ports.webhooks import Webhooks

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
BOTH = (HookEvent.COMPLETED, HookEvent.FAILED)


def fresh(account_id: str = "ada", *, later: int = 0) -> Webhook:
    now = NOW + timedelta(seconds=later)
    return Webhook(new_id(now), account_id, "https://lab.example.org/?a=%20b", BOTH, now)


def said(webhook: Webhook, number: int = 0) -> Announcement:
    at = NOW + timedelta(seconds=number)
    name = f"msg_{webhook.id}_{number}"
    return Announcement(name, webhook.id, HookEvent.FAILED, '{"a":"é"}', at)


class WebhooksContract:
    @pytest.fixture(autouse=True)
    def people(self, accounts: Accounts) -> None:
        known(accounts, "ada", "bob")

    def test_absent(self, webhooks: Webhooks) -> None:
        assert webhooks.get("none") is None
        assert webhooks.owned_by("nobody") == []
        assert webhooks.announcement("none") is None
        assert webhooks.announcements("none", limit=9) == []
        assert not webhooks.change(fresh())
        assert not webhooks.change_announcement(said(fresh()))
        webhooks.remove("none")
        assert webhooks.remove_all("nobody") == 0

    def test_those_of_an_account_oldest_first(self, webhooks: Webhooks) -> None:
        mine = [fresh(later=number) for number in range(3)]
        for webhook in reversed(mine):
            assert webhooks.add(webhook, most=3)
        assert webhooks.add(fresh("bob"), most=3)
        assert webhooks.owned_by("ada") == mine
        assert webhooks.get(mine[1].id) == mine[1]

    def test_no_more_than_allowed(self, webhooks: Webhooks) -> None:
        assert webhooks.add(fresh(), most=1)
        assert not webhooks.add(fresh(later=1), most=1)
        assert len(webhooks.owned_by("ada")) == 1

    def test_of_many_at_once_no_more_than_allowed(self, webhooks: Webhooks) -> None:
        with ThreadPoolExecutor(8) as pool:
            rivals = [fresh(later=number) for number in range(16)]
            assert sum(pool.map(lambda each: webhooks.add(each, most=3), rivals)) == 3
        assert len(webhooks.owned_by("ada")) == 3

    def test_an_account_that_goes_gets_none(self, accounts: Accounts, webhooks: Webhooks) -> None:
        gone = refused_once_it_goes(accounts, lambda it: webhooks.add(fresh(it), most=9))
        assert webhooks.owned_by(gone) == []

    def test_a_change_needs_the_version_before(self, webhooks: Webhooks) -> None:
        webhook = fresh()
        webhooks.add(webhook, most=9)
        changed = replace(webhook, on=False, given_up=2, failures=7, not_before=NOW, version=2)
        assert webhooks.change(changed)
        assert not webhooks.change(changed)
        assert webhooks.get(webhook.id) == changed

    def test_of_many_changes_at_once_one_wins(self, webhooks: Webhooks) -> None:
        webhook = fresh()
        webhooks.add(webhook, most=9)
        rivals = [replace(webhook, failures=number, version=2) for number in range(12)]
        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(webhooks.change, rivals)) == 1

    def test_an_announcement_is_recorded_once(self, webhooks: Webhooks) -> None:
        webhook = fresh()
        webhooks.add(webhook, most=9)
        first = said(webhook)
        assert webhooks.announce(first) == first
        done = replace(
            first, state=AnnouncementState.TAKEN, tries=3, status=204, tried_at=NOW, version=2
        )
        assert webhooks.change_announcement(done)
        assert not webhooks.change_announcement(done)
        assert webhooks.announce(replace(first, body="other")) == done
        assert webhooks.announcement(first.id) == done

    def test_announcements_newest_first(self, webhooks: Webhooks) -> None:
        webhook = fresh()
        webhooks.add(webhook, most=9)
        for number in range(4):
            webhooks.announce(said(webhook, number))
        found = webhooks.announcements(webhook.id, limit=2)
        assert [it.id for it in found] == [said(webhook, 3).id, said(webhook, 2).id]

    def test_old_ones_make_room_and_open_ones_stay(self, webhooks: Webhooks) -> None:
        webhook = fresh()
        webhooks.add(webhook, most=9)
        webhooks.announce(said(webhook, 0))
        for number in range(1, 70):
            made = webhooks.announce(said(webhook, number))
            assert made
            webhooks.change_announcement(replace(made, state=AnnouncementState.GIVEN_UP, version=2))
        found = webhooks.announcements(webhook.id, limit=1000)
        assert 20 <= len(found) < 60
        assert found[-1].state is AnnouncementState.OPEN

    def test_nothing_is_announced_to_one_that_is_gone(self, webhooks: Webhooks) -> None:
        webhook = fresh()
        webhooks.add(webhook, most=9)
        webhooks.remove(webhook.id)
        assert webhooks.announce(said(webhook)) is None
        assert webhooks.announcement(said(webhook).id) is None

    def test_what_is_removed_leaves_nothing(self, webhooks: Webhooks) -> None:
        hooks = [fresh(), fresh(later=1), fresh("bob")]
        for webhook in hooks:
            webhooks.add(webhook, most=9)
            webhooks.announce(said(webhook))
        webhooks.remove(hooks[0].id)
        assert webhooks.get(hooks[0].id) is None
        assert webhooks.announcements(hooks[0].id, limit=9) == []
        assert webhooks.remove_all("ada") == 1
        assert webhooks.announcement(said(hooks[1]).id) is None
        assert webhooks.owned_by("bob") == [hooks[2]]
        assert webhooks.announcement(said(hooks[2]).id) is not None
