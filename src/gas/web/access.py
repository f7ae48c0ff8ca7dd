"""The signed-in browser: a random value in a cookie, of which only the hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from urllib.parse import urlsplit

from flask import g, request, session
from werkzeug.wrappers import Response

from gas.domain.account import Account, AccountGone, Session, SignedIn
from gas.domain.ids import new_id
from gas.ports.sign_in import Arrival
from gas.web.browsers import browser_words
from gas.web.upkeep import over_at, still_welcome
from gas.web.wired import services


def cookie_name() -> str:
    """`__Host-` binds it to this very host, and needs https."""
    return "__Host-gas_session" if services().site.secure_cookies else "gas_session"


def account_of_request() -> Account | None:
    """Of the one who asks; their session is `g.session`."""
    found = _signed_in()
    if found is None or not still_welcome(found.session):
        return None
    g.session = found.session
    return found.account


def open_session(arrival: Arrival, response: Response) -> Account:
    """Signs the person in under a new session; one that the browser had before is over. AccountGone
    if the account is deleted just now; then nothing is kept, nor granted."""
    now = services().clock()
    identity, grant = arrival.identity, arrival.grant
    new = Account(
        id=new_id(now),
        issuer=identity.issuer,
        subject=identity.subject,
        email=identity.email,
        name=identity.name,
        created_at=now,
        institution=identity.institution,
    )
    _end_session()
    account = services().accounts.sign_in(identity, new)
    value = secrets.token_urlsafe(32)
    opened = Session(
        _hash(value),
        account.id,
        now,
        over_at(now, now),
        seen_at=now,
        browser=browser_words(request.headers.get("User-Agent", "")),
        sealed=grant.sealed,
        renew_at=now + grant.renew_after if grant.renew_after else None,
    )
    try:
        services().sessions.add(opened)
    except AccountGone:
        _give_back(opened)
        raise
    g.account, g.signed_in = account, True  # for the audit log
    response.set_cookie(
        cookie_name(),
        value,
        max_age=services().limits.session_lifetime,
        secure=services().site.secure_cookies,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return account


def close_session(response: Response) -> str | None:
    """Ends the session of this browser. Where to go to sign out of its authenticator too."""
    farewell = _end_session()
    response.delete_cookie(
        cookie_name(),
        secure=services().site.secure_cookies,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return farewell


def end(ended: Session) -> str | None:
    """This session is over; what its authenticator granted goes back."""
    services().sessions.remove(ended.id)
    return _give_back(ended)


def _give_back(ended: Session) -> str | None:
    if not services().sign_in.departs:
        return None
    return services().sign_in.sign_out(ended.sealed, services().site.url + "/")


def _end_session() -> str | None:
    """The one that came with the request, and what its forms were protected with."""
    found = _signed_in()
    session.clear()
    return end(found.session) if found else None


def _signed_in() -> SignedIn | None:
    value = request.cookies.get(cookie_name())
    return services().sessions.live(_hash(value), services().clock()) if value else None


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
