"""Who may do what, where people sign in with a provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from gas.adapters.oidc import ClientAuth, Preset
from gas.cli.first_operator import first_words, operator_link
from gas.domain.account import Account, Identity, Role
from gas.domain.errors import InputError
from gas.domain.ids import new_id
from gas.ports.services import Services
from gas.settings import read_settings
from gas.wiring import check_host, find_backends, opened

Gas = Callable[..., Result]
ISSUER = "https://id.example.org"


@pytest.fixture(autouse=True)
def with_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing asks it: only the pages do."""
    monkeypatch.setenv("GAS_SIGN_IN", "oidc")
    monkeypatch.setenv("GAS_OIDC_CLIENT_ID", "gas")
    monkeypatch.setenv("GAS_OIDC_CLIENT_SECRET", "s3cret")
    monkeypatch.setenv("GAS_OIDC_ISSUER", ISSUER)


def sign_in(services: Services, subject: str, email: str) -> Account:
    identity = Identity(ISSUER, subject, email)
    new = Account(new_id(services.clock()), ISSUER, subject, email, "", services.clock())
    return services.accounts.sign_in(identity, new)


def test_the_first_operator_is_promoted_after_signing_in(gas: Gas, services: Services) -> None:
    assert operator_link(services, "operator@localhost") is None
    assert services.accounts.page(limit=9) == []  # nobody is made who could not sign in
    assert "then `gas user promote EMAIL` makes an operator" in first_words(services)
    account = sign_in(services, "1", "ada@example.org")
    assert gas("user", "promote", "Ada@example.org").exit_code == 0
    found = services.accounts.get(account.id)
    assert found
    assert found.role is Role.OPERATOR
    assert first_words(services) == "sign in with id.example.org"


def test_of_several_with_one_address_none_is_promoted_by_it(gas: Gas, services: Services) -> None:
    accounts = [sign_in(services, subject, "ada@example.org") for subject in ("1", "2")]
    result = gas("user", "promote", "ada@example.org")
    assert result.exit_code == 1
    assert "SEVERAL_ACCOUNTS: 2 accounts" in result.stderr
    assert all(account.id in result.stderr for account in accounts)
    assert {account.role for account in services.accounts.page(limit=9)} == {Role.USER}
    assert gas("user", "promote", accounts[1].id).exit_code == 0
    roles = [account.role for account in services.accounts.page(limit=9)]
    assert sorted(roles) == [Role.OPERATOR, Role.USER]
    assert "premium" in gas("user", "plan", accounts[0].id, "premium").output
    rows = json.loads(gas("user", "ls", "--json").output)
    assert {row["issuer"] for row in rows} == {ISSUER}


def test_who_has_no_address_is_not_found_by_an_empty_one(gas: Gas, services: Services) -> None:
    account = sign_in(services, "1", "")
    assert "NO_ACCOUNT" in gas("user", "promote", "").stderr
    assert account.id in gas("user", "promote", account.id).output


def test_no_links_are_handed_out(gas: Gas, services: Services) -> None:
    result = gas("user", "link", "ada@example.org")
    assert result.exit_code == 1
    assert "NO_SIGN_IN_LINKS" in result.stderr
    assert services.accounts.page(limit=9) == []


def test_it_may_listen_beyond_loopback(home: Path) -> None:
    check_host(read_settings(home=home, host="0.0.0.0"))


def test_the_preset_knows_globus(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAS_OIDC_PRESET", "globus")
    monkeypatch.delenv("GAS_OIDC_ISSUER")
    settings = read_settings(home=home)
    own = find_backends(settings)["sign_in"].own
    assert (own.preset, own.client_auth, own.renew_hours) == (Preset.GLOBUS, ClientAuth.AUTO, 12)
    assert "s3cret" not in repr(own)
    with opened(settings) as services:
        assert services.sign_in.name == "Globus"
        assert services.sign_in.trusted_beyond_loopback


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GAS_OIDC_CLIENT_ID", ""),
        ("GAS_OIDC_ISSUER", ""),
        ("GAS_OIDC_ISSUER", "http://id.example.org"),
        ("GAS_OIDC_PRESET", "google"),
        ("GAS_OIDC_PKCE", "sometimes"),
        ("GAS_OIDC_RENEW_HOURS", "-1"),
        ("GAS_OIDC_ALGORITHMS", "none"),
    ],
)
def test_settings_that_cannot_be_used_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with (
        pytest.raises(InputError, match=f"BAD_SETTING: The setting {name}") as caught,
        opened(read_settings(home=home)),
    ):
        pass
    assert "s3cret" not in str(caught.value)
