"""Backends are found by their manifests: those that GAS brings, and one made here."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gas.cli import main
from gas.domain.errors import GasError, InputError
from gas.domain.messages import QUEUES, JobSubmitted
from gas.ports.mail import Mail
from gas.settings import Settings, read_settings
from gas.wiring import find_backends, opened, preload
from workers.fake_engine import PATH

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(path.parent for path in (ROOT / "src/gas/adapters").glob("*/__init__.py"))
NAMES = [folder.name for folder in FOLDERS]
MAIL = Mail(
    "job-1@localhost", "ada@example.org", "Done", "All is done.", "<p>All is done.</p>", "ada"
)

LIGHT = """
import importlib, sys
import gas.adapters
before = set(sys.modules)
found = importlib.import_module("gas.adapters." + sys.argv[1])
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(new - sys.stdlib_module_names - {"gas"}), found.MANIFEST.name)
"""

PIGEON_POST = '''
"""Mail by pigeon: a letter in a loft."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from gas.domain.errors import NotFound
from gas.ports.backend import Between, Context, Manifest
from gas.ports.mail import OutboxMail, OutboxPage


@dataclass(frozen=True)
class PigeonSettings:
    loft: Path
    flock: Annotated[int, Between(1, 9)] = 3


class PigeonMail:
    def __init__(self, context):
        self.context = context

    def send(self, mail):
        at = self.context.clock().isoformat()
        self.context.own.loft.joinpath(mail.to).write_text(f"{at}|{mail.subject}|{mail.text}")

    def page(self, number, *, size):
        names = sorted(path.name for path in self.context.own.loft.iterdir())
        return OutboxPage(tuple(map(self.read, names)), 1, 1)

    def read(self, name):
        at, subject, text = self.context.own.loft.joinpath(name).read_text().split("|")
        return OutboxMail(name, datetime.fromisoformat(at), name, subject, text)


def make(context):
    mail = PigeonMail(context)
    context.closing.callback(context.own.loft.joinpath("closed").touch)
    return mail, mail


def lame(context):
    import feathers


