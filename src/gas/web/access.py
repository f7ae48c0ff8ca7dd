"""The signed-in browser: a random value in a cookie, of which only the hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import g, request, session
from werkzeug.wrappers import Response

from gas.domain.account import Account, Identity, Session
from gas.domain.ids import new_id
from gas.web.wired import services

SESSION_LIFETIME = timedelta(days=14)


def cookie_name() -> str:
    """`__Host-` binds it to this very host, and needs https."""
    return "__Host-gas_session" if services().site.secure_cookies else "gas_session"


def account_of_request() -> Account | None:
    value = request.cookies.get(cookie_name())
    if not value:
        return None
    return services().sessions.account(_hash(value), services().clock())


def session_id() -> str:
    """Of the browser that asks, live or not; '' if it has none."""
    value = request.cookies.get(cookie_name())
    return _hash(value) if value else ""


def open_session(identity: Identity, response: Response) -> Account:
    """Signs `identity` in under a new session; one that the browser had before is over."""
    now = services().clock()
    new = Account(
        id=new_id(now),
        issuer=identity.issuer,
        subject=identity.subject,
        email=identity.email,
        name=identity.name,
        created_at=now,
    )
    _end_session()
    account = services().accounts.sign_in(identity, new)
    value = secrets.token_urlsafe(32)
    g.account, g.signed_in = account, True  # for the audit log
    services().sessions.add(Session(_hash(value), account.id, now, now + SESSION_LIFETIME))
    response.set_cookie(
        cookie_name(),
        value,
        max_age=SESSION_LIFETIME,
        secure=services().site.secure_cookies,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return account


def close_session(response: Response) -> None:
    """Ends the session of this browser."""
    _end_session()
    response.delete_cookie(
        cookie_name(),
        secure=services().site.secure_cookies,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _end_session() -> None:
    """The one that came with the request, and what its forms were protected with."""
    value = request.cookies.get(cookie_name())
    if value:
        services().sessions.remove(_hash(value))
    session.clear()


def safe_next(target: str | None) -> str | None:
    """`target` if it is a path on this site; None for anything that could lead elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(letter) < 33 or letter == "\\" for letter in target):
        return None  # browsers drop tabs and newlines, and read a backslash as a slash
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
