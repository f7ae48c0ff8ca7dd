"""The account page: who one is, what one wants to hear of, the plan, and where one is signed in."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.domain.account import Account, MailKind
from gas.domain.errors import NotFound
from gas.domain.profile import Profile, time_zones, with_profile
from gas.journey.edit_account import edit_account
from gas.web import email_change
from gas.web.access import end
from gas.web.wired import me, services

pages = Blueprint("profile", __name__, url_prefix="/account")
NAME_LETTERS = 16
"""So many of a session's id name it on the page; it is looked for among one's own only."""


@pages.get("")
def page() -> str:
    return render_template(
        "account.html",
        sessions=services().sessions.of(me().id, services().clock()),
        this_session=g.session.id,
        session_name=_session_name,
        time_zones=time_zones(),
        mail_kinds=list(MailKind),
        limit_bytes=services().limits.input_bytes(me().plan),
        done=request.args.get("done"),
    )


@pages.post("/profile")
def change() -> Response:
    """Takes these fields and no other: what a form adds to them (a role, a plan) is not read."""
    wanted = set(request.form.getlist("mail"))
    profile = Profile(
        name=request.form.get("name", ""),
        institution=request.form.get("institution", ""),
        time_zone=request.form.get("time_zone", ""),
        unwanted_mails=frozenset(kind for kind in MailKind if kind not in wanted),
    )
    _edit(profile)
    return _done("profile")


@pages.post("/email")
def ask_for_email() -> Response:
    """Changes nothing yet: who reads mails at the new address confirms it."""
    email_change.send_link(me(), request.form.get("email", ""))
    return _done("email-asked")


@pages.get("/email")
def confirm_email() -> str:
    token = request.args.get("token", "")
    return render_template("confirm_email.html", proof=token, email=email_change.read(me(), token))


@pages.post("/email/confirm")
def take_email() -> Response:
    email = email_change.read(me(), request.form.get("proof", ""))
    edit_account(me(), lambda now: email_change.with_email(now, email), services().accounts)
    return _done("email")


@pages.post("/sessions/end")
def end_one() -> Response:
    name = request.form.get("session", "")
    mine = services().sessions.of(me().id, services().clock())
    found = next((each for each in mine if _session_name(each.id) == name), None)
    if found is None:
        raise NotFound("NO_SESSION", "There is no such session of yours.")
    end(found)
    return _done("session")


@pages.post("/sessions/end-others")
def end_others() -> Response:
    for each in services().sessions.of(me().id, services().clock()):
        if each.id != g.session.id:
            end(each)
    return _done("sessions")


def _edit(profile: Profile) -> Account:
    return edit_account(me(), lambda now: with_profile(now, profile), services().accounts)


def _session_name(session_id: str) -> str:
    return session_id[:NAME_LETTERS]


def _done(what: str) -> Response:
    return redirect(url_for("profile.page", done=what), 303)
