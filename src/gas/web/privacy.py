"""One's own data: a copy of it, and an end to it."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.domain.errors import Forbidden, InputError, NotFound
from gas.domain.export import LIFETIME, NAME, Export, ExportState
from gas.journey.export import ask_export
from gas.journey.forget import delete_account
from gas.journey.submit import open_uploads
from gas.web.access import close_session, end
from gas.web.rates import require_rate
from gas.web.wired import me, services

pages = Blueprint("privacy", __name__, url_prefix="/account/privacy")
FRESH = timedelta(minutes=15)
"""Who deletes an account must have signed in so lately: an open browser is not enough."""
COUNTED_JOBS = 1000


def shown_export() -> dict[str, object]:
    """What `parts/account_privacy.html` needs."""
    export = services().exports.of_account(me().id)
    return {"export": export, "export_days": LIFETIME.days}


@pages.get("")
def page() -> str:
    return render_template("privacy.html", **shown_export())


@pages.post("/export")
def ask() -> Response:
    wired = services()
    require_rate("exports", me().id, wired.rates.exports_per_minute)
    ask_export(
        me(),
        with_files=request.form.get("with_files") == "yes",
        exports=wired.exports,
        files=wired.files,
        queues=wired.queues,
        together=wired.together,
        clock=wired.clock,
    )
    return redirect(url_for("privacy.page"), 303)


@pages.get("/export/file")
def download() -> Response:
    key = _ready().key
    lifetime = services().limits.link_lifetime
    return redirect(services().files.link(key, name=NAME, lifetime=lifetime), 303)


def _ready() -> Export:
    export = services().exports.of_account(me().id)
    if export is None or export.state is not ExportState.READY:
        raise NotFound("NO_EXPORT", "There is no export of yours.", cure="Ask for one.")
    return export


@pages.get("/delete")
def confirm() -> str:
    return render_template("delete_account.html", fresh=_is_fresh(), losses=_losses(), word=_word())


@pages.post("/delete")
def delete() -> Response:
    if not _is_fresh():
        raise Forbidden(
            "SIGN_IN_AGAIN",
            "You signed in too long ago to delete your account.",
            cure="Sign in again, then come back to this page.",
        )
    if request.form.get("email", "").strip().casefold() != _word().casefold():
        raise InputError(
            "EMAIL_DIFFERS",
            "What you typed is not the address of this account; nothing was deleted.",
            cure="Type it as the page shows it.",
        )
    wired = services()
    sessions = wired.sessions.of(me().id, wired.clock())
    delete_account(
        me(),
        accounts=wired.accounts,
        queues=wired.queues,
        together=wired.together,
        clock=wired.clock,
    )
    for each in sessions:
        end(each)  # gone already; but what the authenticator granted for it goes back, too
    response = redirect(url_for("privacy.deleted"), 303)
    close_session(response)
    return response


@pages.get("/deleted")
def deleted() -> str:
    """For everybody: whoever comes here is not signed in any more."""
    g.account = None
    return render_template("account_deleted.html")


def _word() -> str:
    """What has to be typed. An authenticator may vouch for no address."""
    return me().email or me().id


def _is_fresh() -> bool:
    began: datetime = g.session.created_at
    return bool(services().clock() - began < FRESH)


def _losses() -> dict[str, object]:
    wired = services()
    jobs = wired.jobs.owned_by(me().id, limit=COUNTED_JOBS + 1)
    return {
        "jobs": min(len(jobs), COUNTED_JOBS),
        "more": len(jobs) > COUNTED_JOBS,
        "unfinished": sum(not job.state.final for job in jobs),
        "uploads": len(open_uploads(me(), files=wired.files)),
        "plan": me().plan,
    }
