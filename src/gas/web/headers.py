"""What every answer carries, whatever made it."""

from __future__ import annotations

from flask import Flask, Response, g, request

from gas.web.wired import EXTENSION

POLICY = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
EVERYWHERE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}

HTTPS_ONLY = "max-age=31536000; includeSubDomains"
"""A browser that was here once comes by https for a year, to names below ours too."""


def install(app: Flask) -> None:
    if app.extensions[EXTENSION].site.secure_cookies:
        app.after_request(_insist_on_https)
    app.after_request(_protect)


def _insist_on_https(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    return response


def _protect(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        # the address changes with the content
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    targets = g.get("form_targets")
    if targets:
        # A browser holds what a form is answered with, a redirect too, against `form-action`.
        own = " ".join(("form-action 'self'", *targets))
        response.headers["Content-Security-Policy"] = POLICY.replace("form-action 'self'", own)
    # One look at what is there: a look for each would be a tenth of a page's time.
    present = {name.lower() for name, _ in response.headers}
    response.headers.extend([pair for pair in EVERYWHERE.items() if pair[0].lower() not in present])
    return response
