"""Settings -> Services: the one place that sees everything and builds it.

An engine is found by the name of its folder in `gas.engines` (class `<Name>Engine`, references
`InstalledReferences`) or by `package.module:Class`; mail and sign-in by name or by the dotted
path of a callable that takes the settings. Imports stand inside functions, so that a command
pays for the parts it uses and for no other.
"""

from __future__ import annotations

import importlib
import ipaddress
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gas.domain.errors import Forbidden, InputError
from gas.domain.messages import QUEUES
from gas.ports.services import Services, Site
from gas.settings import Settings, read_settings

if TYPE_CHECKING:
    import flask

    from gas.adapters.sql import SqlStore
    from gas.ports.annotation import Engine, References
    from gas.ports.mail import MailSender
    from gas.ports.sign_in import SignIn

FOLDERS = ("run", "files", "outbox", "references", "work", "logs")
SECRET_BYTES = 32
PRELOADED = (
    "gas.adapters.disk",
    "gas.adapters.links",
    "gas.adapters.smtp",
    "gas.adapters.sql.migrate",
    "gas.adapters.sql.sqlite",
    "gas.workers.events",
    "gas.workers.roster",
    "gas.workers.stop",
)
"""What workers use. Imported after the fork it would cost each of them 60 ms and 13 MB."""


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def opened(settings: Settings) -> Iterator[Services]:
    """The services, closed at the end."""
    with ExitStack() as closing:
        yield build(settings, closing)


def build(settings: Settings, closing: ExitStack | None = None) -> Services:
    """Opens everything. What has to be closed goes on `closing`; without one, at exit."""
    from gas.adapters.disk import DiskFiles
    from gas.adapters.sql import open_store

    prepare_home(settings.home)
    secret_key = read_secret(settings.home / "secret")
    store: SqlStore = open_store(settings.database, run_path=settings.home / "run", clock=now)
    if closing is not None:
        closing.callback(store.close)
    for spec in QUEUES:
        store.queues.declare(spec)
    files = DiskFiles(
        settings.home / "files", secret_key=secret_key, site_url=settings.url, clock=now
    )
    engine, references = find_engine(settings)
    return Services(
        site=_site(settings, secret_key),
        limits=settings.limits,
        clock=now,
        together=store.together,
        jobs=store.jobs,
        accounts=store.accounts,
        sessions=store.sessions,
        sign_in_links=store.sign_in_links,
        sign_in=_sign_in(settings, store),
        queues=store.queues,
        queue_desk=store.queue_desk,
        files=files,
        served_links=files,
        mail=_mail(settings),
        engine=engine,
        references=references,
    )


def web_app() -> flask.Flask:
    """What the web server calls; the settings are in the environment."""
    from gas.web import create_app

    return create_app(build(read_settings()))


def preload(settings: Settings) -> None:
    """Imports what workers use, and opens nothing: those forked afterwards share its memory."""
    for name in PRELOADED:
        importlib.import_module(name)
    find_engine(settings)


def check_host(settings: Settings) -> None:
    """Refuses to be reachable for others while sign-in is not made for it."""
    if _is_loopback(settings.host):
        return
    if settings.sign_in == "links":
        trusted = False
    else:
        with opened(settings) as services:
            trusted = services.sign_in.trusted_beyond_loopback
    if not trusted:
        raise Forbidden(
            "NOT_LOOPBACK",
            f"GAS does not listen on {settings.host} while people sign in by {settings.sign_in}.",
            cure="Listen on 127.0.0.1, or set up an authenticator (GAS_SIGN_IN).",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def prepare_home(home: Path) -> None:
    """The home and its folders, open to their owner only. StoreFull and the like stay OSErrors."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FOLDERS:
            (home / name).mkdir(mode=0o700, exist_ok=True)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise InputError(
            "HOME_UNUSABLE",
            f"The home folder {home} cannot be used: {error.strerror}.",
            cure="Choose another with --home or GAS_HOME, or mend its permissions.",
        ) from error


def read_secret(path: Path) -> bytes:
    """The installation's secret. Of several processes at once one makes it and all read it."""
    with suppress(FileNotFoundError):
        return bytes.fromhex(path.read_text(encoding="ascii"))
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(SECRET_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        # A hard link never replaces what is there: the first one wins, and it is whole.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    return bytes.fromhex(path.read_text(encoding="ascii"))


def find_engine(settings: Settings) -> tuple[Engine, References]:
    """The engine, and the references of the module that it comes from."""
    name = settings.engine
    module_name, _, class_name = name.partition(":")
    if not class_name:
        module_name, class_name = f"gas.engines.{name}", f"{name.capitalize()}Engine"
    module = _import(module_name, setting="GAS_ENGINE")
    folder = settings.home / "references"
    engine: Engine = _member(module, class_name, setting="GAS_ENGINE")(folder)
    references: References = _member(module, "InstalledReferences", setting="GAS_ENGINE")(folder)
    return engine, references


def _site(settings: Settings, secret_key: bytes) -> Site:
    return Site(
        url=settings.url,
        secret_key=secret_key,
        work_path=settings.home / "work",
        outbox_path=settings.home / "outbox" if settings.mail == "outbox" else None,
        secure_cookies=settings.cookies_are_secure,
    )


def _sign_in(settings: Settings, store: SqlStore) -> SignIn:
    if settings.sign_in == "links":
        from gas.adapters.links import LinkSignIn

        return LinkSignIn(store.sign_in_links, now)
    made: SignIn = _dotted(settings.sign_in, setting="GAS_SIGN_IN")(settings)
    return made


def _mail(settings: Settings) -> MailSender:
    if settings.mail == "outbox":
        from gas.adapters.disk import DiskMail

        return DiskMail(settings.home / "outbox")
    if settings.mail == "smtp":
        from gas.adapters.smtp import Encryption, SmtpMail

        return SmtpMail(
            settings.smtp_host,
            settings.smtp_port,
            sender=settings.smtp_sender,
            user=settings.smtp_user,
            password=settings.smtp_password,
            encryption=Encryption(settings.smtp_encryption),
        )
    made: MailSender = _dotted(settings.mail, setting="GAS_MAIL")(settings)
    return made


def _dotted(path: str, *, setting: str) -> Any:
    module_name, _, name = path.partition(":")
    return _member(_import(module_name, setting=setting), name, setting=setting)


def _import(module_name: str, *, setting: str) -> ModuleType:
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise  # the part is there; something that it needs is not
        raise _unknown_part(module_name, setting) from error
    except ValueError as error:  # an empty or relative name
        raise _unknown_part(module_name, setting) from error


def _member(module: ModuleType, name: str, *, setting: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise _unknown_part(f"{module.__name__}:{name}", setting) from error


def _unknown_part(name: str, setting: str) -> InputError:
    return InputError(
        "UNKNOWN_PART",
        f"{setting} names {name}, which is not there.",
        cure="Give the name of a part that GAS brings, or package.module:name of your own.",
    )
