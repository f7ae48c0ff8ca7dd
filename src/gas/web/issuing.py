"""Makes a token for an account: for the pages and for the API."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import g

from gas.domain.account import Account
from gas.domain.ids import new_id
from gas.domain.tokens import (
    MAX_TOKENS,
    ApiToken,
    Scope,
    checked_days,
    checked_name,
    new_token,
    token_hash,
    too_many_tokens,
)
from gas.web.wired import services


def issue_token(
    account: Account,
    *,
    name: str,
    scopes: frozenset[Scope],
    days: int,
    until: datetime | None = None,
) -> tuple[ApiToken, str]:
    """The token as it is kept, and its value, which is not. It ends at `until` at the latest."""
    now, value = services().clock(), new_token()
    expires_at = now + timedelta(days=checked_days(days))
    token = ApiToken(
        id=new_id(now),
        account_id=account.id,
        name=checked_name(name),
        scopes=scopes,
        created_at=now,
        expires_at=min(expires_at, until) if until else expires_at,
    )
    if not services().api_tokens.add(token, token_hash(value), most=MAX_TOKENS):
        raise too_many_tokens()
    g.made_id = token.id  # for the audit log
    return token, value
