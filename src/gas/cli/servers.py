"""The services that this user is signed in to: a file that nobody else can read.

`gas/servers.json` in the XDG configuration folder. Written whole or not at all.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

from gas.domain.errors import InputError, NotFound

OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Servers:
    default: str = ""
    token_by_url: dict[str, str] = field(default_factory=dict, repr=False)

    def with_one(self, url: str, token: str) -> Servers:
        """It becomes the default."""
        return Servers(url, {**self.token_by_url, url: token})

    def without(self, url: str) -> Servers:
        kept = {known: token for known, token in self.token_by_url.items() if known != url}
        default = self.default if self.default in kept else next(iter(kept), "")
        return replace(self, default=default, token_by_url=kept)


def servers_path(config_home: str | None) -> Path:
    # The XDG specification: a relative path there is invalid and ignored.
    given = config_home and Path(config_home).is_absolute()
    folder = Path(config_home) if config_home and given else Path.home() / ".config"
    return folder / "gas" / "servers.json"


def read_servers(path: Path) -> Servers:
    """None known if there is no file. InputError for one that others can read, or none of ours."""
    try:
        if path.stat().st_mode & OTHERS:
            raise InputError(
                "TOKENS_OPEN",
                f"Others can read {path}, which holds tokens.",
                cure=f"Revoke them, then run `chmod 600 {path}`.",
            )
        fields = json.loads(path.read_text(encoding="utf-8"))
        tokens = {str(url): str(token) for url, token in fields["tokens"].items()}
        return Servers(str(fields["default"]), tokens)
    except FileNotFoundError:
        return Servers()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "TOKENS_UNREADABLE",
            f"{path} is not as `gas login` writes it.",
            cure="Remove it and sign in again.",
        ) from error


def write_servers(path: Path, servers: Servers) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    text = json.dumps({"default": servers.default, "tokens": servers.token_by_url}, indent=2)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def chosen_server(servers: Servers, *, url: str, token: str) -> tuple[str, str]:
    """Address and token: what is given, else what is kept. NotFound if there is none."""
    url = (url or servers.default).rstrip("/")
    token = token or servers.token_by_url.get(url, "")
    if not url or not token:
        raise NotFound(
            "NOT_SIGNED_IN",
            f"You are not signed in to {url or 'any service'}.",
            cure=f"Run `gas login {url or 'URL'}`, or set GAS_SERVER and GAS_TOKEN.",
        )
    return url, token
