"""What the views work with: the services of this application, and who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import current_app, g

from gas.catalogue import Term
from gas.domain.account import Account
from gas.domain.messages import ARCHIVE
from gas.ports.services import Services

EXTENSION = "gas"


def services() -> Services:
    return cast("Services", current_app.extensions[EXTENSION])


def me() -> Account:
    """Who is signed in. The gate lets nobody else through to a private page."""
    return cast("Account", g.account)


def grace() -> timedelta:
    """The grace period as it is set now, at the queue that it is the delay of."""
    return timedelta(seconds=services().queue_desk.delay_seconds(ARCHIVE.name))


def term() -> Term:
    return Term(grace(), services().unhurried())
