"""What an operator says of the provider; a preset says the rest for one that is known."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from gas.domain.errors import InputError
from gas.ports.backend import Between

ASYMMETRIC = tuple(
    "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split()  # noqa: SIM905 - a list
)
SYMMETRIC = ("HS256", "HS384", "HS512")
"""With the client's secret. Only where the operator names them: a provider's public key could
otherwise be taken for a secret by a mistake of ours."""


class Preset(StrEnum):
    NONE = "none"
    GLOBUS = "globus"


class Pkce(StrEnum):
    AUTO = "auto"  # where the provider lists it
    ALWAYS = "always"
    NEVER = "never"


class ClientAuth(StrEnum):
    AUTO = "auto"
    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class OidcSettings:
    client_id: str
    """As the provider knows this service."""
    client_secret: str = field(default="", repr=False)
    """Empty for a public client, which PKCE protects."""
    preset: Preset = Preset.NONE
    """`globus` sets all that is particular to it."""
    issuer: str = ""
    """The provider's address, exactly as its discovery document says it."""
    name: str = ""
    """What the button says; the issuer's host if empty."""
    scopes: str = "openid email profile"
    """What to ask for. `offline_access` brings a refresh token at some providers."""
    pkce: Pkce = Pkce.AUTO
    client_auth: ClientAuth = ClientAuth.AUTO
    """How this service proves itself at the token endpoint."""
    algorithms: str = ""
    """Of the ID token's signature, by spaces; if empty, those the provider lists, HS ones never."""
    extra: str = ""
    """Further parameters of the way there, as `prompt=login&hd=example.org`."""
    renew_hours: Annotated[float, Between(0, 8760)] = 12.0
    """How often to ask the provider whether a person is still welcome; 0 is never."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is particular to a provider."""

    issuer: str = ""
    name: str = ""
    algorithms: str = ""
    client_auth: ClientAuth = ClientAuth.AUTO
    extra: tuple[tuple[str, str], ...] = ()
    revocation_path: str = ""
    """Used where discovery lists none."""
    logout_path: str = ""
    """Of a page that signs out, where there is no end-session endpoint."""


known_by_preset = {
    Preset.NONE: Known(),
    # docs.globus.org/api/auth: refresh tokens come by access_type, not by a scope; its discovery
    # lists RS512 alone and no end-session endpoint: to sign out is a page for the person.
    Preset.GLOBUS: Known(
        issuer="https://auth.globus.org",
        name="Globus",
        algorithms="RS512",
        client_auth=ClientAuth.BASIC,
        extra=(("access_type", "offline"),),
        revocation_path="/v2/oauth2/token/revoke",
        logout_path="/v2/web/logout",
    ),
}


def issuer_of(own: OidcSettings) -> str:
    """InputError if there is none, or if what is said to it could be read on the way."""
    issuer = own.issuer or known_by_preset[own.preset].issuer
    if not issuer:
        raise _bad("GAS_OIDC_ISSUER", "it is not set, and there is no preset")
    if not is_safe(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise _bad("GAS_OIDC_ISSUER", "it has to be an address with https")
    return issuer


def is_safe(url: str) -> bool:
    """https; http only on this machine, where nobody listens on the way."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def algorithms_of(own: OidcSettings) -> tuple[str, ...]:
    """Those that the operator or the preset allows; empty: those of the provider."""
    named = tuple((own.algorithms or known_by_preset[own.preset].algorithms).split())
    if unknown := set(named) - {*ASYMMETRIC, *SYMMETRIC}:
        raise _bad("GAS_OIDC_ALGORITHMS", f"{', '.join(sorted(unknown))} is not one of those known")
    return named


def name_of(own: OidcSettings) -> str:
    return own.name or known_by_preset[own.preset].name or urlsplit(issuer_of(own)).hostname or ""


def extra_of(own: OidcSettings) -> dict[str, str]:
    """Not those that protect the way there."""
    extra = {**dict(known_by_preset[own.preset].extra), **dict(parse_qsl(own.extra))}
    ours = {"state", "nonce", "redirect_uri", "response_type", "client_id", "scope"}
    if taken := ours & extra.keys():
        raise _bad("GAS_OIDC_EXTRA", f"{', '.join(sorted(taken))} is not for it to set")
    return extra


def _bad(name: str, why: str) -> InputError:
    return InputError(
        "BAD_SETTING",
        f"The setting {name} cannot be used: {why}.",
        cure="Mend the variable; docs/backends/oidc.md lists them.",
    )
