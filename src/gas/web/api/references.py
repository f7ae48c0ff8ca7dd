"""What can be annotated against."""

from __future__ import annotations

from flask import Response

from gas.web.api import models
from gas.web.api.answers import answer, blueprint
from gas.web.api.shown import reference_shown
from gas.web.wired import services

operations = blueprint("references", "What can be annotated against.")


@operations.get("/references", responses={200: models.References})
def all() -> Response:  # noqa: A001 - the operation's name
    """Those installed, by name."""
    return answer(
        models.References(references=list(map(reference_shown, services().references.all())))
    )
