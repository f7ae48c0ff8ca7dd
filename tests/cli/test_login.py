"""`gas login` and `gas logout`: whose token is kept where, and who can read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.remote import Gas, config, names, service, stranger
from cli.remote import gas as gas
from client.service import LiveService
from gas.cli import reach

__all__ = ["config", "gas", "service", "stranger"]


def test_a_token_is_looked_at_and_kept_for_its_user_alone(
    service: LiveService, stranger: Gas, config: Path
) -> None:
    done = stranger("login", service.url + "/", said=service.token + "\n")
    assert done.exit_code == 0
    assert f"Make a token at {service.url}/account/tokens" in done.stderr
    assert f"Signed in to {service.url} as ada@example.org, on the free plan." in done.stdout
    assert service.token not in done.output
    assert config.stat().st_mode & 0o777 == 0o600
    assert config.parent.stat().st_mode & 0o777 == 0o700
    assert names(config.parent) == ["servers.json"]
    assert stranger("jobs", "ls").exit_code == 0


def test_a_token_that_is_refused_is_not_kept(
    service: LiveService, stranger: Gas, config: Path
) -> None:
    done = stranger("login", service.url, "--token-stdin", said="gas_wrong\n")
    assert done.exit_code == reach.REFUSED
    assert "TOKEN_REFUSED" in done.stderr
    assert not config.exists()


def test_no_token_goes_out_in_clear(stranger: Gas) -> None:
    done = stranger("login", "http://gas.example.org", "--token-stdin", said="gas_x\n")
    assert done.exit_code == reach.REFUSED
    assert "NOT_SECURE" in done.stderr


def test_variables_will_do(
    service: LiveService, stranger: Gas, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAS_TOKEN", service.token)
    monkeypatch.setenv("GAS_SERVER", service.url)
    assert stranger("jobs", "ls", "--json").stdout == "[]\n"
    assert not config.exists()


def test_without_a_sign_in_it_says_how(stranger: Gas) -> None:
    done = stranger("jobs", "ls")
    assert done.exit_code == reach.REFUSED
    assert "NOT_SIGNED_IN" in done.stderr
    assert "gas login URL" in done.stderr


def test_several_services_and_a_default(service: LiveService, gas: Gas, config: Path) -> None:
    other = service.url.replace("127.0.0.1", "localhost")
    gas("login", other, "--token-stdin", said=service.token)
    assert json.loads(config.read_text())["default"] == other
    assert gas("jobs", "ls", "--server", service.url).exit_code == 0
    assert gas("logout").exit_code == 0
    assert json.loads(config.read_text())["default"] == service.url
    assert gas("jobs", "ls", "--server", other).exit_code == reach.REFUSED
    gas("logout", "--all")
    assert not config.exists()


def test_a_file_of_tokens_that_others_read_is_not_used(gas: Gas, config: Path) -> None:
    config.chmod(0o640)
    done = gas("jobs", "ls")
    assert done.exit_code == reach.REFUSED
    assert "TOKENS_OPEN" in done.stderr
    config.chmod(0o600)
    config.write_text("[]")
    assert "TOKENS_UNREADABLE" in gas("jobs", "ls").stderr
