"""Pages for those who run the service; the gate lets nobody else in."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, render_template, request

from gas.domain.errors import NotFound
from gas.web.outbox import page_of, read_mail
from gas.web.wired import services

pages = Blueprint("operators", __name__, url_prefix="/operator")


@pages.get("/queues")
def queues() -> str:
    return render_template("queues.html", queues=services().queue_desk.states())


@pages.get("/outbox")
def outbox() -> str:
    number = request.args.get("page", 1, type=int)
    return render_template("outbox.html", page=page_of(_folder(), number))


@pages.get("/outbox/<file_name>")
def mail(file_name: str) -> str:
    found = read_mail(_folder(), file_name)
    if found is None:
        raise NotFound("MAIL_NOT_FOUND", "There is no such mail in the outbox.")
    return render_template("mail.html", mail=found)


def _folder() -> Path:
    folder = services().site.outbox_path
    if folder is None:
        raise NotFound("NO_OUTBOX", "Mails of this service go out; none is kept here.")
    return folder
