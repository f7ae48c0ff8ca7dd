"""What every operation has in common: its blueprint, its answers, and how bad requests are told."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ValidationError

from gas.domain.errors import Reason
from gas.web.problems import ROOT, problem

MAX_PLACE_LETTERS = 100
MAX_FIELDS = 20
BAD_FIELD = Reason(
    "BAD_FIELD",
    "The request does not fit: see its fields.",
    cure="Compare it with /api/docs.",
)


def blueprint(name: str, about: str) -> APIBlueprint:
    """`name` is what its operations are about: `jobs`."""
    return APIBlueprint(
        f"api_{name}",
        __name__,
        url_prefix=ROOT,
        abp_tags=[Tag(name=name, description=about)],
        operation_id_callback=operation_id,
    )


def operation_id(*, bp_name: str, name: str, path: str, method: str) -> str:  # noqa: ARG001
    """`jobs.submit`."""
    return f"{bp_name.removeprefix('api_')}.{name}"


def answer(model: BaseModel, status: int = 200) -> Response:
    return Response(model.model_dump_json(), status=status, mimetype="application/json")


def empty() -> Response:
    return Response(status=204)


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe_instant(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)


def invalid(error: ValidationError) -> Response:
    """Which fields do not fit, and why; never what was sent."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    fields = [
        {
            "place": ".".join(map(str, each["loc"]))[:MAX_PLACE_LETTERS],
            "message": each["msg"][:MAX_PLACE_LETTERS],
        }
        for each in found[:MAX_FIELDS]
    ]
    return problem(422, BAD_FIELD, fields=fields)
