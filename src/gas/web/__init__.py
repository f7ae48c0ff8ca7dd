"""The pages: views parse, call, render."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from gas.ports.services import Services
from gas.web import (
    account,
    api,
    audited,
    billing,
    contact,
    drain,
    failures,
    files,
    forged,
    form_sessions,
    formats,
    gate,
    headers,
    health,
    home,
    jobs,
    json_bodies,
    operators,
    privacy,
    profile,
    rates,
    references,
    tokens,
    uploads,
    webhooks,
)
from gas.web.wired import EXTENSION


def create_app(services: Services) -> Flask:
    """The WSGI application over what was wired."""
    app = api.new_app(__name__)
    secure = services.site.secure_cookies
    app.config.update(
        SECRET_KEY=services.site.secret_key,
        # Flask's own session carries nothing but what forms are protected with.
        SESSION_COOKIE_NAME="__Host-gas_form" if secure else "gas_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_PATH="/",
        MAX_FORM_PARTS=100,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(0),
        WTF_CSRF_TIME_LIMIT=None,  # a page may stay open as long as the browser's session
        WTF_CSRF_SSL_STRICT=False,  # the gate looks at Sec-Fetch-Site instead of the referrer
        WTF_CSRF_CHECK_DEFAULT=False,  # the gate calls it, after the checks that are cheaper
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions[EXTENSION] = services
    for part in (
        json_bodies,
        form_sessions,
        formats,
        gate,
        forged,
        audited,
        headers,
        failures,
        drain,
        rates,
    ):
        part.install(app)
    for part in (
        home,
        health,
        contact,
        account,
        profile,
        billing,
        tokens,
        webhooks,
        privacy,
        jobs,
        uploads,
        references,
        files,
        operators,
    ):
        app.register_blueprint(part.pages)
    api.install(app)
    return app
