"""Who the token belongs to."""

from __future__ import annotations

from flask import Response

from gas.web.api import models
from gas.web.api.answers import answer, blueprint, instant
from gas.web.api.door import my_token
from gas.web.api.shown import token_shown
from gas.web.wired import me, services

operations = blueprint("account", "Who the token belongs to.")


@operations.get("/account", responses={200: models.Account})
def mine() -> Response:
    """The account, its plan and what that allows, and the token that asks."""
    account, limits = me(), services().limits
    return answer(
        models.Account(
            id=account.id,
            email=account.email,
            name=account.name,
            role=account.role.value,
            plan=account.plan.value,
            created_at=instant(account.created_at),
            limits=models.Limits(
                input_bytes=limits.input_bytes(account.plan), open_uploads=limits.open_uploads
            ),
            token=token_shown(my_token()),
        )
    )
