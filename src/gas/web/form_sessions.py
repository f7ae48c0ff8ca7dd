"""What forms are protected with: Flask's signed cookie and Flask-WTF's token, made once for each.

Both are the same on every page of a browser's session; to verify and to sign them anew took a
fifth of a page's time. The token has no age (`WTF_CSRF_TIME_LIMIT`), and the cookie holds nothing
but the secret that the token is derived from.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from flask import Flask, Request, Response, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf

T = TypeVar("T")
TOKEN = "csrf_token"  # noqa: S105 - what Flask-WTF calls it, in the session and in `g`
KEPT = 4096


class FormSessions(SecureCookieSessionInterface):
    """Flask's own, which remembers the cookies whose signature it has checked."""

    def __init__(self) -> None:
        self._checked = _Latest[dict[str, object]]()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        value = request.cookies.get(self.get_cookie_name(app), "")
        known = self._checked.get(value)
        if known is not None:
            return self.session_class(known)
        opened = super().open_session(app, request)
        if opened:
            self._checked.put(value, dict(opened))
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.modified or session.permanent:
            super().save_session(app, session, response)
        elif session.accessed:  # as a rule: a page has its token from it
            response.vary.add("Cookie")


def install(app: Flask) -> None:
    app.session_interface = FormSessions()
    tokens = _Latest[str]()

    def remembered() -> None:
        token = tokens.get(session.get(TOKEN, ""))
        if token is not None:
            setattr(g, TOKEN, token)

    def remember(response: Response) -> Response:
        token = g.get(TOKEN)
        if token is not None and (secret := session.get(TOKEN)):
            tokens.put(secret, token)
        return response

    app.before_request(remembered)
    app.after_request(remember)
    app.jinja_env.globals["form_token"] = form_token


def form_token() -> str:
    """Of the forms of this page; Flask-WTF looks for its settings before it looks for the token."""
    token: str = g.get(TOKEN) or generate_csrf()
    return token


class _Latest(Generic[T]):
    """The values put last, by key. Threads share it: each operation is one of a dict's own."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, T] = OrderedDict()

    def get(self, key: str) -> T | None:
        return self._kept.get(key)

    def put(self, key: str, value: T) -> None:
        self._kept[key] = value
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
