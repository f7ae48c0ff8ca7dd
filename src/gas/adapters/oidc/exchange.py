"""What is said at the provider's token, revocation and userinfo endpoints, by Authlib.

It says it through requests, whose errors are OSErrors, and which is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authlib.integrations.base_client import OAuthError

from gas.adapters.oidc.failures import of_token_endpoint, set_up_wrong, unreachable
from gas.adapters.oidc.fetch import SECONDS, get_json
from gas.adapters.oidc.provider import Metadata
from gas.adapters.oidc.settings import ClientAuth, OidcSettings, known_by_preset

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str
    id_token: str
    """Empty if none came."""


def open_client(own: OidcSettings, metadata: Metadata, *, pkce: bool) -> OAuth2Session:
    """For one conversation; it is not for several threads."""
    from authlib.integrations.requests_client import OAuth2Session

    way = client_auth(own, metadata)
    client = OAuth2Session(
        own.client_id,
        own.client_secret or None,
        token_endpoint_auth_method=way,
        revocation_endpoint_auth_method=way,
        scope=own.scopes,
        code_challenge_method="S256" if pkce else None,
    )
    client.max_redirects = 0  # our secret is for this address alone
    return client


def client_auth(own: OidcSettings, metadata: Metadata) -> str:
    chosen = own.client_auth
    if chosen is ClientAuth.AUTO:
        chosen = known_by_preset[own.preset].client_auth
    if chosen is not ClientAuth.AUTO:
        return chosen.value
    if not own.client_secret:
        return ClientAuth.NONE.value
    # OIDC discovery 3: basic where nothing is listed
    offered = metadata.client_auths or (ClientAuth.BASIC.value,)
    return (ClientAuth.BASIC if ClientAuth.BASIC.value in offered else ClientAuth.POST).value


def fetch(
    client: OAuth2Session, metadata: Metadata, *, code: str, return_url: str, verifier: str
) -> Tokens:
    """For a code. Forbidden if it was used up or is too old, Unavailable for the rest."""
    given = {"code_verifier": verifier} if verifier else {}
    return _asked(
        lambda: client.fetch_token(
            metadata.token_endpoint,
            grant_type="authorization_code",
            code=code,
            redirect_uri=return_url,
            timeout=SECONDS,
            **given,
        )
    )


def refresh(client: OAuth2Session, metadata: Metadata, refresh_token: str) -> Tokens:
    """Forbidden if the provider does not want to, Unavailable if it does not answer."""
    return _asked(
        lambda: client.refresh_token(
            metadata.token_endpoint, refresh_token=refresh_token, timeout=SECONDS
        )
    )


def revoke(client: OAuth2Session, address: str, tokens: Tokens) -> None:
    """As far as it works: a token that cannot be given back runs out by itself."""
    for hint, token in (
        ("refresh_token", tokens.refresh_token),
        ("access_token", tokens.access_token),
    ):
        if token:
            with suppress(OAuthError, OSError, ValueError):
                client.revoke_token(address, token, token_type_hint=hint, timeout=SECONDS)


def person(metadata: Metadata, access_token: str, subject: str) -> Mapping[str, Any]:
    """What the userinfo endpoint tells. It is not signed: it counts for the same subject only."""
    found = get_json(metadata.userinfo_endpoint, access_token=access_token)
    if found.get("sub") != subject:  # OIDC core 5.3.2
        raise set_up_wrong("the subject of the userinfo endpoint")
    return found


def _asked(ask: Callable[[], Any]) -> Tokens:
    try:
        answer = ask()
    except OAuthError as error:
        raise of_token_endpoint(str(error.error)) from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        # the last two: Authlib looks into whatever JSON came
        raise unreachable() from error
    if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
        raise unreachable()
    return Tokens(answer["access_token"], _text(answer, "refresh_token"), _text(answer, "id_token"))


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""
