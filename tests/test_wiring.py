"""Settings become services."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gas.adapters.links import LinkSignIn
from gas.domain.errors import Forbidden, InputError
from gas.domain.messages import QUEUES
from gas.home import prepare_home, read_secret
from gas.ports.accounts import SignInLinks
from gas.ports.backend import Context, Manifest
from gas.ports.sign_in import SignIn
from gas.settings import Settings, read_settings
from gas.wiring import check_host, find_engine, opened
from workers.fake_engine import PATH, FakeEngine

ROOT = Path(__file__).parents[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path / "home", engine=PATH)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_home_is_its_owners_alone(settings: Settings) -> None:
    before = os.umask(0)
    try:
        with opened(settings):
            pass
    finally:
        os.umask(before)
    assert mode(settings.home) == 0o700
    assert mode(settings.home / "secret") == 0o600
    folders = [path for path in settings.home.iterdir() if path.is_dir()]
    assert {path.name for path in folders} >= {"run", "files", "outbox", "references", "work"}
    assert {mode(path) for path in folders} == {0o700}


def test_in_a_home_that_is_open_to_others_the_files_are_not(settings: Settings) -> None:
    before = os.umask(0o022)
    try:
        settings.home.mkdir(mode=0o755)
        with opened(settings) as services:
            assert services.accounts.by_subject("nobody", "at all") is None
        (settings.home / "logs" / "gas.log").open("ab").close()
    finally:
        os.umask(before)
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"gas.sqlite3", "gas.log", "secret"}
    assert not [path for path in files if mode(path) & 0o077]


@pytest.mark.parametrize("left", ["", "00" * 31, "no hexadecimal number", "ä"])
def test_a_secret_that_is_not_whole_signs_nothing(settings: Settings, left: str) -> None:
    settings.home.mkdir(mode=0o700)
    (settings.home / "secret").write_text(left)
    with pytest.raises(InputError) as raised, opened(settings):
        pass
    assert raised.value.reason.code == "SECRET_UNUSABLE"


def test_everything_is_there_and_queues_are_declared(settings: Settings) -> None:
    with opened(settings) as services:
        names = {state.name for state in services.queue_desk.states()}
        assert names == {spec.name for spec in QUEUES}
        assert isinstance(services.engine, FakeEngine)
        assert services.references.get("demo")
        assert services.site.url == "http://127.0.0.1:8000"
        assert services.outbox is not None
        assert services.served_links is not None


def test_the_secret_stays_and_several_processes_make_one(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from gas.home import read_secret;"
        "sys.stdin.read(); print(read_secret(Path(sys.argv[1])).hex())"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", code, str(tmp_path / "secret")]
    racers = [
        subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    found = {racer.communicate()[0].strip() for racer in racers}
    assert found == {read_secret(tmp_path / "secret").hex()}
    assert len(found.pop()) == 64
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "gas.example.org"])
def test_only_loopback_without_an_authenticator(settings: Settings, host: str) -> None:
    with pytest.raises(Forbidden) as raised:
        check_host(settings.model_copy(update={"host": host}))
    assert raised.value.reason.code == "NOT_LOOPBACK"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_fine(settings: Settings, host: str) -> None:
    check_host(settings.model_copy(update={"host": host}))


class Authenticator(LinkSignIn):
    """As an operator may bring one."""

    name = "Globus"
    trusted_beyond_loopback = True


def authenticator(context: Context[None], links: SignInLinks) -> SignIn:
    return Authenticator(links, context.clock)


AUTHENTICATOR = Manifest(name="globus", sign_in=authenticator)


def test_a_trusted_authenticator_opens_the_service(settings: Settings) -> None:
    path = f"{__name__}:AUTHENTICATOR"
    sys.modules.setdefault(__name__, sys.modules[Authenticator.__module__])
    check_host(settings.model_copy(update={"host": "0.0.0.0", "sign_in": path}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("engine", "no_such_engine"),
        ("engine", "no.such.module:Engine"),
        ("engine", "workers.fake_engine:NoSuchClass"),
        ("store", "clay"),
        ("files", "gas.adapters.disk:DiskFiles"),
        ("mail", "pigeon"),
        ("sign_in", "nobody"),
        ("queues", ".relative"),
    ],
)
def test_a_part_that_is_not_there_is_named(settings: Settings, name: str, value: str) -> None:
    with pytest.raises(InputError) as raised, opened(settings.model_copy(update={name: value})):
        pass
    assert raised.value.reason.code == "UNKNOWN_PART"
    assert f"GAS_{name.upper()}" in raised.value.reason.message


def test_an_engine_is_found_by_its_folder(settings: Settings) -> None:
    engine, references = find_engine(settings.model_copy(update={"engine": "bcftools"}))
    assert type(engine).__name__ == "BcftoolsEngine"
    assert list(references.all()) == []


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(InputError) as raised:
        prepare_home(tmp_path / "home")
    assert raised.value.reason.code == "HOME_UNUSABLE"
