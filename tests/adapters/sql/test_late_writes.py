"""Whatever is made for an account, and a mark on it at the same moment: one comes after the other.

So what is made is refused, or is there before the mark, where those who forget the account find it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from contracts.accounts import ADA, HOUR, NOW, fresh, opened
from contracts.jobs import new_job
from contracts.payers import ADA as PAYER
from contracts.tokens import token_of
from contracts.webhooks import fresh as fresh_webhook
from gas.adapters.sql.store import SqlStore
from gas.domain.account import Account, AccountGone
from gas.domain.export import Export
from gas.domain.job import submitted

Act = Callable[[SqlStore, Account], object]
STILL_WAITS_SECONDS = 0.3


def make_job(store: SqlStore, account: Account) -> None:
    """As `journey.submit` does."""
    with store.together():
        store.jobs.create(submitted(new_job(owner=account.id)))
        store.accounts.require_living(account.id)


MAKE: dict[str, Act] = {
    "job": make_job,
    "session": lambda store, it: store.sessions.add(opened("late", it)),
    "token": lambda store, it: store.api_tokens.add(token_of(it), "late", most=9),
    "key": lambda store, it: store.request_keys.claim(it.id, "late", "one", NOW),
    "webhook": lambda store, it: store.webhooks.add(fresh_webhook(it.id), most=9),
    "export": lambda store, it: store.exports.ask(Export("late", it.id, NOW, with_files=True)),
    "payer": lambda store, it: store.payers.begin(replace(PAYER, account_id=it.id)),
}
FIND: dict[str, Act] = {
    "job": lambda store, it: store.jobs.belonging(it.id, limit=9),
    "session": lambda store, it: store.sessions.of(it.id, NOW),
    "token": lambda store, it: store.api_tokens.of_account(it.id),
    "key": lambda store, it: store.request_keys.remove_all(it.id),
    "webhook": lambda store, it: store.webhooks.owned_by(it.id),
    "export": lambda store, it: store.exports.of_account(it.id),
    "payer": lambda store, it: store.payers.get(it.id),
}


class Rival(threading.Thread):
    """Does it at the same time, and keeps what came of it."""

    def __init__(self, act: Act, store: SqlStore, account: Account) -> None:
        super().__init__()
        self._do = partial(act, store, account)
        self.answer: object = None

    def run(self) -> None:
        try:
            self.answer = self._do()
        except AccountGone as error:
            self.answer = error

    def waits(self) -> bool:
        self.join(STILL_WAITS_SECONDS)
        return self.is_alive()


@pytest.mark.parametrize("kind", MAKE)
def test_who_makes_something_waits_for_the_mark_and_is_refused(store: SqlStore, kind: str) -> None:
    account = store.accounts.sign_in(ADA, fresh())
    rival = Rival(MAKE[kind], store, account)
    with store.together():
        assert store.accounts.mark_deleted(account, NOW)
        rival.start()
        assert rival.waits()
    rival.join(30)
    assert isinstance(rival.answer, AccountGone)
    assert not FIND[kind](store, account)


@pytest.mark.parametrize("kind", MAKE)
def test_who_marks_waits_for_what_is_being_made(store: SqlStore, kind: str) -> None:
    account = store.accounts.sign_in(ADA, fresh())
    rival = Rival(lambda store, it: store.accounts.mark_deleted(it, NOW + HOUR), store, account)
    with store.together():
        MAKE[kind](store, account)
        rival.start()
        assert rival.waits()
    rival.join(30)
    assert isinstance(rival.answer, Account), "it is marked, only later"
    # A mark takes the sessions along; the rest is left to those who forget the account.
    assert bool(FIND[kind](store, account)) == (kind != "session")
