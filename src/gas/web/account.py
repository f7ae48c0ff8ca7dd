"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.web.access import close_session, open_session, safe_next
from gas.web.wired import services

pages = Blueprint("account", __name__)


@pages.get("/sign-in")
def sign_in() -> str:
    return render_template(
        "sign_in.html",
        method=services().sign_in.name,
        departs=_departs(),
        next=safe_next(request.args.get("next")),
    )


@pages.post("/sign-in")
def begin() -> Response:
    departure = services().sign_in.begin(_return_url())
    return redirect(departure.url or url_for("account.sign_in"), 303)


@pages.get("/sign-in/link")
def link() -> Response:
    """Only asks: programs that look into mails follow links, and would use it up."""
    token = request.args.get("token", "")
    response = make_response(render_template("sign_in_link.html", token=token))
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds the token
    return response


@pages.post("/sign-in/link")
def use() -> Response:
    identity = services().sign_in.finish({"token": request.form.get("token", "")}, {})
    response = redirect(safe_next(request.form.get("next")) or url_for("jobs.mine"), 303)
    open_session(identity, response)
    return response


@pages.post("/sign-out")
def sign_out() -> Response:
    response = redirect(url_for("home.home"), 303)
    close_session(response)
    return response


def _return_url() -> str:
    return services().site.url + url_for("account.link")


def _departs() -> bool:
    return services().sign_in.begin(_return_url()).url is not None
