"""What the environment says, and what is given, as settings."""

from __future__ import annotations

import dataclasses
import os
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from gas.domain.errors import InputError
from gas.domain.plan import Limits
from gas.settings import read_settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GAS_"):
            monkeypatch.delenv(name)


def test_the_home_is_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert read_settings().home == tmp_path / "gas"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/invalid")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_settings().home == tmp_path / ".local" / "share" / "gas"


def test_what_is_given_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GAS_HOME", str(tmp_path / "a"))
    monkeypatch.setenv("GAS_PORT", "8123")
    settings = read_settings(home=str(tmp_path / "b"), host=None)
    assert (settings.home, settings.port, settings.host) == (tmp_path / "b", 8123, "127.0.0.1")


def test_a_relative_home_is_one_place_wherever_a_child_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings(home="here").home == tmp_path / "here"
    monkeypatch.setenv("GAS_HOME", "there")
    assert read_settings().home == tmp_path / "there"


def test_limits_are_those_of_the_domain_until_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().limits == Limits()
    monkeypatch.setenv("GAS_FREE_INPUT_BYTES", "10")
    monkeypatch.setenv("GAS_LINK_SECONDS", "7")
    expected = dataclasses.replace(
        Limits(), free_input_bytes=10, link_lifetime=timedelta(seconds=7)
    )
    assert read_settings().limits == expected


@pytest.mark.parametrize(
    ("given", "url", "secure"),
    [
        ({}, "http://127.0.0.1:8000", False),
        ({"host": "::1", "port": 81}, "http://[::1]:81", False),
        ({"site_url": "https://gas.example.org/"}, "https://gas.example.org", True),
        ({"site_url": "https://a", "secure_cookies": False}, "https://a", False),
    ],
)
def test_the_url_decides_about_cookies_unless_said(
    given: dict[str, object], url: str, secure: bool
) -> None:
    settings = read_settings(**given)
    assert (settings.url, settings.cookies_are_secure) == (url, secure)


@pytest.mark.parametrize(
    ("name", "value"), [("GAS_PORT", "no"), ("GAS_ANNOTATORS", "-1"), ("GAS_SMTP_ENCRYPTION", "x")]
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as raised:
        read_settings()
    assert raised.value.reason.code == "BAD_SETTING"
    assert name in raised.value.reason.message


def test_settings_do_not_change_and_do_not_show_the_password() -> None:
    settings = read_settings(smtp_password="s3cret")
    with pytest.raises(ValidationError):
        settings.port = 1
    assert "s3cret" not in repr(settings)


def test_what_is_exported_is_read_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path, port=8124, secure_cookies=True, sweep_seconds=0.5)
    for name in settings.model_fields_set:
        monkeypatch.setenv(f"GAS_{name.upper()}", "")  # so that it is taken back afterwards
    settings.export()
    assert read_settings() == settings