MANIFEST = Manifest(name="pigeon", settings=PigeonSettings, mail=make)
LAME = Manifest(name="lame", extra="wings", mail=lame, preload=("feathers",))
'''

APART = """
from gas.adapters.sql.store import open_store
from gas.ports.backend import Manifest


def queues(context):
    url = f"sqlite:///{context.home / 'queues.sqlite3'}"
    store = open_store(url, run_path=context.run_path / "apart", clock=context.clock)
    context.closing.callback(store.close)
    return store.queues, store.queue_desk


MANIFEST = Manifest(name="apart", queues=queues)
"""


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GAS_"):
            monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path / "home", engine=PATH)


@pytest.fixture
def loft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where pigeons bring letters, once their package is there and chosen."""
    package = tmp_path / "packages" / "pigeon_post"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PIGEON_POST)
    (package / "eager.py").write_text("import feathers\n")
    monkeypatch.syspath_prepend(str(package.parent))
    folder = tmp_path / "loft"
    folder.mkdir()
    monkeypatch.setenv("GAS_PIGEON_LOFT", str(folder))
    monkeypatch.setenv("GAS_MAIL", "pigeon_post:MANIFEST")
    yield folder
    for name in ("pigeon_post", "pigeon_post.eager"):
        sys.modules.pop(name, None)


def chosen(settings: Settings, **names: str) -> Settings:
    return settings.model_copy(update=names)


@pytest.mark.parametrize("name", NAMES)
def test_a_manifest_is_named_like_its_folder_and_loads_no_vendor(name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", LIGHT, name],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == f"[] {name}\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_extra_of_a_manifest_is_one_of_the_packages(name: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    manifest = __import__(f"gas.adapters.{name}", fromlist=["MANIFEST"]).MANIFEST
    assert manifest.extra in {"", *extras}


def test_a_backend_from_elsewhere_is_used_by_its_path(tmp_path: Path, loft: Path) -> None:
    settings = read_settings(home=tmp_path / "home", engine=PATH)
    with opened(settings) as services:
        services.mail.send(MAIL)
        assert services.outbox is not None
        assert services.outbox.read("ada@example.org").text == "All is done."
        assert not (loft / "closed").exists()
    assert (loft / "closed").exists()
    assert not (settings.home / "outbox").exists()


def test_the_commands_show_its_outbox(
    tmp_path: Path, loft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAS_ENGINE", PATH)
    (loft / "ada@example.org").write_text("2026-01-02T03:04:05+00:00|Done|All is done.")
    home = ("--home", str(tmp_path / "home"))
    assert "Done" in CliRunner().invoke(main, [*home, "mail", "ls"]).output
    shown = CliRunner().invoke(main, [*home, "mail", "show", "ada@example.org"])
    assert shown.output == "All is done.\n"


@pytest.mark.parametrize(("name", "value"), [("LOFT", ""), ("FLOCK", "10"), ("FLOCK", "s3cret")])
def test_its_settings_are_checked_before_anything_is_opened(
    tmp_path: Path, loft: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"GAS_PIGEON_{name}", value)
    settings = read_settings(home=tmp_path / "home", engine=PATH)
    with pytest.raises(InputError) as raised:
        find_backends(settings)
    assert raised.value.reason.code == "BAD_SETTING"
    assert f"GAS_PIGEON_{name}" in raised.value.reason.message
    assert "s3cret" not in raised.value.reason.message
    assert not settings.home.exists()


def test_a_package_that_is_not_installed_is_told_with_its_extra(
    settings: Settings, loft: Path
) -> None:
    lame = chosen(settings, mail="pigeon_post:LAME")
    with pytest.raises(InputError) as raised, opened(lame):
        pass
    reason = raised.value.reason
    assert reason.code == "PACKAGE_MISSING"
    assert "GAS_MAIL names lame, which needs feathers" in reason.message
    assert "pip install 'gas[wings]'" in reason.cure
    with pytest.raises(InputError, match="PACKAGE_MISSING"):
        preload(lame)
    with pytest.raises(InputError, match="pip install 'feathers'"):
        find_backends(chosen(settings, mail="pigeon_post.eager:MANIFEST"))


@pytest.mark.parametrize(
    ("port", "name"),
    [("mail", "links"), ("store", "disk"), ("queues", "smtp"), ("sign_in", "sql")],
)
def test_a_port_that_a_backend_does_not_offer_is_named(
    settings: Settings, port: str, name: str
) -> None:
    with pytest.raises(InputError) as raised:
        find_backends(chosen(settings, **{port: name}))
    assert raised.value.reason.code == "PORT_NOT_OFFERED"
    assert f"GAS_{port.upper()} names {name}" in raised.value.reason.message


def test_smtp_is_wired_with_its_settings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A port where nobody listens: that it says so shows that host and port arrived.
    monkeypatch.setenv("GAS_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("GAS_SMTP_PORT", "1")
    with (
        opened(chosen(settings, mail="smtp")) as services,
        pytest.raises(GasError, match=r"MAIL_UNAVAILABLE.* 127\.0\.0\.1:1 "),
    ):
        assert services.outbox is None
        services.mail.send(MAIL)


@pytest.mark.parametrize(("name", "value"), [("PORT", "0"), ("ENCRYPTION", "s3cret")])
def test_a_bad_setting_of_smtp_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"GAS_SMTP_{name}", value)
    find_backends(settings)  # nobody minds while it is not used
    with pytest.raises(InputError, match=f"BAD_SETTING: The setting GAS_SMTP_{name} "):
        find_backends(chosen(settings, mail="smtp"))


def test_the_database_is_where_its_url_says(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAS_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    with opened(settings):
        assert (tmp_path / "elsewhere.sqlite3").exists()
        assert not (settings.home / "gas.sqlite3").exists()


def test_jobs_and_queues_may_be_kept_apart_from_the_store(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gas_test_apart.py").write_text(APART)
    monkeypatch.syspath_prepend(str(tmp_path))
    with opened(chosen(settings, queues="gas_test_apart:MANIFEST")) as services:
        assert {state.name for state in services.queue_desk.states()} == {
            spec.name for spec in QUEUES
        }
        with pytest.raises(ZeroDivisionError), services.together():
            services.queues.publish(JobSubmitted("job-1", "ada"))
            raise ZeroDivisionError  # each commits on its own
        assert services.queues.receive("annotate", holder="test-1-ab")


def test_they_are_not_apart_where_they_name_the_store(settings: Settings) -> None:
    same = find_backends(chosen(settings, jobs="sql", queues="sql"))
    assert (
        same.keys()
        == find_backends(settings).keys()
        == {"store", "files", "cold_storage", "mail", "sign_in", "hooks"}
    )
