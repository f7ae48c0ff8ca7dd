"""What every `ApiTokens` and `RequestKeys` keeps to.

A runner gives the fixtures `accounts`, `api_tokens` and `request_keys`, of one store.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from contracts.accounts import ADA, HOUR, NOW, fresh, known, refused_once_it_goes
from gas.domain.account import Account
from gas.domain.ids import new_id
from gas.domain.tokens import ApiToken, Scope
from gas.ports.accounts import Accounts
from gas.ports.tokens import ApiTokens, RequestKeys


def token_of(account: Account, name: str = "pipeline") -> ApiToken:
    scopes = frozenset({Scope.JOBS_READ, Scope.TOKENS_WRITE})
    return ApiToken(new_id(NOW), account.id, name, scopes, NOW, NOW + HOUR)


class ApiTokensContract:
    def test_a_token_lives_until_it_expires(
        self, accounts: Accounts, api_tokens: ApiTokens
    ) -> None:
        account = accounts.sign_in(ADA, fresh())
        token = token_of(account)
        assert api_tokens.add(token, "hash", most=9)
        assert api_tokens.found("hash", NOW) == (account, token)
        assert api_tokens.found("other", NOW) is None
        assert api_tokens.found("hash", NOW + HOUR) is None
        assert api_tokens.of_account(account.id) == [token]
        assert api_tokens.of_account("nobody") == []

    def test_only_its_owner_revokes_it(self, accounts: Accounts, api_tokens: ApiTokens) -> None:
        account = accounts.sign_in(ADA, fresh())
        token = token_of(account)
        api_tokens.add(token, "hash", most=9)
        assert not api_tokens.remove("somebody", token.id)
        assert api_tokens.found("hash", NOW)
        assert api_tokens.remove(account.id, token.id)
        assert not api_tokens.remove(account.id, token.id)
        assert api_tokens.found("hash", NOW) is None

    def test_no_more_than_so_many(self, accounts: Accounts, api_tokens: ApiTokens) -> None:
        account = accounts.sign_in(ADA, fresh())

        def add(number: int) -> bool:
            return api_tokens.add(token_of(account), f"hash {number}", most=3)

        with ThreadPoolExecutor(8) as pool:
            added = list(pool.map(add, range(16)))
        assert sum(added) == 3
        assert len(api_tokens.of_account(account.id)) == 3
        assert api_tokens.remove_all(account.id) == 3
        assert add(99)

    def test_an_account_that_goes_gets_none(
        self, accounts: Accounts, api_tokens: ApiTokens
    ) -> None:
        some = token_of(accounts.sign_in(ADA, fresh()))
        gone = refused_once_it_goes(
            accounts, lambda it: api_tokens.add(replace(some, account_id=it), "late", most=9)
        )
        assert api_tokens.of_account(gone) == []
        assert api_tokens.found("late", NOW) is None

    def test_use_is_noted(self, accounts: Accounts, api_tokens: ApiTokens) -> None:
        account = accounts.sign_in(ADA, fresh())
        token = token_of(account)
        api_tokens.add(token, "hash", most=9)
        api_tokens.note_use(token.id, NOW)
        api_tokens.note_use("nothing", NOW)
        assert api_tokens.found("hash", NOW) == (account, replace(token, last_used_at=NOW))

    def test_what_ran_out_is_removed(self, accounts: Accounts, api_tokens: ApiTokens) -> None:
        account = accounts.sign_in(ADA, fresh())
        api_tokens.add(token_of(account), "new", most=9)
        api_tokens.add(replace(token_of(account), expires_at=NOW), "old", most=9)
        assert api_tokens.expire(NOW) == 1
        assert api_tokens.expire(NOW) == 0
        assert api_tokens.found("new", NOW)


class RequestKeysContract:
    @pytest.fixture(autouse=True)
    def people(self, accounts: Accounts) -> None:
        known(accounts, "ada", "eve")

    def test_an_account_that_goes_gets_none(
        self, accounts: Accounts, request_keys: RequestKeys
    ) -> None:
        gone = refused_once_it_goes(accounts, lambda it: request_keys.claim(it, "key", "one", NOW))
        assert request_keys.remove_all(gone) == 0

    def test_a_key_stands_for_its_first_upload(self, request_keys: RequestKeys) -> None:
        assert request_keys.claim("ada", "key", "one", NOW) == "one"
        assert request_keys.claim("ada", "key", "two", NOW) == "one"
        assert request_keys.claim("eve", "key", "two", NOW) == "two"

    def test_replacing_needs_what_was_there(self, request_keys: RequestKeys) -> None:
        request_keys.claim("ada", "key", "one", NOW)
        assert not request_keys.replace("ada", "key", "other", "two")
        assert request_keys.replace("ada", "key", "one", "two")
        assert request_keys.claim("ada", "key", "three", NOW) == "two"

    def test_of_many_at_once_one_counts(self, request_keys: RequestKeys) -> None:
        def claim(number: int) -> str:
            return request_keys.claim("ada", "key", f"{number}", NOW)

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(claim, range(24)))) == 1

    def test_old_ones_are_forgotten(self, request_keys: RequestKeys) -> None:
        request_keys.claim("ada", "old", "one", NOW)
        request_keys.claim("ada", "new", "one", NOW + HOUR)
        assert request_keys.expire(NOW) == 1
        assert request_keys.claim("ada", "old", "two", NOW) == "two"
        assert request_keys.remove_all("ada") == 2
