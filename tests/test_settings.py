"""What the environment says, and what is given, as settings."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import ValidationError

from gas.domain.errors import InputError
from gas.domain.plan import Limits
from gas.domain.rates import STANDARD
from gas.ports.backend import Between, Manifest
from gas.settings import read_own, read_settings


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


def test_the_outbox_is_the_disks_former_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAS_MAIL", "outbox")
    assert read_settings() == read_settings(mail="disk")


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
    expected = replace(Limits(), free_input_bytes=10, link_lifetime=timedelta(seconds=7))
    assert read_settings().limits == expected


def test_rates_are_those_of_the_domain_until_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().rates == STANDARD
    monkeypatch.setenv("GAS_API_PER_MINUTE", "7")
    monkeypatch.setenv("GAS_HOOKS_PER_MINUTE", "8")
    changed = replace(STANDARD, api_per_minute=7, hooks_per_minute=8)
    assert read_settings().rates == changed


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


@pytest.mark.parametrize(("name", "value"), [("GAS_PORT", "no"), ("GAS_ANNOTATORS", "-1")])
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as raised:
        read_settings()
    assert raised.value.reason.code == "BAD_SETTING"
    assert name in raised.value.reason.message


def test_settings_do_not_change() -> None:
    settings = read_settings()
    with pytest.raises(ValidationError):
        settings.port = 1


class Shade(StrEnum):
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class PigeonSettings:
    loft: Path
    flock: Annotated[int, Between(1, 9)] = 3
    rest_hours: float = 0.5
    rings: bool = False
    shade: Shade | None = None
    way: Literal["straight", "winding"] = "straight"
    password: str = field(default="", repr=False)


PIGEON = Manifest(name="pigeon", settings=PigeonSettings)


def test_a_backends_own_settings_are_parsed_by_their_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAS_PIGEON_LOFT", "/loft")
    monkeypatch.setenv("GAS_PIGEON_FLOCK", "")  # as if it was not there
    assert read_own(PIGEON) == PigeonSettings(Path("/loft"))
    for name, value in {
        "FLOCK": "9",
        "REST_HOURS": "1.5",
        "RINGS": "true",
        "SHADE": "grey",
        "WAY": "winding",
        "PASSWORD": "007",
    }.items():
        monkeypatch.setenv(f"GAS_PIGEON_{name}", value)
    own = read_own(PIGEON)
    assert own == PigeonSettings(Path("/loft"), 9, 1.5, True, Shade.GREY, "winding", "007")
    assert "007" not in repr(own)


def test_a_prefix_stands_in_for_the_backends_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAS_LOFT_LOFT", "/loft")
    assert read_own(replace(PIGEON, prefix="loft")) == PigeonSettings(Path("/loft"))


def test_a_backend_without_settings_has_none() -> None:
    assert read_own(Manifest[None](name="pigeon")) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GAS_PIGEON_LOFT", ""),
        ("GAS_PIGEON_FLOCK", "10"),
        ("GAS_PIGEON_FLOCK", "0"),
        ("GAS_PIGEON_FLOCK", "s3cret"),
        ("GAS_PIGEON_RINGS", "s3cret"),
        ("GAS_PIGEON_SHADE", "s3cret"),
        ("GAS_PIGEON_WAY", "s3cret"),
    ],
)
def test_a_bad_setting_of_a_backend_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("GAS_PIGEON_LOFT", "/loft")
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as raised:
        read_own(PIGEON)
    assert raised.value.reason.code == "BAD_SETTING"
    assert f"The setting {name} cannot be used: " in raised.value.reason.message
    assert "s3cret" not in raised.value.reason.message


def test_what_is_exported_is_read_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path, port=8124, secure_cookies=True, sweep_seconds=0.5)
    for name in settings.model_fields_set:
        monkeypatch.setenv(f"GAS_{name.upper()}", "")  # so that it is taken back afterwards
    settings.export()
    assert read_settings() == settings
