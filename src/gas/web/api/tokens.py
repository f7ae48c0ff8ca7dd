"""Tokens made and revoked by a token: with no more rights than its own, and no longer life."""

from __future__ import annotations

from flask import Response, url_for

from gas.domain.errors import Forbidden, NotFound
from gas.domain.tokens import Scope
from gas.web.api import models
from gas.web.api.answers import answer, blueprint, empty
from gas.web.api.door import my_token
from gas.web.api.shown import token_shown
from gas.web.issuing import issue_token
from gas.web.wired import me, services

operations = blueprint("tokens", "What programs sign in with.")


@operations.get("/tokens", responses={200: models.Tokens})
def mine() -> Response:
    """The account's tokens, newest first, without their values."""
    found = services().api_tokens.of_account(me().id)
    return answer(models.Tokens(tokens=list(map(token_shown, found))))


@operations.post("/tokens", responses={201: models.MadeToken})
def make(body: models.NewToken) -> Response:
    """Make a token. Its value is in this answer, and nowhere else ever after."""
    scopes = frozenset(map(Scope, body.scopes))
    if not scopes <= my_token().scopes:
        raise Forbidden(
            "SCOPE_MISSING",
            "A token cannot give what it does not have.",
            cure="Ask for scopes of the token that asks.",
        )
    token, value = issue_token(
        me(), name=body.name, scopes=scopes, days=body.days, until=my_token().expires_at
    )
    response = answer(models.MadeToken(token=value, **token_shown(token).model_dump()), 201)
    response.headers["Location"] = url_for("api_tokens.mine")
    return response


@operations.delete("/tokens/<token_id>", responses={204: None})
def revoke(path: models.TokenPath) -> Response:
    """Revoke a token; it stops working at once."""
    if not services().api_tokens.remove(me().id, path.token_id):
        raise NotFound("TOKEN_NOT_FOUND", "There is no such token among yours.")
    return empty()
