"""The environment, read once into a frozen `Settings`. Nothing else reads `os.environ`.

Every field is a variable `GAS_<FIELD>`; a keyword given to `Settings(...)` goes before it. A
backend's own settings, `GAS_<BACKEND>_<FIELD>`, are declared in its folder, and read by `read_own`.
"""

from __future__ import annotations

import os
import re
from dataclasses import MISSING, fields
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gas.domain.errors import InputError
from gas.domain.plan import Limits
from gas.domain.rates import STANDARD, Rates
from gas.ports.backend import Between, Manifest

PREFIX = "GAS_"
LIMITS = Limits()
FORMER_NAMES = {"outbox": "disk"}


def default_home() -> Path:
    """`gas` in the data folder of the XDG base directory specification."""
    data = os.environ.get("XDG_DATA_HOME", "")
    # The specification: a relative path there is invalid and ignored.
    folder = Path(data) if data and Path(data).is_absolute() else Path.home() / ".local" / "share"
    return folder / "gas"


def default_annotators() -> int:
    """One for each core that this process may use."""
    return len(os.sched_getaffinity(0))


def present_name(backend: str) -> str:
    return FORMER_NAMES.get(backend, backend)


def contact_url(text: str) -> str:
    """As RFC 9116 wants it, a URL; an email address may be given as it is."""
    contact = f"mailto:{text}" if "@" in text and ":" not in text else text
    if contact and not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://\S+|tel:\S+)", contact):
        raise ValueError("it is no email address, and no https URL")
    return contact


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True
    )

    home: Path = Field(default_factory=default_home)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    site_url: str = ""
    """Where people reach the service; made of host and port if empty."""
    secure_cookies: bool | None = None
    """Cookies over https only; if unset, as `site_url` says."""
    security_contact: Annotated[str, AfterValidator(contact_url)] = ""
    """Where holes in the security are reported: an email address or the https URL of a page."""

    engine: str = "bcftools"
    """A folder of `gas.engines`, or `package.module:Class`."""

    # Backends: a folder of `gas.adapters`, or `package.module:MANIFEST`.
    store: str = "sql"
    """Of jobs, accounts, sessions and queues."""
    jobs: str = ""
    """Of jobs, where that is not the store."""
    queues: str = ""
    """Of queues, where that is not the store."""
    files: str = "disk"
    cold_storage: str = ""
    """Of archived results; that of the files if empty."""
    mail: Annotated[str, AfterValidator(present_name)] = "disk"
    sign_in: str = "links"
    hooks: str = "https"
    """Who posts to the webhooks of users."""
    billing: str = ""
    """Who takes the money; nobody if empty, and operators set plans."""

    operator_email: str = "operator@localhost"
    """Of the first operator, for whom `gas up` prints a sign-in link."""
    annotators: int = Field(default_factory=default_annotators, ge=0, le=1024)
    running_jobs: int = Field(default=4, ge=0)
    """Of one person, at once; 0: as many as there are annotators."""
    sweep_seconds: float = Field(default=5.0, gt=0)

    free_input_bytes: int = Field(default=LIMITS.free_input_bytes, ge=1)
    premium_input_bytes: int = Field(default=LIMITS.premium_input_bytes, ge=1)
    part_bytes: int = Field(default=LIMITS.part_bytes, ge=1)
    link_seconds: float = Field(default=LIMITS.link_lifetime.total_seconds(), gt=0)
    upload_hours: float = Field(default=LIMITS.upload_lifetime.total_seconds() / 3600, gt=0)
    run_seconds: int = Field(default=LIMITS.run_seconds, ge=1)
    run_memory_bytes: int = Field(default=LIMITS.run_memory_bytes, ge=1)
    session_days: float = Field(default=LIMITS.session_lifetime / timedelta(days=1), gt=0)
    session_idle_days: float = Field(default=LIMITS.session_idle / timedelta(days=1), gt=0)

    trusted_proxies: int = Field(default=0, ge=0, le=16)
    """Reverse proxies before the web; only then X-Forwarded-For says who calls."""
    api_per_minute: int = Field(default=STANDARD.api_per_minute, ge=1)
    parts_per_minute: int = Field(default=STANDARD.parts_per_minute, ge=1)
    changes_per_minute: int = Field(default=STANDARD.changes_per_minute, ge=1)
    sign_ins_per_minute: int = Field(default=STANDARD.sign_ins_per_minute, ge=1)
    bad_tokens_per_minute: int = Field(default=STANDARD.bad_tokens_per_minute, ge=1)
    hooks_per_minute: int = Field(default=STANDARD.hooks_per_minute, ge=1)
    hook_tests_per_minute: int = Field(default=STANDARD.hook_tests_per_minute, ge=1)
    exports_per_minute: int = Field(default=STANDARD.exports_per_minute, ge=1)
    run_processes: int = Field(default=LIMITS.run_processes, ge=0, le=1024)

    @property
    def limits(self) -> Limits:
        return Limits(
            free_input_bytes=self.free_input_bytes,
            premium_input_bytes=self.premium_input_bytes,
            part_bytes=self.part_bytes,
            link_lifetime=timedelta(seconds=self.link_seconds),
            upload_lifetime=timedelta(hours=self.upload_hours),
            run_seconds=self.run_seconds,
            run_memory_bytes=self.run_memory_bytes,
            session_lifetime=timedelta(days=self.session_days),
            session_idle=timedelta(days=self.session_idle_days),
            run_processes=self.run_processes,
        )

    @property
    def rates(self) -> Rates:
        return Rates(**{each.name: getattr(self, each.name) for each in fields(Rates)})

    @property
    def url(self) -> str:
        """Where people reach the service, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.site_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def cookies_are_secure(self) -> bool:
        return self.url.startswith("https:") if self.secure_cookies is None else self.secure_cookies

    def export(self) -> None:
        """Into the environment, so that a process started from this one reads the same."""
        for name in sorted(self.model_fields_set):
            value = getattr(self, name)
            os.environ[PREFIX + name.upper()] = "" if value is None else str(value)


def read_settings(**given: object) -> Settings:
    """From the environment; what is given (and is not None) goes before it. InputError."""
    chosen = {name: value for name, value in given.items() if value is not None}
    if home := chosen.get("home"):
        chosen["home"] = Path(str(home)).expanduser().resolve()
    try:
        settings = Settings(**chosen)  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise _bad_setting(name, first["msg"]) from error
    if settings.home.is_absolute():
        return settings
    return settings.model_copy(update={"home": settings.home.resolve()})


def read_own(manifest: Manifest[Any]) -> Any:
    """The backend's own settings, from the environment; None if it has none. InputError."""
    if manifest.settings is None:
        return None
    hints = get_type_hints(manifest.settings, include_extras=True)
    given = {}
    for field in fields(manifest.settings):
        name = variable(manifest, field.name)
        if text := os.environ.get(name):
            given[field.name] = _parsed(text, hints[field.name], name)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise _bad_setting(name, "it is not set, and has no default")
    return manifest.settings(**given)


def variable(manifest: Manifest[Any], field_name: str) -> str:
    return f"{PREFIX}{manifest.prefix or manifest.name}_{field_name}".upper()


def _parsed(text: str, hint: Any, name: str) -> Any:
    for bounds in getattr(hint, "__metadata__", ()):
        if isinstance(bounds, Between):
            hint = Annotated[hint, Field(ge=bounds.least, le=bounds.most)]
    try:
        return TypeAdapter(hint).validate_python(text)
    except ValidationError as error:
        raise _bad_setting(name, error.errors()[0]["msg"]) from error


def _bad_setting(name: str, why: str) -> InputError:
    """Without the value: it may be a password."""
    return InputError(
        "BAD_SETTING",
        f"The setting {name} cannot be used: {why}.",
        cure="Mend the variable or the option; docs/operations.md and docs/backends list them.",
    )
