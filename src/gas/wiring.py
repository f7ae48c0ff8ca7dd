"""Settings -> Services: the one place that sees everything and builds it.

A backend is found by the name of its folder in `gas.adapters` or by `package.module:MANIFEST`; an
engine by the name of its folder in `gas.engines` (class `<Name>Engine`, references
`InstalledReferences`) or by `package.module:Class`. No part is named here, so that a new one needs
no change. Imports stand inside functions: a command pays for the parts it uses and for no other.
"""

from __future__ import annotations

import importlib
import ipaddress
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gas.domain.errors import Forbidden, InputError
from gas.domain.messages import ANNOTATE, QUEUES
from gas.domain.unhurried import Unhurried
from gas.home import prepare_home, read_secret
from gas.ports.backend import Context, Manifest, Store
from gas.ports.jobs import Jobs
from gas.ports.services import Services, Site
from gas.settings import PREFIX, Settings, read_own, read_settings

if TYPE_CHECKING:
    import flask

    from gas.ports.annotation import Engine, References

PORTS = (
    "store",
    "jobs",
    "queues",
    "files",
    "cold_storage",
    "mail",
    "sign_in",
    "hooks",
    "billing",
)
"""Each the name of a setting, and of a factory in the manifest that the setting leads to."""
PRELOADED = ("gas.workers.events", "gas.workers.roster", "gas.workers.stop")
"""What workers use. Imported after the fork it would cost each of them 60 ms and 13 MB."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the settings choose for a port."""

    setting: str
    manifest: Manifest[Any]
    port: str
    own: Any
    """The backend's own settings."""


def now() -> datetime:
    return datetime.now(UTC)


def _steady() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@contextmanager
def opened(settings: Settings) -> Iterator[Services]:
    """The services, closed at the end."""
    with ExitStack() as closing:
        yield build(settings, closing)


def build(settings: Settings, closing: ExitStack | None = None) -> Services:
    """Opens everything. What has to be closed goes on `closing`; without one, at exit."""
    choices = find_backends(settings)
    prepare_home(settings.home)
    secret_key = read_secret(settings.home / "secret")
    context = Context(
        home=settings.home,
        secret_key=secret_key,
        site_url=settings.url,
        clock=now,
        closing=closing or ExitStack(),
        own=None,
    )
    make = partial(_make, context)
    store: Store = make(choices["store"])
    jobs: Jobs = make(choices["jobs"]) if "jobs" in choices else store.jobs
    queues, queue_desk = store.queues, store.queue_desk
    if "queues" in choices:
        queues, queue_desk = make(choices["queues"])
    files, served_links = make(choices["files"])
    mail, outbox = make(choices["mail"])
    for spec in QUEUES:
        shared = spec.name == ANNOTATE.name
        limit = settings.running_jobs if shared else spec.group_limit
        queues.declare(replace(spec, group_limit=limit))
    engine, references = find_engine(settings)
    return Services(
        site=_site(settings, secret_key),
        limits=settings.limits,
        clock=now,
        together=one_by_one if {"jobs", "queues"} & choices.keys() else store.together,
        jobs=jobs,
        accounts=store.accounts,
        sessions=store.sessions,
        sign_in_links=store.sign_in_links,
        audit=store.audit,
        exports=store.exports,
        sign_in=make(choices["sign_in"], store.sign_in_links),
        payers=store.payers,
        billing=make(choices["billing"]) if "billing" in choices else None,
        queues=queues,
        queue_desk=queue_desk,
        files=files,
        cold_storage=make(choices["cold_storage"]),
        unhurried=Unhurried(now, _steady),
        served_links=served_links,
        mail=mail,
        outbox=outbox,
        webhooks=store.webhooks,
        hook_sender=make(choices["hooks"]),
        engine=engine,
        references=references,
        api_tokens=store.api_tokens,
        request_keys=store.request_keys,
        rates=settings.rates,
    )


def one_by_one(*, durable: bool = True) -> AbstractContextManager[None]:  # noqa: ARG001
    """`Together` of parts that have no transaction in common."""
    return nullcontext()


def web_app() -> flask.Flask:
    """What the web server calls; the settings are in the environment."""
    from gas.web import create_app

    return create_app(build(read_settings()))


def preload(settings: Settings) -> None:
    """Imports what workers use, and opens nothing: those forked afterwards share its memory."""
    for name in PRELOADED:
        importlib.import_module(name)
    for choice in find_backends(settings).values():
        manifest = choice.manifest
        with _needs_told(choice.setting, manifest.name, extra=manifest.extra):
            for name in manifest.preload:
                importlib.import_module(name)
    find_engine(settings)


def check_host(settings: Settings) -> None:
    """Refuses to be reachable for others while sign-in is not made for it."""
    if _is_loopback(settings.host):
        return
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


def find_backends(settings: Settings) -> dict[str, Choice]:
    """What is chosen for each port; jobs and queues are left out where the store keeps them,
    billing where there is none. Opens nothing. InputError for what is not there, and for a bad
    setting of a backend."""
    names = {port: str(getattr(settings, port)) for port in PORTS}
    names["cold_storage"] = names["cold_storage"] or settings.files
    return {
        port: _choice(port, name)
        for port, name in names.items()
        if not (port in ("jobs", "queues") and name in ("", settings.store))
        and not (port == "billing" and not name)
    }


def _choice(port: str, name: str) -> Choice:
    setting = PREFIX + port.upper()
    module_name, _, member = name.partition(":")
    if not member:
        module_name, member = f"gas.adapters.{name}", "MANIFEST"
    manifest = _member(_import(module_name, setting=setting), member, setting=setting)
    if not isinstance(manifest, Manifest):
        raise _unknown_part(name, setting)
    if getattr(manifest, port) is None:
        raise InputError(
            "PORT_NOT_OFFERED",
            f"{setting} names {manifest.name}, which does not offer {port}.",
            cure="Choose a backend that does; docs/backends has a page for each.",
        )
    return Choice(setting, manifest, port, read_own(manifest))


def _make(context: Context[Any], choice: Choice, *given: object) -> Any:
    with _needs_told(choice.setting, choice.manifest.name, extra=choice.manifest.extra):
        factory = getattr(choice.manifest, choice.port)
        return factory(replace(context, own=choice.own), *given)


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
        secure_cookies=settings.cookies_are_secure,
        trusted_proxies=settings.trusted_proxies,
        security_contact=settings.security_contact,
    )


def _import(module_name: str, *, setting: str) -> ModuleType:
    with _needs_told(setting, module_name):
        try:
            return importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
                raise  # the part is there; something that it needs is not
            raise _unknown_part(module_name, setting) from error
        except ValueError as error:  # an empty or relative name
            raise _unknown_part(module_name, setting) from error


@contextmanager
def _needs_told(setting: str, part: str, *, extra: str = "") -> Iterator[None]:
    """A package that is missing is told with what to install, the extra if there is one."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = f"gas[{extra}]" if extra else error.name
        raise InputError(
            "PACKAGE_MISSING",
            f"{setting} names {part}, which needs {error.name}; that is not installed.",
            cure=f"Run `pip install '{package}'`.",
        ) from error


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
