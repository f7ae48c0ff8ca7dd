"""What every `Accounts`, `Sessions` and `SignInLinks` keeps to.

A runner gives the fixtures `accounts`, `sessions` and `sign_in_links`, of one store.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gas.domain.account import Account, AccountGone, Identity, MailKind, Role, Session, SignedIn
from gas.domain.ids import new_id
from gas.domain.plan import Plan
from gas.ports.accounts import Accounts, Sessions, SignInLinks

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA = Identity("link", "ada@example.org", "ada@example.org", "Ada")
EVE = replace(ADA, subject="eve", institution="Mills")


def fresh(identity: Identity = ADA) -> Account:
    return Account(
        new_id(NOW),
        identity.issuer,
        identity.subject,
        identity.email,
        identity.name,
        NOW,
        institution=identity.institution,
    )


def known(accounts: Accounts, *ids: str) -> None:
    """Accounts of these ids, for what is kept of them elsewhere."""
    for account_id in ids:
        identity = Identity("test", account_id, "")
        accounts.sign_in(identity, Account(account_id, "test", account_id, "", "", NOW))


def refused_once_it_goes(accounts: Accounts, add: Callable[[str], object]) -> str:
    """`add` makes something for an account: it must not for one that is marked deleted, nor once
    it is gone. Its id."""
    account = accounts.sign_in(EVE, fresh(EVE))
    assert accounts.mark_deleted(account, NOW)
    with pytest.raises(AccountGone):
        add(account.id)
    assert accounts.remove(account.id)
    with pytest.raises(AccountGone):
        add(account.id)
    return account.id


class AccountsContract:
    def test_absent(self, accounts: Accounts) -> None:
        assert accounts.get("nobody") is None
        assert accounts.by_subject("link", "nobody") is None
        assert accounts.page(limit=9) == []
        assert not accounts.change(fresh())

    def test_signing_in_again_finds_the_first_account(self, accounts: Accounts) -> None:
        first = accounts.sign_in(ADA, fresh())
        assert accounts.sign_in(ADA, fresh()) == first
        assert accounts.get(first.id) == first
        assert accounts.by_subject(ADA.issuer, ADA.subject) == first

    def test_the_same_subject_of_another_issuer_is_somebody_else(self, accounts: Accounts) -> None:
        other = replace(ADA, issuer="https://id.example.org")
        first = accounts.sign_in(ADA, fresh())
        assert accounts.sign_in(other, fresh(other)).id != first.id

    def test_of_many_at_once_one_is_recorded(self, accounts: Accounts) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda _: accounts.sign_in(ADA, fresh()).id, range(24)))
        assert len(found) == 1
        assert len(accounts.page(limit=9)) == 1

    def test_a_change_needs_the_version_before(self, accounts: Accounts) -> None:
        account = accounts.sign_in(ADA, fresh())
        premium = replace(
            account,
            plan=Plan.PREMIUM,
            plan_epoch=2,
            plan_since=NOW + HOUR,
            settled_epoch=2,
            restored_epoch=2,
            role=Role.OPERATOR,
            version=2,
            name="Ada L.",
            email="ada@home.example",
            institution="Analytical Engines",
            time_zone="Europe/London",
            unwanted_mails=frozenset(MailKind),
        )
        assert accounts.change(premium)
        assert not accounts.change(premium)
        assert not accounts.change(replace(account, version=4))
        assert accounts.get(account.id) == premium

    def test_a_new_account_has_nothing_to_settle(self, accounts: Accounts) -> None:
        account = accounts.sign_in(ADA, replace(fresh(), plan_epoch=3))
        assert (account.plan_epoch, account.settled_epoch, account.restored_epoch) == (3, 3, 0)
        assert account.plan_since is None
        assert accounts.unsettled(plan_before=NOW + HOUR, limit=9) == []

    def test_changes_of_plan_that_are_not_applied_yet(self, accounts: Accounts) -> None:
        def changed(name: str, hours: int, settled: int = 1) -> Account:
            identity = replace(ADA, subject=name)
            account = accounts.sign_in(identity, fresh(identity))
            since = NOW + hours * HOUR
            wanted = replace(account, plan=Plan.PREMIUM, plan_epoch=2, plan_since=since, version=2)
            wanted = replace(wanted, settled_epoch=settled)
            assert accounts.change(wanted)
            return wanted

        second, first = changed("second", 1), changed("first", 0)
        changed("settled", 0, settled=2)
        assert accounts.mark_deleted(changed("gone", 0), NOW)
        late = changed("late", 3)
        assert accounts.unsettled(plan_before=NOW + 3 * HOUR, limit=9) == [first, second]
        assert accounts.unsettled(plan_before=NOW + 3 * HOUR, limit=1) == [first]
        assert accounts.unsettled(plan_before=NOW + 4 * HOUR, limit=9) == [first, second, late]
        assert accounts.unsettled(plan_before=NOW, limit=9) == []

    def test_pages_in_order_of_id(self, accounts: Accounts) -> None:
        identities = [replace(ADA, subject=f"{number}") for number in range(5)]
        ids = sorted(accounts.sign_in(each, fresh(each)).id for each in identities)
        assert [account.id for account in accounts.page(limit=3)] == ids[:3]
        assert [account.id for account in accounts.page(limit=3, after=ids[2])] == ids[3:]


def opened(name: str, account: Account, *, until: datetime = NOW + HOUR) -> Session:
    return Session(
        name,
        account.id,
        NOW,
        until,
        seen_at=NOW,
        browser="Firefox on Linux",
        sealed="sealed",
        renew_at=NOW + HOUR / 2,
    )


class SessionsContract:
    def test_a_session_lives_until_it_expires(self, accounts: Accounts, sessions: Sessions) -> None:
        account = accounts.sign_in(ADA, fresh())
        session = opened("hash", account)
        sessions.add(session)
        assert sessions.live("hash", NOW) == SignedIn(account, session)
        assert sessions.live("other", NOW) is None
        assert sessions.live("hash", NOW + HOUR) is None

    def test_signing_out_ends_one_session(self, accounts: Accounts, sessions: Sessions) -> None:
        account = accounts.sign_in(ADA, fresh())
        for name in ("here", "there"):
            sessions.add(opened(name, account))
        sessions.remove("here")
        sessions.remove("here")
        assert sessions.live("here", NOW) is None
        assert sessions.live("there", NOW)

    def test_ones_own_live_sessions_are_listed_those_used_last_first(
        self, accounts: Accounts, sessions: Sessions
    ) -> None:
        account, other = accounts.sign_in(ADA, fresh()), accounts.sign_in(EVE, fresh(EVE))
        assert other.institution == "Mills"
        for name in ("a", "b", "c"):
            sessions.add(opened(name, account))
        sessions.add(opened("over", account, until=NOW))
        sessions.add(opened("eve's", other))
        sessions.seen("b", NOW + HOUR / 60, NOW + 2 * HOUR)
        assert [session.id for session in sessions.of(account.id, NOW)] == ["b", "a", "c"]
        assert [session.id for session in sessions.of(account.id, NOW + HOUR)] == ["b"]
        assert sessions.of("nobody", NOW) == []

    def test_use_is_noted_and_only_forwards(self, accounts: Accounts, sessions: Sessions) -> None:
        account = accounts.sign_in(ADA, fresh())
        sessions.add(opened("hash", account))
        later, end = NOW + HOUR / 2, NOW + 2 * HOUR
        sessions.seen("hash", later, end)
        sessions.seen("hash", NOW, NOW)  # of a request that took long
        sessions.seen("gone", later, end)
        found = sessions.live("hash", later)
        assert found
        assert (found.session.seen_at, found.session.expires_at) == (later, end)

    def test_of_many_who_renew_one_does(self, accounts: Accounts, sessions: Sessions) -> None:
        account = accounts.sign_in(ADA, fresh())
        sessions.add(opened("hash", account))
        due, after = NOW + HOUR / 2, NOW + HOUR

        def renew(number: int) -> bool:
            return sessions.renew("hash", before=due, after=after, sealed=f"{number}")

        with ThreadPoolExecutor(8) as pool:
            won = [number for number, one in enumerate(pool.map(renew, range(16))) if one]
        found = sessions.live("hash", NOW)
        assert found
        assert [found.session.sealed] == [f"{number}" for number in won]
        assert sessions.renew("hash", before=after, after=None, sealed="last")
        assert not sessions.renew("hash", before=after, after=after, sealed="late")
        assert not sessions.renew("gone", before=due, after=after, sealed="x")
        found = sessions.live("hash", NOW)
        assert found
        assert (found.session.sealed, found.session.renew_at) == ("last", None)

    def test_what_ran_out_is_removed(
        self, accounts: Accounts, sessions: Sessions, sign_in_links: SignInLinks
    ) -> None:
        account = accounts.sign_in(ADA, fresh())
        sessions.add(opened("old", account, until=NOW))
        sessions.add(opened("new", account))
        sign_in_links.add("old", ADA, NOW)
        sign_in_links.add("new", ADA, NOW + HOUR)
        assert sessions.expire(NOW) == 2
        assert sessions.expire(NOW) == 0
        assert sessions.live("new", NOW)
        assert sign_in_links.take("new", NOW) == ADA


class SignInLinksContract:
    def test_a_link_works_once(self, sign_in_links: SignInLinks) -> None:
        sign_in_links.add("hash", ADA, NOW + HOUR)
        assert sign_in_links.take("other", NOW) is None
        assert sign_in_links.take("hash", NOW) == ADA
        assert sign_in_links.take("hash", NOW) is None

    def test_a_late_link_does_not_work(self, sign_in_links: SignInLinks) -> None:
        sign_in_links.add("hash", ADA, NOW)
        assert sign_in_links.take("hash", NOW) is None

    def test_of_many_at_once_one_gets_it(self, sign_in_links: SignInLinks) -> None:
        sign_in_links.add("hash", ADA, NOW + HOUR)
        with ThreadPoolExecutor(8) as pool:
            taken = list(pool.map(lambda _: sign_in_links.take("hash", NOW), range(24)))
        assert [identity for identity in taken if identity] == [ADA]


class ForgettingContract:
    """Accounts that are marked deleted."""

    def test_a_marked_account_is_as_gone(
        self, accounts: Accounts, sessions: Sessions, sign_in_links: SignInLinks
    ) -> None:
        account = accounts.sign_in(ADA, fresh())
        told = replace(account, institution="Engines", time_zone="Europe/London", version=2)
        account = replace(told, unwanted_mails=frozenset(MailKind))
        assert accounts.change(account)
        sessions.add(Session("hash", account.id, NOW, NOW + HOUR, seen_at=NOW))
        sign_in_links.add("link", ADA, NOW + HOUR)
        marked = accounts.mark_deleted(account, NOW)
        assert marked is not None
        assert accounts.mark_deleted(account, NOW) is None
        assert accounts.get(account.id) is None
        assert accounts.page(limit=9) == []
        assert sessions.of(account.id, NOW) == []
        assert sign_in_links.take("link", NOW) is None
        assert accounts.marked(account.id) == marked
        assert (marked.name, marked.institution, marked.unwanted_mails) == ("", "", frozenset())
        assert accounts.marked_before(NOW + HOUR, limit=9) == [marked]
        assert not accounts.change(replace(marked, plan=Plan.PREMIUM, version=marked.version + 1))

    def test_nothing_may_be_made_for_one_that_goes(self, accounts: Accounts) -> None:
        accounts.require_living(accounts.sign_in(ADA, fresh()).id)
        refused_once_it_goes(accounts, accounts.require_living)
        with pytest.raises(AccountGone):
            accounts.require_living("nobody")

    def test_its_late_session_is_refused_and_its_identity_is_free(
        self, accounts: Accounts, sessions: Sessions
    ) -> None:
        def add(account_id: str) -> None:
            sessions.add(Session("late", account_id, NOW, NOW + HOUR, seen_at=NOW))

        assert sessions.of(refused_once_it_goes(accounts, add), NOW) == []
        assert sessions.live("late", NOW) is None
        account = accounts.sign_in(ADA, fresh())
        accounts.mark_deleted(account, NOW)
        again = accounts.sign_in(ADA, fresh())
        assert again.id != account.id
        assert not accounts.remove(again.id)
        assert accounts.get(again.id) == again
        assert accounts.remove(account.id)
        assert not accounts.remove(account.id)
        assert accounts.marked(account.id) is None

    def test_a_mark_loses_to_another_change(self, accounts: Accounts) -> None:
        account = accounts.sign_in(ADA, fresh())
        assert accounts.change(replace(account, name="Ada L.", version=2))
        assert accounts.mark_deleted(account, NOW) is None
        assert accounts.get(account.id) is not None
