"""The API's own door: a bearer token, never the cookie; so no other site's page can use it."""

from __future__ import annotations

from contextlib import suppress
from typing import cast

from flask import g, request

from gas.domain.errors import StoreFull, Unavailable
from gas.domain.tokens import ApiToken, is_token, token_hash
from gas.web.addresses import caller
from gas.web.api.scopes import scope_by_endpoint
from gas.web.rates import require_rate
from gas.web.refusals import Refusal
from gas.web.wired import me, services

REALM = 'Bearer realm="gas"'


def let_in(*, sends_part: bool) -> None:
    """Refusal 401 without a live token, 403 without the scope, 429 for who asks too often. The
    body was not looked at."""
    found = _found()
    if found is None:
        _refuse()
    else:
        g.account, g.api_token = found
        rates = services().rates
        if sends_part:
            require_rate("parts", me().id, rates.parts_per_minute)
        else:
            require_rate("api", me().id, rates.api_per_minute)
        _require_scope()
        _note_use()


def my_token() -> ApiToken:
    return cast("ApiToken", g.api_token)


def _found() -> tuple[object, ApiToken] | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    value = value.strip()
    if scheme.lower() != "bearer" or not is_token(value):
        return None  # a guess costs no query
    return services().api_tokens.found(token_hash(value), services().clock())


def _refuse() -> None:
    require_rate("bad-tokens", caller(), services().rates.bad_tokens_per_minute)
    cure = "Send `Authorization: Bearer gas_…`; a token is made on the page API tokens."
    if "Authorization" not in request.headers:
        raise Refusal(
            "TOKEN_NEEDED",
            "The request has no token.",
            status=401,
            cure=cure,
            headers={"WWW-Authenticate": REALM},
        )
    raise Refusal(
        "TOKEN_REFUSED",
        "The token is none of ours, was revoked, or is over.",
        status=401,
        cure=cure,
        headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
    )


def _require_scope() -> None:
    needed = scope_by_endpoint.get(str(request.endpoint))
    if needed is None or needed not in my_token().scopes:
        name = needed or "none"
        raise Refusal(
            "SCOPE_MISSING",
            f"The token may not do this: it lacks the scope {name}.",
            status=403,
            cure="Make a token with this scope.",
            headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{name}"'},
        )


def _note_use() -> None:
    now = services().clock()
    if my_token().worth_noting(now):
        with suppress(StoreFull, Unavailable):  # reading goes on where nothing can be written
            services().api_tokens.note_use(my_token().id, now)
