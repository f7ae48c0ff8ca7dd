"""What the views work with: the services of this application, and who asks."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from gas.domain.account import Account
from gas.ports.services import Services

EXTENSION = "gas"


def services() -> Services:
    return cast("Services", current_app.extensions[EXTENSION])


def me() -> Account:
    """Who is signed in. The gate lets nobody else through to a private page."""
    return cast("Account", g.account)
