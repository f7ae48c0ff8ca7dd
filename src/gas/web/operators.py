"""Pages for those who run the service; the gate lets nobody else in."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from gas.ports.audit import AuditFilter
from gas.ports.mail import Outbox, require_outbox
from gas.web.wired import services

pages = Blueprint("operators", __name__, url_prefix="/operator")
MAILS_A_PAGE = 20
ENTRIES_A_PAGE = 50


@pages.get("/queues")
def queues() -> str:
    return render_template("queues.html", queues=services().queue_desk.states())


@pages.get("/outbox")
def outbox() -> str:
    number = request.args.get("page", 1, type=int)
    return render_template("outbox.html", page=_outbox().page(number, size=MAILS_A_PAGE))


@pages.get("/outbox/<name>")
def mail(name: str) -> str:
    return render_template("mail.html", mail=_outbox().read(name))


@pages.get("/audit")
def audit() -> str:
    wanted = AuditFilter(
        account_id=request.args.get("account", "").strip(),
        action=request.args.get("action", "").strip(),
    )
    before = request.args.get("before", type=int)
    found = services().audit.page(wanted, limit=ENTRIES_A_PAGE + 1, before=before)
    entries = found[:ENTRIES_A_PAGE]
    return render_template(
        "audit.html",
        wanted=wanted,
        before=before,
        entries=entries,
        older=entries[-1].number if len(found) > ENTRIES_A_PAGE else None,
    )


def _outbox() -> Outbox:
    return require_outbox(services().outbox)
