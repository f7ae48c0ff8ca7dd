"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.web import departures
from gas.web.access import close_session, open_session, safe_next
from gas.web.departures import Departed
from gas.web.wired import services

pages = Blueprint("account", __name__)


@pages.get("/sign-in")
def sign_in() -> str:
    return render_template(
        "sign_in.html",
        method=services().sign_in.name,
        departs=services().sign_in.departs,
        next=safe_next(request.args.get("next")),
        again=request.args.get("again") == "yes",  # signed in, but too long ago for something
    )


@pages.post("/sign-in")
def begin() -> Response:
    return_url = services().site.url + url_for("account.back")
    departure = services().sign_in.begin(return_url)
    if departure.url is None:
        return redirect(url_for("account.sign_in"), 303)
    response = _leave_for(departure.url)
    target = safe_next(request.form.get("next"))
    departures.remember(response, Departed(departure.remember, target))
    return response


@pages.get("/sign-in/return")
def back() -> Response:
    """Where the provider sends the browser. What was remembered stays after a refusal: whoever
    leads a browser here with an answer of their own must not break off its real sign-in."""
    if not services().sign_in.departs:
        return redirect(url_for("account.sign_in"))  # a link counts by its form alone
    departed = departures.recall()
    arrival = services().sign_in.finish(request.args.to_dict(), departed.remembered)
    response = redirect(safe_next(departed.next) or url_for("jobs.mine"), 303)
    open_session(arrival, response)
    departures.forget(response)
    return response


@pages.get("/sign-in/link")
def link() -> Response:
    """Only asks: programs that look into mails follow links, and would use it up."""
    if services().sign_in.departs:
        return redirect(url_for("account.sign_in"))
    token = request.args.get("token", "")
    response = make_response(render_template("sign_in_link.html", token=token))
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds the token
    return response


@pages.post("/sign-in/link")
def use() -> Response:
    arrival = services().sign_in.finish({"token": request.form.get("token", "")}, {})
    response = redirect(safe_next(request.form.get("next")) or url_for("jobs.mine"), 303)
    open_session(arrival, response)
    return response


@pages.post("/sign-out")
def sign_out() -> Response:
    response = redirect(url_for("home.home"), 303)
    if farewell := close_session(response):
        leaving = _leave_for(farewell)
        for cookie in response.headers.getlist("Set-Cookie"):
            leaving.headers.add("Set-Cookie", cookie)
        return leaving
    return response


def _leave_for(url: str) -> Response:
    """By a page that goes on by itself: the policy of ours that forms lead nowhere else
    (`form-action`) would stop a redirect in answer to one."""
    response = make_response(
        render_template("leaving.html", url=url, method=services().sign_in.name)
    )
    response.headers["Refresh"] = f"0; url={url}"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
