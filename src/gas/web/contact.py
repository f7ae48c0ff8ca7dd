"""Where to report a hole in the security of this installation: RFC 9116."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from gas.domain.errors import NotFound
from gas.web.wired import services

pages = Blueprint("contact", __name__)
GOOD_FOR = timedelta(days=90)
"""So long an answer may be relied on. It is made anew each time: a site that nobody runs any more
gives none."""


@pages.get("/.well-known/security.txt")
def security_txt() -> Response:
    site = services().site
    if not site.security_contact:
        raise NotFound("NOT_FOUND", "This installation names no contact.")
    expires = (services().clock() + GOOD_FOR).replace(microsecond=0)
    lines = (
        f"Contact: {site.security_contact}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        f"Canonical: {site.url}{url_for('contact.security_txt')}",
        "Preferred-Languages: en",
    )
    text = "".join(f"{line}\n" for line in lines)
    return Response(text, content_type="text/plain; charset=utf-8")
